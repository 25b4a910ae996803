package console

import (
	"net/http"
	"net/url"
)

func (c *console) pause(w http.ResponseWriter, r *http.Request, s session) error {
	id := r.PostFormValue("id")
	if err := c.desk.Pause(r.Context(), id, r.PostFormValue("reason")); err != nil {
		return err
	}
	c.audit(r, s, "pause", id)
	return toSource(w, r, id)
}

func (c *console) resume(w http.ResponseWriter, r *http.Request, s session) error {
	id := r.PostFormValue("id")
	if err := c.desk.Resume(r.Context(), id); err != nil {
		return err
	}
	c.audit(r, s, "resume", id)
	return toSource(w, r, id)
}

func toSource(w http.ResponseWriter, r *http.Request, id string) error {
	http.Redirect(w, r, Path+"/sources/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}
