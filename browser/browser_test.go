package browser

import (
	"context"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// window is a window of Chromium, which notes what is asked for.
type window struct {
	t   *testing.T
	ctx context.Context

	mu    sync.Mutex // guards asked
	asked []string   // addresses
}

// open opens a window. Without Chromium the test is skipped.
func open(t *testing.T, options ...chromedp.ExecAllocatorOption) *window {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("left out: there is no chromium")
	}
	options = append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WindowSize(1000, 760),
		chromedp.Flag("lang", "en"),
	}, options...)...)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.asked = append(w.asked, sent.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// patience is how long one step may take.
const patience = time.Minute

// do does things in the window, one after another.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := w.step()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// step is the context of one step.
func (w *window) step() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.ctx, patience)
}

// evaluate is the value of an expression on the page.
func evaluate[T any](w *window, expression string, options ...chromedp.EvaluateOption) T {
	w.t.Helper()
	ctx, cancel := w.step()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// prefer has the window prefer a colour scheme, light or dark.
func (w *window) prefer(scheme string) {
	w.t.Helper()
	w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// text is that of the first element that a selector finds.
func (w *window) text(selector string) string {
	w.t.Helper()
	ctx, cancel := w.step()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		w.t.Fatalf("text of %s: %v", selector, err)
	}
	return strings.TrimSpace(text)
}

// follow clicks on what loads another page.
func (w *window) follow(selector string) {
	w.t.Helper()
	ctx, cancel := w.step()
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		w.t.Fatalf("follow %s: %v", selector, err)
	}
}

// visit loads a page, and returns the status of its answer.
func (w *window) visit(address string) int64 {
	w.t.Helper()
	ctx, cancel := w.step()
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(address))
	if err != nil {
		w.t.Fatalf("visit %s: %v", address, err)
	}
	return answer.Status
}

// has says whether a selector finds something.
func (w *window) has(selector string) bool {
	w.t.Helper()
	return evaluate[bool](w, `document.querySelector(`+quote(selector)+`) !== null`)
}

// all is what an expression makes of each element e that a selector finds.
func (w *window) all(selector, expression string) []string {
	w.t.Helper()
	return evaluate[[]string](w, `[...document.querySelectorAll(`+quote(selector)+`)].map(e => `+expression+`)`)
}

func quote(s string) string { return "`" + s + "`" }

// strangers are the hosts besides ours that the window has asked.
func (w *window) strangers(ours string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	host := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			return address
		}
		return u.Host
	}
	var hosts []string
	for _, address := range w.asked {
		if h := host(address); h != host(ours) && h != "" {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
