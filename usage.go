package newswire

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// Usage is what a publisher prefers machines to do with an article: an AI Preferences statement
// (draft-ietf-aipref-vocab), such as "search=y, train-ai=n". Its labels are sorted, and each is allowed (y) or not (n).
// What it does not name is not known; it is empty where nothing is.
type Usage string

// NewUsage is the statement that allows each label or not.
func NewUsage(preferences map[string]bool) Usage {
	var b strings.Builder
	for _, label := range slices.Sorted(maps.Keys(preferences)) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(label)
		b.WriteString(map[bool]string{true: "=y", false: "=n"}[preferences[label]])
	}
	return Usage(b.String())
}

// All are the labels of the statement, sorted, and whether each is allowed.
func (u Usage) All() iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		for part := range strings.SplitSeq(string(u), ", ") {
			label, value, ok := strings.Cut(part, "=")
			if ok && label != "" && !yield(label, value == "y") {
				return
			}
		}
	}
}

// And combines two statements about the same content: what either does not allow is not allowed, and otherwise what either
// allows is (draft-ietf-aipref-vocab §5.1).
func (u Usage) And(other Usage) Usage {
	switch {
	case other == "" || other == u:
		return u
	case u == "":
		return other
	}
	both := maps.Collect(u.All())
	for label, allowed := range other.All() {
		before, said := both[label]
		both[label] = allowed && (before || !said)
	}
	return NewUsage(both)
}

// Denied is what of the statement is not allowed.
func (u Usage) Denied() Usage {
	denied := map[string]bool{}
	for label, allowed := range u.All() {
		if !allowed {
			denied[label] = false
		}
	}
	return NewUsage(denied)
}

// UsageOf is the statement about articles that go together, as in a feed: what one of them does not allow is not allowed,
// and only what all of them allow is. So it loosens what is said of none.
func UsageOf(articles []Article) Usage {
	return together(func(yield func(Usage) bool) {
		for i := range articles {
			if !yield(articles[i].Rights.Usage) {
				return
			}
		}
	})
}

// Together is UsageOf, for statements.
func Together(statements ...Usage) Usage { return together(slices.Values(statements)) }

func together(statements iter.Seq[Usage]) Usage {
	var last Usage
	n, counts := 0, map[Usage]int(nil)
	for u := range statements {
		if n++; n > 1 && u != last && counts == nil {
			counts = map[Usage]int{last: n - 1}
		}
		if last = u; counts != nil {
			counts[u]++
		}
	}
	if counts == nil {
		return last
	}
	said, allow := map[string]bool{}, map[string]int{}
	for u, times := range counts {
		for label, allowed := range u.All() {
			if !allowed {
				said[label] = false
			} else if allow[label] += times; allow[label] == n {
				said[label] = true
			}
		}
	}
	return NewUsage(said)
}
