package sources

import (
	"net/url"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/parse"
)

// license is the address of the licence that an answer's Link headers name for it: one that people read, else a document
// of Really Simple Licensing (RSL 1.0).
func license(answer *fetch.Answer) string {
	base, err := url.Parse(answer.URL)
	if err != nil {
		return ""
	}
	document := ""
	for _, l := range fetch.Links(answer.Header) {
		if l.Params["anchor"] != "" || !slices.Contains(strings.Fields(strings.ToLower(l.Params["rel"])), "license") {
			continue
		}
		switch address := clean.Address(base, l.Target); {
		case address == "":
		case !parse.IsRSL(l.Params["type"]):
			return address
		case document == "":
			document = address
		}
	}
	return document
}
