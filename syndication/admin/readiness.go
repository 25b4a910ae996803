package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// readiness answers /readyz: 200 when every check is well, 503 otherwise. Everyone learns which check is not; why, only
// those who may see more than health.
type readiness struct {
	checks  []Check
	timeout time.Duration
	guard   guard
}

// report is the body of /readyz.
type report struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"` // by name: "ok", or what is wrong
}

func (h readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code, _ := h.guard.refusal(r)
	rep := report{Ready: true, Checks: map[string]string{}}
	for i, err := range h.run(r.Context()) {
		said := "ok"
		if err != nil {
			rep.Ready, said = false, "failing"
			if code == 0 {
				said = err.Error()
			}
		}
		rep.Checks[h.checks[i].Name] = said
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
	_, _ = w.Write(append(body, '\n')) // whoever asked may have gone away
}

// run makes all checks at once and waits for all of them.
func (h readiness) run(ctx context.Context) []error {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	errs := make([]error, len(h.checks))
	var wg sync.WaitGroup
	for i, c := range h.checks {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("check panicked: %v", p)
				}
			}()
			errs[i] = c.Func(ctx)
		})
	}
	wg.Wait()
	return errs
}
