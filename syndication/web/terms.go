package web

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/revision"
)

// termsFields say of an answer what its articles have in common: the licence that all are under, in the Link field beside
// those links that it has anyway, and what machines may do with all of them (draft-ietf-aipref-attach §2).
func termsFields(articles []newswire.Article, link string) []revision.Field {
	var fields []revision.Field
	terms := syndication.TermsOf(articles)
	if license := terms.Link(); license != "" {
		if link != "" {
			link += ", "
		}
		link += license
	}
	if link != "" {
		fields = append(fields, revision.NewField("Link", link))
	}
	if terms.Usage != "" {
		fields = append(fields, revision.NewField("Content-Usage", string(terms.Usage)))
	}
	return fields
}
