package tracing

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/newswire/newswire"
)

const (
	// within is how long after a visit was recorded a change of its source counts as the visit's. A change that comes later
	// is of the clock or of the operator.
	within = time.Minute

	// lately is how long after a change was heard of the first rendering of a document counts as made for it.
	lately = 10 * time.Minute

	// maxVisits bounds the visits that are remembered.
	maxVisits = 1024

	// maxHeard bounds the changes that renderings are asked of.
	maxHeard = 256

	// maxTopics bounds what is remembered of the topics that one visit has changed.
	maxTopics = 64

	// maxLinks bounds the visits that one rendering leads back to.
	maxLinks = 16
)

// visits are those whose changes the log is going to tell of, by source.
type visits struct {
	mu       sync.Mutex // guards recorded
	recorded map[string]recorded
}

// recorded is a visit that is, or was, recorded.
type recorded struct {
	visit trace.SpanContext
	at    time.Time // when that began
}

// Recording notes that the visit of ctx is about to be recorded with changes of a source.
func (t *Tracer) Recording(ctx context.Context, source string) {
	visit := trace.SpanContextFromContext(ctx)
	if t == nil || !visit.IsSampled() {
		return
	}
	v, now := &t.visits, time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.recorded == nil {
		v.recorded = map[string]recorded{}
	}
	if _, again := v.recorded[source]; !again && len(v.recorded) >= maxVisits {
		for other, r := range v.recorded {
			if now.Sub(r.at) > within {
				delete(v.recorded, other)
			}
		}
		if len(v.recorded) >= maxVisits {
			return // so many at once are an emptied store; the others show what there is to see
		}
	}
	v.recorded[source] = recorded{visit, now}
}

// of is the visit that a change is of, if it is known here.
func (v *visits) of(c *newswire.Change, now time.Time) (recorded, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.recorded) == 0 {
		return recorded{}, false
	}
	for _, topic := range c.Topics {
		source, ok := strings.CutPrefix(string(topic), string(newswire.KindSource)+"/")
		if !ok {
			continue
		}
		r, known := v.recorded[source]
		return r, known && now.Sub(r.at) <= within
	}
	return recorded{}, false
}

// heard are the changes that the log was heard to have, the latest ones of visits that are known here.
type heard struct {
	mu   sync.Mutex // guards both
	ring [maxHeard]news
	next int
}

// news is what one visit has changed, as far as one poll of the log told.
type news struct {
	followed    trace.SpanContext // the step at which it was heard; invalid where there is nothing yet
	at          time.Time
	first, last int64 // marks
	topics      map[newswire.Topic]bool
}

// Heard notes changes that the log was heard to have. They have the marks from first on, as their order is.
func (t *Tracer) Heard(ctx context.Context, changes []newswire.Change, first int64) {
	if t == nil {
		return
	}
	now := time.Now()
	var order []recorded // of the visits, as they are met
	byVisit := map[trace.SpanID]*news{}
	for i := range changes {
		r, ok := t.visits.of(&changes[i], now)
		if !ok {
			continue
		}
		n := byVisit[r.visit.SpanID()]
		if n == nil {
			n = &news{at: now, first: first, last: first + int64(len(changes)), topics: map[newswire.Topic]bool{}}
			byVisit[r.visit.SpanID()] = n
			order = append(order, r)
		}
		for _, topic := range changes[i].Topics {
			if topic.Public() && len(n.topics) < maxTopics {
				n.topics[topic] = true
			}
		}
	}
	for _, r := range order {
		n := byVisit[r.visit.SpanID()]
		_, span := t.tracer.Start(trace.ContextWithSpanContext(ctx, r.visit), "follow", trace.WithTimestamp(r.at))
		Span{span}.Count("newswire.topics", len(n.topics))
		span.End()
		n.followed = span.SpanContext()
		t.heard.add(*n)
	}
}

func (h *heard) add(n news) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ring[h.next] = n
	h.next = (h.next + 1) % len(h.ring)
}

// shown are the steps at which a rendering's changes were heard of, the latest first.
func (h *heard) shown(r *Rendering) []trace.SpanContext {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []trace.SpanContext
	now := time.Now()
	for i := range h.ring {
		n := &h.ring[(h.next-1-i+2*len(h.ring))%len(h.ring)]
		late := r.After == 0 && now.Sub(n.at) > lately
		if n.last > r.After && n.first <= r.Until && n.topics[r.Topic] && !late {
			if out = append(out, n.followed); len(out) == maxLinks {
				break
			}
		}
	}
	return out
}

// Rendering is what is rendered, with the marks between which are the changes that it shows and the rendering before did not.
type Rendering struct {
	Topic newswire.Topic
	Name  string // of the document, such as its format
	After int64  // 0 where nothing was rendered before
	Until int64
}

// Render begins to render what visits have changed, as far as they are known here. It belongs to the trace of the last of
// them, and has links to the others'. Where none is known it is not traced.
func (t *Tracer) Render(ctx context.Context, r Rendering) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	visits := t.heard.shown(&r)
	if len(visits) == 0 {
		return ctx, Span{}
	}
	links := make([]trace.Link, len(visits)-1)
	for i := range links {
		links[i].SpanContext = visits[i+1]
	}
	ctx, s := t.tracer.Start(trace.ContextWithSpanContext(ctx, visits[0]), "render", trace.WithLinks(links...))
	render := Span{s}
	render.Text("newswire.topic", string(r.Topic))
	render.Text("newswire.document", r.Name)
	return ctx, render
}
