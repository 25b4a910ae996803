package sources_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// deleting is the feed with tombstones for some guids, each with the comment.
func deleting(feed, comment string, guids ...string) string {
	var b strings.Builder
	for _, guid := range guids {
		fmt.Fprintf(&b, `<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="%s"><at:comment>%s</at:comment></at:deleted-entry>`, guid, comment)
	}
	return strings.Replace(feed, "</channel>", b.String()+"</channel>", 1)
}

// numbered are items for rss from one number to another.
func numbered(from, to int) []string {
	var items []string
	for n := from; n <= to; n++ {
		items = append(items, fmt.Sprintf("%d Article %d", n, n))
	}
	return items
}

// guids are the guids of numbered items.
func guids(from, to int) []string {
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprint(n))
	}
	return out
}

func TestAPublisherWithdrawsItsOwnArticlesAndNobodyElses(t *testing.T) {
	d, pub, other := newHarness(t), sourcetest.NewPublisher(t, rss("2 Two", "1 One")), sourcetest.NewPublisher(t, rss("1 Another's"))
	pub.SetHeader("Cache-Control", "")
	s, o := newswire.Source{ID: "pub", URL: pub.URL()}, newswire.Source{ID: "other", URL: other.URL()}
	d.visit(nil, s, o)
	// The third was never met: what the document itself says is withdrawn is not published.
	pub.Publish(deleting(rss("4 Four", "3 Three", "2 Two", "1 One"), "a mistake &amp; more", "1", "3", "unheard-of"))
	r := d.visit(nil, s)["pub"]
	wantOutcome(t, r, sources.Changed, 1, 0)
	if r.Withdrawn != 1 || r.Error != "" {
		t.Errorf("%d withdrawn (%s), want 1", r.Withdrawn, r.Error)
	}
	if got := titles(d.articles(newswire.SourceTopic("pub"))); !slices.Equal(got, []string{"Four", "Two"}) {
		t.Errorf("articles %q, want Four, Two", got)
	}
	if got := titles(d.articles(newswire.SourceTopic("other"))); !slices.Equal(got, []string{"Another's"}) {
		t.Errorf("articles of the other source: %q", got)
	}
	stone, err := d.store.Tombstone(t.Context(), newswire.ArticleID("pub", "1"))
	if err != nil || stone.Reason != "a mistake & more" {
		t.Errorf("tombstone %+v, %v; want the publisher's reason", stone, err)
	}
	// Nothing is remembered of what was never met: offered by a document that does not withdraw it, it is there.
	pub.Publish(rss("3 Three", "1 One"))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
}

func TestAWithdrawalWithoutAReasonSaysWhoseItIs(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	pub.Publish(`{"version":"https://jsonfeed.org/version/1.1","title":"Pub","items":[],"_newswire":{"tombstones":[{"id":"1","article":"x-1","withdrawn":"2026-03-01T00:00:00Z"}]}}`)
	if r := d.visit(nil, s)["pub"]; r.Withdrawn != 1 {
		t.Errorf("%+v, want one withdrawn", r)
	}
	stone, err := d.store.Tombstone(t.Context(), newswire.ArticleID("pub", "1"))
	if err != nil || stone.Reason != "its publisher has withdrawn it" {
		t.Errorf("tombstone %+v, %v", stone, err)
	}
}

func TestAnOperatorMayIgnoreWithdrawals(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL(), Withdrawals: newswire.TrustNone}
	d.visit(nil, s)
	pub.Publish(deleting(rss("2 Two", "1 One"), "", "1", "2"))
	wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
	if n := len(d.articles(newswire.All)); n != 2 {
		t.Errorf("%d articles, want 2", n)
	}
	// The same document means something else to an operator who has changed their mind.
	pub.SetHeader("ETag", "")
	pub.SetHeader("Last-Modified", "")
	s.Withdrawals = newswire.TrustUsual
	d.visit(nil, s)
	if r := d.visit(nil, s)["pub"]; r.Withdrawn != 0 {
		t.Errorf("withdrawn again: %+v", r)
	}
	if n := len(d.articles(newswire.All)); n != 0 {
		t.Errorf("%d articles, want none", n)
	}
}

