// Package aipref reads statements of AI Preferences: what publishers prefer machines to do with their content, in HTTP
// fields and in robots.txt (draft-ietf-aipref-vocab, draft-ietf-aipref-attach).
//
//	usage := aipref.Usage(answer.Header)
//
// It keeps labels that it does not know, for they are passed on. It drops parameters, and values that are neither y nor n.
package aipref

import (
	"net/http"

	"github.com/dunglas/httpsfv"

	"github.com/newswire/newswire"
)

// The bounds of a statement. One beyond them says nothing, as one that cannot be read.
const (
	maxBytes  = 4 << 10
	maxLabels = 64
)

// Field is the HTTP field with a statement.
const Field = "Content-Usage"

// Usage is what an answer's own fields say of its content.
func Usage(h http.Header) newswire.Usage { return Parse(h.Values(Field)...) }

// Parse reads the lines of one statement, a dictionary of Structured Fields (RFC 9651 §3.2). Of a label that comes twice the
// last value counts. What cannot be read says nothing.
func Parse(lines ...string) newswire.Usage {
	size := 0
	for _, s := range lines {
		size += len(s)
	}
	if size == 0 || size > maxBytes {
		return ""
	}
	said, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil || len(said.Names()) > maxLabels {
		return ""
	}
	preferences := map[string]bool{}
	for _, label := range said.Names() {
		member, _ := said.Get(label)
		item, ok := member.(httpsfv.Item)
		if !ok {
			continue
		}
		if token, ok := item.Value.(httpsfv.Token); ok && (token == "y" || token == "n") {
			preferences[label] = token == "y"
		}
	}
	return newswire.NewUsage(preferences)
}
