package syndication_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/internal/text"
)

// FuzzEncode puts foreign text into every field that may hold some. Any text makes well-formed feeds in all formats, the
// same bytes each time, and leaves the article its id.
func FuzzEncode(f *testing.F) {
	f.Add("https://harbour.example.com/1", "Tides & <b>terms</b>", "https://harbour.example.com/1?a=1&b=2", "<p>]]&gt;</p>", "Ada <ada@example.org>")
	f.Add("17", "a\x00\u0085\ufffd", "javascript:alert(1)", "]]\x00>", "\x1b")
	f.Add("tag:harbour.example.com,2020:夜市", "夜市&nbsp;&#1;&copy", "https://[::1]:8080/é", "<p>夜市</p><![CDATA[x]]>", "金江")
	f.Add("urn:uuid:1", " \t\n ", "//x", "", " ")
	f.Fuzz(func(t *testing.T, guid, title, address, content, name string) {
		a := feedtest.Rich()
		a.GUID, a.AtomID = guid, guid
		if text.IRI(guid) == "" {
			a.AtomID = "tag:harbour.example.com,2020:" + newswire.ArticleID("harbour", guid)
		}
		a.Title, a.URL, a.Content, a.Summary = title, address, content, title
		a.Authors = []newswire.Person{{Name: name, Email: name, URL: address}, {Name: title}}
		a.Terms = append(a.Terms, newswire.Term{Term: title, Scheme: address, Label: name})
		a.Enclosures[0].URL, a.Enclosures[0].Type, a.Enclosures[0].Title = address, name, title
		a.Image.URL, a.Image.Credit, a.Image.Title = address, name, title
		a.Links[0].URL, a.Links[0].Type, a.Links[0].Title = address, name, title
		a.Rights.Statement, a.Rights.License, a.Rights.Contact = title, address, name
		a.Publisher.Title, a.Publisher.Subtitle, a.Publisher.URL, a.Publisher.Rights = title, name, address, name
		a.Comments, a.Language, a.Categories = address, name, []string{name}

		for _, policy := range []newswire.Policy{newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle} {
			a.Rights.Policy = policy
			feed := syndication.Build(feedtest.Site, newswire.All, title, name, []newswire.Article{a})
			for _, format := range formats {
				body, err := format.encode(&feed)
				if err != nil {
					t.Fatalf("%s: %v", format.name, err)
				}
				if again, _ := format.encode(&feed); !bytes.Equal(body, again) {
					t.Fatalf("%s differs from one time to the next", format.name)
				}
				wellFormed(t, format.name, body)
				checkID(t, format, body, &a)
			}
		}
	})
}

func wellFormed(t *testing.T, name string, body []byte) {
	t.Helper()
	if name == "json" {
		if !json.Valid(body) {
			t.Fatalf("not JSON:\n%s", body)
		}
		return
	}
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s is not well-formed: %v\n%s", name, err, body)
		}
	}
}

// checkID reads the id for itself, for gofeed mends one that is an odd address.
func checkID(t *testing.T, format format, body []byte, a *newswire.Article) {
	t.Helper()
	var got, want string
	var err error
	switch format.name {
	case "rss":
		var doc struct {
			GUID string `xml:"channel>item>guid"`
		}
		err = xml.Unmarshal(body, &doc)
		got, want = doc.GUID, text.Legal(a.AtomID)
	case "atom":
		var doc struct {
			ID string `xml:"entry>id"`
		}
		err = xml.Unmarshal(body, &doc)
		got, want = doc.ID, text.IRI(text.Legal(a.AtomID))
	case "json":
		var doc struct{ Items []struct{ ID string } }
		err = json.Unmarshal(body, &doc)
		got, want = doc.Items[0].ID, text.Legal(a.AtomID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s calls the article %q, want %q", format.name, got, want)
	}
	format.read(t, body) // fails where gofeed does
}
