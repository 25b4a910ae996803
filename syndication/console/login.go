package console

import (
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// guarded refuses foreign hosts, and says what a browser may do with the pages.
func (c *console) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin") // with none, browsers would not say the origin of a form
		if why := c.gate.refusal(r); why != "" {
			http.Error(w, why, http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostBytes)
		next.ServeHTTP(w, r)
	})
}

// ownForm says whether a POST comes from a page of this origin, as far as the browser tells.
func ownForm(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "" || site == "same-origin") && http.NewCrossOriginProtection().Check(r) == nil
}

func (c *console) showLogin(w http.ResponseWriter, r *http.Request) {
	if _, in := c.gate.session(r); in {
		http.Redirect(w, r, Path, http.StatusSeeOther)
		return
	}
	c.show(w, http.StatusOK, "login", view{Title: "Log in"})
}

func (c *console) login(w http.ResponseWriter, r *http.Request) {
	if !ownForm(r) {
		c.fail(w, r, session{}, errForeign)
		return
	}
	right, allowed := c.gate.try(r.RemoteAddr, strings.TrimSpace(r.PostFormValue("token")))
	switch {
	case !allowed:
		w.Header().Set("Retry-After", strconv.Itoa(int(attemptsEvery/time.Second)))
		c.show(w, http.StatusTooManyRequests, "login", view{Title: "Log in", Data: "Too many wrong tokens came from your address. Wait half a minute."})
	case !right:
		c.log.WarnContext(r.Context(), "console", "action", "login refused", "address", r.RemoteAddr)
		c.show(w, http.StatusUnauthorized, "login", view{Title: "Log in", Data: "That is not the admin token."})
	default:
		value, s := c.gate.start()
		http.SetCookie(w, cookie(r, value, int(sessionLasts/time.Second)))
		c.audit(r, s, "login", "")
		http.Redirect(w, r, Path, http.StatusSeeOther)
	}
}

// cookie is the cookie of a session. It goes over https alone where the person came by it.
func cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: Path, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"),
	}
}

func (c *console) logout(w http.ResponseWriter, r *http.Request, s session) error {
	c.gate.end(s)
	c.audit(r, s, "logout", "")
	http.SetCookie(w, cookie(r, "", -1))
	http.Redirect(w, r, Path+"/login", http.StatusSeeOther)
	return nil
}

const errForeign = RefusalError("This did not come from a page of the console, or from one of a session that has ended. Open the page again and repeat it.")

// change makes a change for a person that may, and that sent a form of ours.
func (c *console) change(do func(w http.ResponseWriter, r *http.Request, s session) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, in := c.gate.session(r)
		if !in || !ownForm(r) || subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(c.gate.csrf(s))) != 1 {
			v := view{Title: "Not done", Data: errForeign.Error()}
			c.log.WarnContext(r.Context(), "console", "action", "change refused", "path", r.URL.Path, "address", r.RemoteAddr)
			c.show(w, http.StatusForbidden, "error", v)
			return
		}
		if err := do(w, r, s); err != nil {
			c.fail(w, r, s, err)
		}
	}
}

// audit logs what was done, and who did it.
func (c *console) audit(r *http.Request, s session, action, which string) {
	c.log.InfoContext(r.Context(), "console", "action", action, "which", which, "address", r.RemoteAddr, "session", s.name)
}
