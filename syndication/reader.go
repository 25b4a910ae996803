package syndication

import (
	"slices"
	"time"

	"github.com/newswire/newswire"
)

// Reader is a party that articles are shown to. Every way out of the service that knows its reader asks [Reader.Show], so
// that what an article's rights say is decided here and nowhere else. The zero Reader is the public.
type Reader struct {
	Partner    string          // the partner's ID; empty for the public, which gets what feeds have
	Content    newswire.Policy // of a partner: at most this much of any article; empty: no bound of its own
	Categories []string        // IDs of the categories that the reader gets; empty: all articles
}

// levels are the policies, from least to most.
var levels = []newswire.Policy{newswire.PolicyTitle, newswire.PolicyExcerpt, newswire.PolicyFull}

// Least is the policy that shows less. An unknown or empty one is an excerpt, as in [Build].
func Least(a, b newswire.Policy) newswire.Policy {
	return levels[min(level(a), level(b))]
}

func level(p newswire.Policy) int {
	if i := slices.Index(levels, p); i >= 0 {
		return i
	}
	return slices.Index(levels, newswire.PolicyExcerpt)
}

// Level says how much of an article the reader may see at a time. It is false for an article that the reader may not see at
// all: one that is held, waits for its time or is past it, or is in none of the reader's categories.
//
// The store alone says that the time of an article has come. A clock here that is behind the store's must not have a reader
// miss the moment, which is told once. The end is checked by both clocks, for the store may be away when it comes.
func (r *Reader) Level(a *newswire.Article, now time.Time) (newswire.Policy, bool) {
	if !a.Public() || a.Rights.Over(now) || !r.Gets(a.Categories) {
		return "", false
	}
	allowed := a.Rights.Policy
	if r.Partner != "" && a.Rights.Partners != "" {
		allowed = a.Rights.Partners
	}
	if r.Partner != "" && r.Content != "" {
		return Least(allowed, r.Content), true
	}
	return levels[level(allowed)], true
}

// Show is an article as the reader may see it at a time, through [Finish]: no more text than its level, and its credit line. Its
// policy is then that level. It is false where [Reader.Level] is.
func (r *Reader) Show(a newswire.Article, now time.Time) (newswire.Article, bool) {
	allowed, ok := r.Level(&a, now)
	if !ok {
		return newswire.Article{}, false
	}
	a.Rights.Policy = allowed
	return Finish(a), true
}

// ShowRevision is an earlier revision of an article as the reader may see it at a time: no more than either revision's rights
// allow. It is false where the reader may not see the article as it is today, or might not have seen it then.
func (r *Reader) ShowRevision(earlier, current newswire.Article, now time.Time) (newswire.Article, bool) {
	today, visible := r.Level(&current, now)
	everywhere := *r
	everywhere.Categories = nil
	then, was := everywhere.Level(&earlier, now)
	if !visible || !was {
		return newswire.Article{}, false
	}
	earlier.Rights.Policy = Least(today, then)
	return Finish(earlier), true
}

// Gets says whether the reader gets articles of at least one of these categories.
func (r *Reader) Gets(categories []string) bool {
	if len(r.Categories) == 0 {
		return true
	}
	return slices.ContainsFunc(categories, func(c string) bool { return slices.Contains(r.Categories, c) })
}

// Concerns says whether a change that touched these listings may have changed what the reader sees.
func (r *Reader) Concerns(topics []newswire.Topic) bool {
	return slices.ContainsFunc(topics, func(t newswire.Topic) bool {
		if len(r.Categories) == 0 {
			return t == newswire.All
		}
		return t.Kind() == newswire.KindCategory && slices.Contains(r.Categories, t.ID())
	})
}
