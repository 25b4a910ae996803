package revision

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
)

// ErrOver says that the time of what there is has ended, and that the store does not say what is in its place.
var ErrOver = errors.New("what there is may be shown no longer")

// over says whether a representation may be shown no more, by a clock.
func (rep *representation) over(clock func() time.Time) bool {
	return rep.until != 0 && clock().UnixNano() >= rep.until
}

// endsAt is Content.Until in Unix nanoseconds; 0 for none.
func endsAt(until time.Time) int64 {
	if until.IsZero() {
		return 0
	}
	return until.UnixNano()
}

// Until is the first end of articles; zero for none.
func Until(articles []newswire.Article) (until time.Time) {
	for i := range articles {
		if end := articles[i].Rights.Until; !end.IsZero() && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	return until
}

// succession is a revision that is over, and where another one is to be in its place.
type succession struct {
	engine *Engine
	res    *resource
	over   *revision
	target Target
}

// next is the revision to show: of the store, which knows whether an end was put off; or else of what is at hand.
func (s *succession) next(ctx context.Context) (*revision, error) {
	e := s.engine
	// A reader that goes away must not take it from those that wait for the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.options.Timeout)
	defer cancel()
	made, err, _ := e.flights.Do("over "+s.target.label(), func() (any, error) {
		if rev := s.res.revision.Load(); rev != nil && !rev.over(e.options.Now) {
			return rev, nil // another request was here
		}
		err := errRecalled
		if !e.follower.lost.Load() && !e.follower.stalls() && !e.resting(s.res) {
			var rev *revision
			if rev, err = e.renderUnlessStalled(ctx, s.res, s.target); err == nil && !rev.over(e.options.Now) {
				return rev, nil
			}
			if e.options.IsAnswer(err) {
				return nil, err
			}
		}
		return s.advance(err)
	})
	if err != nil {
		return nil, err
	}
	return made.(*revision), nil
}

// advance makes a revision of the one that is over, without what has ended. It is stale from the beginning. Why says what keeps
// the store from saying what is in its place.
func (s *succession) advance(why error) (*revision, error) {
	e := s.engine
	if s.over.later == nil {
		e.shelf.drop(s.res)
		return nil, errors.Join(ErrOver, why)
	}
	c, err := s.over.later(e.options.Now())
	if err != nil {
		e.shelf.drop(s.res)
		return nil, err
	}
	next := &revision{newRepresentation(c, e.options.cacheControl()), s.over.asOf}
	next.representation = next.after(s.over.representation)
	if s.res.revision.CompareAndSwap(s.over, next) {
		e.shelf.charge(s.res)
		e.persister.owed.Store(true)
		raise(s.res.stale, e.marks.Add(1))
	}
	return next, nil
}

// bound has caches keep an answer no longer than until its end. Without that one in between would show an article for minutes,
// or a day where the service is away, after it has ended here.
func (rep *representation) bound(h http.Header, now time.Time) {
	left := (rep.until - now.UnixNano()) / int64(time.Second)
	directives := strings.Split(h.Get("Cache-Control"), ", ")
	for i, directive := range directives { // max-age is the first of those with a number
		name, number, ok := strings.Cut(directive, "=")
		n, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil {
			continue
		}
		n = max(0, min(n, left))
		if name == "max-age" {
			left -= n
		}
		directives[i] = name + "=" + strconv.FormatInt(n, 10)
	}
	h.Set("Cache-Control", strings.Join(directives, ", "))
}

// at is the page without the articles that have ended at a time.
func (p *TopicPage) at(now time.Time) *TopicPage {
	next := TopicPage{Tombstones: p.Tombstones, Full: p.Full, Changed: p.Changed}
	next.Feed = Current(&p.Feed, now)
	next.measure()
	return &next
}

// Current is a feed that was gathered, without the articles that have ended at a time.
func Current(f *newswire.Feed, now time.Time) newswire.Feed {
	var articles []newswire.Article
	for i := range f.Articles {
		if !f.Articles[i].Rights.Over(now) {
			articles = append(articles, f.Articles[i])
		}
	}
	next := syndication.Gather(f.Site, f.Topic, f.Title, f.Subtitle, articles)
	next.Query, next.Hub, next.Page, next.Older = f.Query, f.Hub, f.Page, f.Older
	return next
}
