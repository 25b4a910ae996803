package syndication

import (
	"cmp"
	"html"
	"net/url"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// statementLength bounds a rights statement in the credit line; the whole of it is in the feed's own elements.
const statementLength = 160

// credited ends an article's text with its credit line. Most readers show nothing of an atom:source, so credit that
// must be seen has to be in the text.
func credited(a newswire.Article) newswire.Article {
	if a.NoCredit {
		return a
	}
	if a.Content != "" {
		a.Content += credit(&a)
	} else {
		a.Summary += credit(&a)
	}
	return a
}

// credit is the credit line: one paragraph with the article, its publisher, its authors and its terms, and without a word
// of ours in any language.
func credit(a *newswire.Article) string {
	var parts []string
	address := text.URL(a.URL)
	if address != "" {
		name := a.Title
		if name == "" {
			name = strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
		}
		parts = append(parts, link(address, name))
	}
	p := &a.Publisher
	site := firstURL(p.URL, p.FeedURL)
	if name := cmp.Or(p.Title, host(site)); name != "" {
		parts = append(parts, link(site, name))
	}
	var authors []string
	for _, by := range a.Authors {
		if by.Name != "" && by.Name != p.Title {
			authors = append(authors, link(text.URL(by.URL), by.Name))
		}
	}
	if len(authors) > 0 {
		parts = append(parts, strings.Join(authors, ", "))
	}
	if statement, cut := text.Cut(newswire.Line(cmp.Or(a.Rights.Statement, p.Rights)), statementLength); statement != "" {
		if cut {
			statement += " …"
		}
		parts = append(parts, html.EscapeString(statement))
	}
	if license := text.URL(a.Rights.License); license != "" {
		parts = append(parts, link(license, licenseName(license)))
	}
	if len(parts) == 0 {
		return ""
	}
	return text.Credit + strings.Join(parts, " · ") + "</p>"
}

func link(address, name string) string {
	name = html.EscapeString(newswire.Line(name))
	if address == "" {
		return name
	}
	return `<a href="` + html.EscapeString(address) + `">` + name + `</a>`
}

// licenseName is "CC BY-SA 4.0" for a licence of Creative Commons, and the host that has its text for others.
func licenseName(license string) string {
	u, err := url.Parse(license)
	if err != nil {
		return license
	}
	if strings.TrimPrefix(u.Host, "www.") != "creativecommons.org" {
		return u.Host
	}
	switch path := strings.Split(strings.Trim(u.Path, "/"), "/"); {
	case len(path) >= 3 && path[0] == "licenses":
		return "CC " + strings.ToUpper(path[1]) + " " + path[2]
	case len(path) >= 2 && path[0] == "publicdomain" && path[1] == "zero":
		return "CC0"
	default:
		return u.Host
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func firstURL(addresses ...string) string {
	for _, s := range addresses {
		if u := text.URL(s); u != "" {
			return u
		}
	}
	return ""
}
