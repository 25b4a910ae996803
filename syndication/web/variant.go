package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/newswire/newswire"
)

// variant is what a reader asks for in a feed's query: fewer or more of a topic's articles, or less of each.
type variant struct {
	limit   int
	most    newswire.Policy  // of an article, at most; what its rights do not allow stays out in any case
	with    []newswire.Topic // that every article is in as well, sorted
	without []newswire.Topic // that no article is in, sorted
}

// topicParameter is what the values of a parameter are IDs of, and whether a variant does without that or requires it.
type topicParameter struct {
	topic func(id string) newswire.Topic
	not   bool
}

// topicParameters are those that name topics.
var topicParameters = map[string]topicParameter{
	"author":       {newswire.AuthorTopic, false},
	"category":     {newswire.CategoryTopic, false},
	"source":       {newswire.SourceTopic, false},
	"not-author":   {newswire.AuthorTopic, true},
	"not-category": {newswire.CategoryTopic, true},
	"not-source":   {newswire.SourceTopic, true},
}

const (
	mostArticles   = 200 // of a variant, unless the plain feeds have more
	mostConditions = 8   // topics that a variant names
)

// queryError is what is wrong with a query, as it is said to the reader.
type queryError string

func (e queryError) Error() string { return string(e) }

// variants are those of feeds that have so many articles, unless a query says otherwise.
type variants struct{ limit int }

// plain is no variant: what a feed without a query is.
func (vs variants) plain() variant {
	return variant{limit: vs.limit, most: newswire.PolicyFull}
}

func (v *variant) conditions() int { return len(v.with) + len(v.without) }

// parse reads the query of a topic's feed. Unknown parameters mean nothing, and the same said twice is said once; a known one
// with a value that it cannot have is a queryError.
func (vs variants) parse(topic newswire.Topic, query string) (variant, error) {
	v := vs.plain()
	values, err := url.ParseQuery(query)
	if err != nil {
		return v, queryError("The query cannot be read: it must be name=value, joined by &.")
	}
	for name, given := range values {
		given = slices.Compact(slices.Sorted(slices.Values(given)))
		p, isTopic := topicParameters[name]
		switch {
		case isTopic:
			err = v.combine(topic, name, p, given)
		case name == "content":
			err = v.setContent(given)
		case name == "limit":
			err = v.setLimit(given, max(mostArticles, vs.limit))
		}
		if err != nil {
			return v, err
		}
	}
	slices.Sort(v.with)
	slices.Sort(v.without)
	if v.conditions() > mostConditions {
		return v, queryError(fmt.Sprintf("At most %d topics can be combined.", mostConditions))
	}
	return v, nil
}

// combine has the variant of a topic's feed require, or do without, what a parameter names.
func (v *variant) combine(topic newswire.Topic, name string, p topicParameter, ids []string) error {
	for _, id := range ids {
		if !newswire.ValidID(id) {
			return queryError(name + " must be an ID as it stands in a feed's address.")
		}
		if t := p.topic(id); p.not {
			v.without = append(v.without, t)
		} else if t != topic {
			v.with = append(v.with, t)
		}
	}
	return nil
}

func (v *variant) setContent(given []string) error {
	if len(given) > 1 {
		return queryError("content can be said only once.")
	}
	v.most = newswire.Policy(given[0])
	if v.most != newswire.PolicyFull && v.most != newswire.PolicyExcerpt && v.most != newswire.PolicyTitle {
		return queryError("content must be full, excerpt or title.")
	}
	return nil
}

func (v *variant) setLimit(given []string, most int) (err error) {
	if len(given) > 1 {
		return queryError("limit can be said only once.")
	}
	v.limit, err = strconv.Atoi(given[0])
	if err != nil || v.limit < 1 || v.limit > most {
		return queryError(fmt.Sprintf("limit must be a number from 1 to %d.", most))
	}
	return nil
}

// query is the one way to write the variant: parameters and their values in alphabetical order, each once, and none that
// says what would hold without it. It is empty for the plain feed.
func (vs variants) query(v *variant) string {
	values := url.Values{}
	for _, t := range v.with {
		values.Add(string(t.Kind()), t.ID())
	}
	for _, t := range v.without {
		values.Add("not-"+string(t.Kind()), t.ID())
	}
	if v.most != newswire.PolicyFull {
		values.Set("content", string(v.most))
	}
	if v.limit != vs.limit {
		values.Set("limit", strconv.Itoa(v.limit))
	}
	return values.Encode()
}

// lists says whether the variant has a place for an article that is in some topics.
func (v *variant) lists(topics []newswire.Topic) bool {
	has := func(t newswire.Topic) bool { return slices.Contains(topics, t) }
	return !slices.ContainsFunc(v.with, func(t newswire.Topic) bool { return !has(t) }) && !slices.ContainsFunc(v.without, has)
}

// narrowest is, of a topic and those that are required beside it, the one that is likely to have the fewest articles:
// what is in all of them is found by reading it.
func (v *variant) narrowest(topic newswire.Topic) newswire.Topic {
	width := map[newswire.Kind]int{newswire.KindAuthor: 1, newswire.KindSource: 2, newswire.KindCategory: 3, newswire.KindAll: 4}
	return slices.MinFunc(append([]newswire.Topic{topic}, v.with...), func(a, b newswire.Topic) int {
		return cmp.Compare(width[a.Kind()], width[b.Kind()])
	})
}

// lowered leaves as much of an article as both its own policy and the variant allow.
func (v *variant) lowered(p newswire.Policy) newswire.Policy {
	if v.most == newswire.PolicyTitle || v.most == newswire.PolicyExcerpt && p == newswire.PolicyFull {
		return v.most
	}
	return p
}

// title tells the variant from its topic's plain feed, in a reader's list of feeds.
func (v *variant) title(plain string, name func(newswire.Topic) string) string {
	var said []string
	for _, t := range v.with {
		said = append(said, name(t))
	}
	for _, t := range v.without {
		said = append(said, "not "+name(t))
	}
	if len(said) == 0 {
		return plain
	}
	return plain + " (" + strings.Join(said, ", ") + ")"
}

func withQuery(address, query string) string {
	if query == "" {
		return address
	}
	return address + "?" + query
}

// moved sends the reader to the one address of what it asked for, so that caches keep it once. It is 301 and not 308,
// which mean the same to GET and HEAD, because not every reader knows 308; and the address is relative to that of the
// request, so that it holds under every host name and path.
func moved(w http.ResponseWriter, r *http.Request, location string) error {
	h := w.Header()
	for _, f := range corsFields {
		f.Set(h)
	}
	robotsField.Set(h)
	sniffField.Set(h)
	h.Set("Location", location)
	h.Set("Cache-Control", "max-age=86400")
	send(w, r, http.StatusMovedPermanently, textType, []byte("The feed is at "+location+"\n"))
	return nil
}
