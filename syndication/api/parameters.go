package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/newswire/newswire"
)

// values are the parameters of a query, read.
type values struct {
	topic newswire.Topic
	after newswire.Cursor
	limit int
	wait  time.Duration
}

// parameter is one that an operation knows: how it is described, and how it is read.
type parameter struct {
	name   string
	doc    string
	schema func() *huma.Schema
	read   func(v *values, s string) error
}

const (
	defaultLimit = 50
	mostLimit    = 500
	longestWait  = 60 * time.Second
	longestText  = 256 // of a parameter, in bytes
)

var topicParameter = &parameter{
	name: "topic",
	doc:  "What to list: all, category/ID, author/ID or source/ID.",
	schema: func() *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Default: string(newswire.All), Pattern: `^(all|(category|author|source)/[a-z0-9][a-z0-9._-]{0,127})$`}
	},
	read: func(v *values, s string) (err error) {
		if v.topic, err = newswire.ParseTopic(s); err != nil {
			return invalid("topic", "is all, category/ID, author/ID or source/ID")
		}
		return nil
	},
}

var limitParameter = &parameter{
	name: "limit",
	doc:  "The most that the answer holds.",
	schema: func() *huma.Schema {
		least, most := 1.0, float64(mostLimit)
		return &huma.Schema{Type: huma.TypeInteger, Default: defaultLimit, Minimum: &least, Maximum: &most}
	},
	read: func(v *values, s string) (err error) {
		if v.limit, err = strconv.Atoi(s); err != nil || v.limit < 1 || v.limit > mostLimit {
			return invalid("limit", "is a whole number from 1 to %d", mostLimit)
		}
		return nil
	},
}

// afterParameter is a cursor; what it means depends on the operation.
func afterParameter(doc string) *parameter {
	return &parameter{
		name: "after",
		doc:  doc,
		schema: func() *huma.Schema {
			most := longestText
			return &huma.Schema{Type: huma.TypeString, MaxLength: &most}
		},
		read: func(v *values, s string) error {
			if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
				return invalid("after", "is the next of an earlier answer")
			}
			v.after = newswire.Cursor(s)
			return nil
		},
	}
}

var waitParameter = &parameter{
	name: "wait",
	doc:  "How long to wait for a change where there is none, such as 30s; at most 60s. The answer comes at once with the first.",
	schema: func() *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Default: "0s", Pattern: `^[0-9.]+(ms|s|m)?$`, Examples: []any{"30s"}}
	},
	read: func(v *values, s string) error {
		d, err := time.ParseDuration(s)
		if err != nil {
			seconds, nerr := strconv.Atoi(s)
			d, err = time.Duration(min(max(seconds, -1), 1000))*time.Second, nerr
		}
		if err != nil || d < 0 || d > longestWait {
			return invalid("wait", "is a duration from 0s to %s", longestWait)
		}
		v.wait = d
		return nil
	},
}

// parse reads a query. Each parameter may be there once; an empty one counts as left out.
func (v *values) parse(query string, known []*parameter) error {
	*v = values{topic: newswire.All, limit: defaultLimit}
	var seen [8]bool
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil || len(name) > longestText {
			return &fault{kind: "invalid-parameter", detail: "The query is malformed."}
		}
		i := slices.IndexFunc(known, func(p *parameter) bool { return p.name == name })
		if i < 0 {
			return invalid(name, "is not known here")
		}
		text, err := url.QueryUnescape(value)
		switch {
		case err != nil:
			return invalid(name, "is malformed")
		case len(text) > longestText:
			return invalid(name, "is longer than %d bytes", longestText)
		case seen[i]:
			return invalid(name, "is there twice")
		}
		seen[i] = true
		if text == "" {
			continue
		}
		if err := known[i].read(v, text); err != nil {
			return err
		}
	}
	return nil
}