// standing is what an operator is told of a source.
func (d *harness) standing(s newswire.Source) sources.Standing {
	d.t.Helper()
	s.Schedule = "@every 1h"
	catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	list, err := sources.Standings(d.t.Context(), d.store, catalog)
	if err != nil {
		d.t.Fatal(err)
	}
	return list[0]
}

func TestAGreatManyWithdrawalsAtOnceWaitForTheOperator(t *testing.T) {
	for _, tt := range []struct {
		there, withdrawn int
		doubted          bool
	}{
		{20, 20, false}, {40, 20, false}, {42, 21, false}, {41, 21, true}, {30, 30, true},
	} {
		t.Run(fmt.Sprintf("%d of %d", tt.withdrawn, tt.there), func(t *testing.T) {
			d, pub := newHarness(t), sourcetest.NewPublisher(t, rss(numbered(1, tt.there)...))
			pub.SetHeader("Cache-Control", "")
			s := newswire.Source{ID: "pub", URL: pub.URL()}
			d.visit(nil, s)
			document := deleting(rss(append(numbered(1, tt.there), "new New", "gone Gone")...), "", append(guids(1, tt.withdrawn), "gone")...)
			pub.Publish(document)
			r := d.visit(nil, s)["pub"]
			if !tt.doubted {
				if r.Withdrawn != tt.withdrawn || r.Error != "" || len(d.articles(newswire.All)) != tt.there-tt.withdrawn+1 {
					t.Errorf("%+v with %d articles left", r, len(d.articles(newswire.All)))
				}
				return
			}
			for range 2 { // it stays in doubt, and what is new arrives all the same
				if r.Withdrawn != 0 || r.Doubted != tt.withdrawn || !strings.Contains(r.Error, "withdrawals: all") {
					t.Errorf("%+v, want %d in doubt", r, tt.withdrawn)
				}
				if n := len(d.articles(newswire.All)); n != tt.there+1 {
					t.Errorf("%d articles, want %d", n, tt.there+1)
				}
				if s := d.standing(s); s.Condition != sources.InDoubt || s.Error != r.Error {
					t.Errorf("standing %+v", s)
				}
				r = d.visit(nil, s)["pub"]
			}
			if pub.LastRequest().Header.Get("If-None-Match") == "" {
				t.Error("a visit in doubt is unconditional")
			}
			s.Withdrawals = newswire.TrustAll
			if r := d.visit(nil, s)["pub"]; r.Withdrawn != tt.withdrawn || r.Error != "" {
				t.Errorf("%+v, want %d withdrawn", r, tt.withdrawn)
			}
			if s := d.standing(s); s.Condition != sources.Well || s.Error != "" {
				t.Errorf("standing %+v", s)
			}
			s.Withdrawals = newswire.TrustUsual
			wantOutcome(t, d.visit(nil, s)["pub"], sources.NotModified, 0, 0)
		})
	}
}

func TestAPageThatIsGoneWithdrawsItsArticle(t *testing.T) {
	for trust, want := range map[newswire.Trust][]string{"": {"Three"}, newswire.TrustNone: {"Three", "Two", "Onne"}} {
		t.Run(string(trust), func(t *testing.T) {
			d, pub := newHarness(t), sourcetest.NewPublisher(t, "")
			publish := func(items ...string) {
				pub.Publish(strings.ReplaceAll(rss(items...), "https://pub.example/", pub.Site()+"/"))
			}
			pub.SetHeader("Cache-Control", "")
			var gone atomic.Bool
			page := sourcetest.Document("text/html", "<html><body><article><p>The whole text of it, at some length, as articles have.</p></article></body></html>")
			pub.Handle("/3", page)
			for _, path := range []string{"/1", "/2"} {
				pub.Handle(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if gone.Load() {
						sourcetest.Status(410).ServeHTTP(w, r)
						return
					}
					page.ServeHTTP(w, r)
				}))
			}
			s := newswire.Source{ID: "pub", URL: pub.URL(), FullText: true, Withdrawals: trust}
			publish("1 One")
			wantOutcome(t, d.visit(nil, s)["pub"], sources.Changed, 1, 0)
			gone.Store(true)
			publish("3 Three", "2 Two", "1 Onne")
			for range 3 { // as often as a page is tried
				d.visit(nil, s)
			}
			if got := titles(d.articles(newswire.All)); !slices.Equal(got, want) {
				t.Errorf("articles %q, want %q", got, want)
			}
			if n := len(d.state("pub").Unread); n != 0 {
				t.Errorf("%d wait to be read", n)
			}
		})
	}
}

