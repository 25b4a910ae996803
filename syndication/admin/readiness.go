package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// checks are made for a request. Each client learns which of them is not well. Why it is not well is told to those alone
// that may see more than health.
type checks struct {
	list    []Check
	timeout time.Duration
	guard   guard
}

// alive answers /healthz: 200, for the process answers. What is not well follows, a line each.
type alive struct{ checks }

func (h alive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := "ok\n"
	for i, said := range h.tell(r) {
		if said != well {
			body += h.list[i].Name + ": " + said + "\n"
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(body)) // the client may have gone away
}

// readiness answers /readyz: 200 when every check is well that does not only warn, 503 otherwise.
type readiness struct{ checks }

// report is the body of /readyz.
type report struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"` // by name: "ok", or what is wrong
}

func (h readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rep := report{Ready: true, Checks: map[string]string{}}
	for i, said := range h.tell(r) {
		c := h.list[i]
		rep.Checks[c.Name] = said
		rep.Ready = rep.Ready && (said == well || c.Warns)
	}
	body, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !rep.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // the client may have gone away
}

// well is what a check that passes is reported as.
const well = "ok"

// tell makes all checks at once and waits for all of them. It returns what the sender of the request is told of each.
func (h checks) tell(r *http.Request) []string {
	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	code, _ := h.guard.refusal(r)
	said := make([]string, len(h.list))
	var wg sync.WaitGroup
	for i, c := range h.list {
		wg.Go(func() {
			switch err := c.run(ctx); {
			case err == nil:
				said[i] = well
			case code != 0:
				said[i] = "failing"
			default:
				said[i] = err.Error()
			}
		})
	}
	wg.Wait()
	return said
}

func (c Check) run(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("check panicked: %v", p)
		}
	}()
	return c.Func(ctx)
}
