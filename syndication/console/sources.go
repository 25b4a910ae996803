package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/admin"
)

const (
	sourcesOnPage = 50
	troubleShown  = 10 // sources on the overview
	articlesShown = 20
)

// problem is a check that is not well.
type problem struct{ Name, Why string }

// overviewData is what is wrong, and how many there are of all.
type overviewData struct {
	Problems       []problem
	Trouble        []Source // the worst
	TroubleCount   int
	Sources        int
	Held           heldArticles
	Webhooks, Hubs subscribers
}

// subscribers counts those that we tell of changes.
type subscribers struct{ All, Failing int }

// Well says whether there is nothing to do.
func (d overviewData) Well() bool {
	return len(d.Problems) == 0 && d.TroubleCount == 0 && len(d.Held.Articles) == 0 && d.Webhooks.Failing == 0 && d.Hubs.Failing == 0
}

// failing asks all checks at once.
func failing(ctx context.Context, checks []admin.Check) []problem {
	said := make([]string, len(checks))
	var wg sync.WaitGroup
	for i, check := range checks {
		wg.Go(func() {
			if err := check.Func(ctx); err != nil {
				said[i] = err.Error()
			}
		})
	}
	wg.Wait()
	var out []problem
	for i, why := range said {
		if why != "" {
			out = append(out, problem{checks[i].Name, why})
		}
	}
	return out
}

// overview says what is wrong also while the store is away.
func (c *console) overview(r *http.Request) (page, title string, data any, err error) {
	ctx := r.Context()
	d := overviewData{Problems: failing(ctx, c.checks)}
	if err := c.survey(ctx, &d); err != nil {
		c.log.WarnContext(ctx, "the overview of the console is not complete", "error", err)
		d.Problems = append(d.Problems, problem{"console", "the store does not answer, so the rest of this page is not complete"})
	}
	return "overview", "Overview", d, nil
}

func (c *console) survey(ctx context.Context, d *overviewData) error {
	list, err := c.worstFirst(ctx)
	if err != nil {
		return err
	}
	d.Sources = len(list)
	for _, s := range list {
		if badness(&s) < unremarkable {
			d.TroubleCount++
		}
	}
	d.Trouble = list[:min(d.TroubleCount, troubleShown)]
	if d.Held, err = c.waiting(ctx, ""); err != nil {
		return err
	}
	if d.Webhooks, err = countSubscribers(ctx, c.store, cache.ChannelWebhook); err != nil {
		return err
	}
	d.Hubs, err = countSubscribers(ctx, c.store, cache.ChannelHub)
	return err
}

func countSubscribers(ctx context.Context, store Store, channel cache.Channel) (s subscribers, err error) {
	if s.All, err = store.CountSubscriptions(ctx, cache.SubscriptionQuery{Channel: channel}); err == nil {
		s.Failing, err = store.CountSubscriptions(ctx, cache.SubscriptionQuery{Channel: channel, Failing: true})
	}
	return s, err
}

// unremarkable is the badness of sources that need nothing of the operator, and of worse ones less.
const unremarkable = 4

// badness orders sources: the worst have the least.
func badness(s *Source) int {
	switch {
	case s.Condition == "failing":
		return 0
	case s.Condition == "doubted":
		return 1
	case s.Condition == "stopped":
		return 2
	case len(s.Remarks) > 0:
		return 3
	case s.Condition == "new":
		return unremarkable
	}
	return unremarkable + 1
}

func (c *console) worstFirst(ctx context.Context) ([]Source, error) {
	list, err := c.desk.Sources(ctx)
	slices.SortStableFunc(list, func(a, b Source) int {
		return cmp.Or(cmp.Compare(badness(&a), badness(&b)), cmp.Compare(b.Failures, a.Failures), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// sourcesData is a page of sources.
type sourcesData struct {
	Sources              []Source
	All                  int
	Number, Before, Next int // of pages; 0 for none
}

func (c *console) sources(r *http.Request) (page, title string, data any, err error) {
	list, err := c.worstFirst(r.Context())
	if err != nil {
		return "", "", nil, err
	}
	d := sourcesData{All: len(list), Number: 1}
	if n, err := strconv.Atoi(r.FormValue("page")); err == nil && n > 0 && n <= 1+len(list)/sourcesOnPage {
		d.Number = n
	}
	d.Before = d.Number - 1
	first := min(d.Before*sourcesOnPage, len(list))
	last := min(first+sourcesOnPage, len(list))
	if last < len(list) {
		d.Next = d.Number + 1
	}
	d.Sources = list[first:last]
	return "sources", "Sources", d, nil
}

// sourceData is one source.
type sourceData struct {
	Source   Source
	Site     newswire.Site
	Notes    []newswire.Note    // of its last visits, newest first
	Articles []newswire.Article // as they are republished
	Held     heldArticles
}

// Feeds are the addresses of a source's feeds.
func (d sourceData) Feeds() []string {
	base := d.Site.URL + "/feeds/" + string(newswire.SourceTopic(d.Source.ID))
	return []string{base + ".atom", base + ".rss", base + ".json"}
}

func (c *console) source(r *http.Request) (page, title string, data any, err error) {
	ctx, id := r.Context(), r.PathValue("id")
	list, err := c.desk.Sources(ctx)
	if err != nil {
		return "", "", nil, err
	}
	at := slices.IndexFunc(list, func(s Source) bool { return s.ID == id })
	if at < 0 {
		return "", "", nil, newswire.ErrNotFound
	}
	d := sourceData{Source: list[at], Site: c.desk.Site()}
	if d.Notes, err = c.desk.Notes(ctx, id); err != nil {
		return "", "", nil, err
	}
	topic := newswire.SourceTopic(id)
	newest, err := c.store.Articles(ctx, cache.Query{Topic: topic, Limit: articlesShown})
	if err != nil {
		return "", "", nil, err
	}
	feed := syndication.Build(d.Site, topic, d.Source.Name, "", newest.Articles)
	d.Articles = feed.Articles
	if d.Held, err = c.waiting(ctx, id); err != nil {
		return "", "", nil, err
	}
	return "source", d.Source.Name, d, nil
}
