package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// decision is what an operator may have done, by a form with the id of what it is about.
type decision struct {
	action string                                 // in the log, and the last part of the form's address
	do     func(r *http.Request, id string) error // what the desk does
	then   func(id string) string                 // address of the page that shows what came of it
}

// decisions are all there are.
func (c *console) decisions() []decision {
	return []decision{
		{"visit", plainly(c.desk.Visit), sourcePage},
		{"pause", func(r *http.Request, id string) error {
			return c.desk.Pause(r.Context(), id, r.PostFormValue("reason"))
		}, sourcePage},
		{"resume", plainly(c.desk.Resume), sourcePage},
		{"release", plainly(c.desk.Release), articlePage},
		{"drop", forReaders(c.desk.Drop), articlePage},
		{"withdraw", forReaders(c.desk.Withdraw), articlePage},
		{"replay", plainly(c.desk.Replay), func(string) string { return Path + "/partners" }},
	}
}

// decide has a decision done, and noted in the log.
func (c *console) decide(d decision) func(w http.ResponseWriter, r *http.Request, s session) error {
	return func(w http.ResponseWriter, r *http.Request, s session) error {
		id := r.PostFormValue("id")
		if err := d.do(r, id); err != nil {
			return err
		}
		c.audit(r, s, d.action, id)
		http.Redirect(w, r, d.then(id), http.StatusSeeOther)
		return nil
	}
}

// plainly does what needs no reason.
func plainly(do func(ctx context.Context, id string) error) func(r *http.Request, id string) error {
	return func(r *http.Request, id string) error { return do(r.Context(), id) }
}

// forReaders does what needs a reason, for readers of the tombstone.
func forReaders(do func(ctx context.Context, id, reason string) error) func(r *http.Request, id string) error {
	return func(r *http.Request, id string) error {
		reason := strings.Join(strings.Fields(r.PostFormValue("reason")), " ")
		if reason == "" {
			return RefusalError("Say why, for readers of the tombstone.")
		}
		return do(r.Context(), id, reason)
	}
}

func sourcePage(id string) string { return Path + "/sources/" + url.PathEscape(id) }

func articlePage(id string) string { return Path + "/article?id=" + url.QueryEscape(id) }
