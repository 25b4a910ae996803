package web

import (
	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
	"github.com/newswire/newswire/syndication/revision"
)

// termsFields say of an answer what its articles have in common: the licence that all are under, in the Link field beside
// those links that it has anyway, and what machines may do with all of them (draft-ietf-aipref-attach §2).
func termsFields(articles []newswire.Article, link string) []revision.Field {
	var fields []revision.Field
	if license := commonLicense(articles); license != "" {
		if link != "" {
			link += ", "
		}
		link += "<" + license + `>; rel="license"`
	}
	if link != "" {
		fields = append(fields, revision.NewField("Link", link))
	}
	if usage := newswire.UsageOf(articles); usage != "" {
		fields = append(fields, revision.NewField("Content-Usage", string(usage)))
	}
	return fields
}

// commonLicense is the address of the licence of all of some articles; empty where they have no such.
func commonLicense(articles []newswire.Article) string {
	for i := range articles {
		if articles[i].Rights.License == "" || articles[i].Rights.License != articles[0].Rights.License {
			return ""
		}
	}
	if len(articles) == 0 {
		return ""
	}
	return text.URL(articles[0].Rights.License)
}
