package syndication

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// Terms are what the articles of one answer or message have in common, for the header of that.
type Terms struct {
	License string         // address of the licence that all are under; empty where they have no such
	Usage   newswire.Usage // what machines may do with all of them
}

// TermsOf are the terms of articles.
func TermsOf(articles []newswire.Article) Terms {
	terms := make([]Terms, len(articles))
	for i := range articles {
		terms[i] = Terms{articles[i].Rights.License, articles[i].Rights.Usage}
	}
	return CommonTerms(terms)
}

// CommonTerms are what terms have in common: a licence that all have, and of usage what [newswire.Together] says.
func CommonTerms(terms []Terms) Terms {
	if len(terms) == 0 {
		return Terms{}
	}
	license, usages := terms[0].License, make([]newswire.Usage, len(terms))
	for i, t := range terms {
		usages[i] = t.Usage
		if t.License != license {
			license = ""
		}
	}
	return Terms{text.URL(license), newswire.Together(usages...)}
}

// Link is the licence as a value of the Link field (RFC 8288); empty where there is none.
func (t Terms) Link() string {
	if t.License == "" {
		return ""
	}
	return "<" + t.License + `>; rel="license"`
}

// State says the terms in a header, beside what is there: the licence as Link, and Content-Usage
// (draft-ietf-aipref-attach §2).
func (t Terms) State(header map[string][]string) {
	if link := t.Link(); link != "" {
		header["Link"] = append(header["Link"], link)
	}
	if t.Usage != "" {
		header["Content-Usage"] = []string{string(t.Usage)}
	}
}