func TestAThousandReplaysResurrectNothing(t *testing.T) {
	d, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Cache-Control", "")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.visit(nil, s)
	pub.Publish(deleting(rss("2 Two"), "", "1"))
	d.visit(nil, s)
	head, err := d.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := range replays {
		document := rss(fmt.Sprintf("1 One, version %d @Mon, 02 Mar 2026 10:00:%02d GMT", n/2, n%60), "2 Two")
		if n%3 == 0 {
			document = deleting(document, "again", "1")
		}
		if n%5 == 0 {
			pub.AnswerOnce(partial(document))
		} else {
			pub.Publish(document)
		}
		if r := d.visit(nil, s)["pub"]; r.New+r.Edited+r.Withdrawn != 0 || r.Error != "" {
			t.Fatalf("replay %d: %+v", n, r)
		}
	}
	if now, err := d.store.Head(t.Context()); err != nil || now != head {
		t.Errorf("the change log moved from %q to %q (%v)", head, now, err)
	}
	if _, err := d.store.Article(t.Context(), newswire.ArticleID("pub", "1")); !errors.Is(err, newswire.ErrWithdrawn) {
		t.Errorf("Article = %v, want ErrWithdrawn", err)
	}
}

// brittle is a store that fails at its n-th withdrawal or record, as when the process dies.
type brittle struct {
	sources.Store
	left int
}

func (b *brittle) step() error {
	if b.left--; b.left < 0 {
		return cachetest.ErrInjected
	}
	return nil
}

func (b *brittle) Withdraw(ctx context.Context, id, reason string) (newswire.Tombstone, error) {
	if err := b.step(); err != nil {
		return newswire.Tombstone{}, err
	}
	return b.Store.Withdraw(ctx, id, reason)
}

func (b *brittle) Record(ctx context.Context, lease cache.Lease, v newswire.Visit, turns ...cache.Turn) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Store.Record(ctx, lease, v, turns...)
}

func TestWithdrawalsAreWholeOrRepeated(t *testing.T) {
	for n := range 4 { // before the first of three withdrawals, …, between the last and the record
		d, pub := newHarness(t), sourcetest.NewPublisher(t, rss(numbered(1, 5)...))
		pub.SetHeader("Cache-Control", "")
		list := []newswire.Source{{ID: "pub", URL: pub.URL(), Schedule: "@every 1h", Rights: newswire.Rights{Policy: newswire.PolicyFull}}}
		d.visit(nil, list...)
		pub.Publish(deleting(rss(numbered(1, 5)...), "", guids(1, 3)...))
		catalog, err := sources.NewCatalog(list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		store := &brittle{Store: d.store, left: n}
		a := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: d.client}, sources.Options{})
		if err := a.Round(t.Context(), "pub"); !errors.Is(err, cachetest.ErrInjected) {
			t.Fatalf("struck at %d: %v, want the fault", n, err)
		}
		d.advance(24 * time.Hour)
		if r := d.visit(nil, list...)["pub"]; r.Withdrawn != 3-min(n, 3) || r.Error != "" {
			t.Errorf("struck at %d, then repeated: %+v", n, r)
		}
		if got := len(d.articles(newswire.All)); got != 2 {
			t.Errorf("struck at %d, then repeated: %d articles, want 2", n, got)
		}
	}
}
