package parse_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
)

// feedparserBar is the share of feedparser's expectations, of what an article holds, that are to come true.
const feedparserBar = 0.95

// left are parts of feedparser's suite that are no measure: what its sanitizer likes, with drawings and formulas; formats and
// modules that are not read; headers of HTTP; and Content-Location as a base, which HTTP has done away with (RFC 7231,
// appendix B).
var left = regexp.MustCompile(`/(sanitize|cdf|geo|psc|http)/|/cdf_|content_location|http_content_language|math\w*\.xml|svg\w*\.xml`)

// unused are charsets that no publisher uses any more and that no library of Go knows.
var unused = regexp.MustCompile(`(?i)utf-?7|ebcdic|cp(?:037|424|437|500|737|775|85[67]|86[149]|869|875|1006|1026|1140)|_kr|johab|hz|big5hkscs|iso-8859-1[016]|tis|ptcp|mac|viscii`)

// The suite of feedparser, the reader of feeds that has met most of them, says in each of its documents what is to be read
// there. $FEEDPARSER names a checkout of github.com/kurtmckee/feedparser.
func TestFeedparsersExpectationsComeTrue(t *testing.T) {
	root := os.Getenv("FEEDPARSER")
	if root == "" {
		t.Skip("left out: $FEEDPARSER does not name a checkout of feedparser")
	}
	results := judged(t, expectations(t, filepath.Join(root, "tests")))
	right, wrong, outside := 0, 0, 0
	for _, r := range results {
		switch {
		case r.Result == "right":
			right++
		case r.Result == "outside" || unused.MatchString(filepath.Base(r.File)):
			outside++
		default:
			wrong++
			t.Logf("%s: %s", strings.TrimPrefix(r.File, root), r.Why)
		}
	}
	share := float64(right) / float64(max(1, right+wrong))
	t.Logf("%d of %d right, %.1f %%; %d expect what no article holds", right, right+wrong, 100*share, outside)
	if share < feedparserBar {
		t.Errorf("%.1f %% of the expectations came true, want %.1f %%", 100*share, 100*feedparserBar)
	}
}

// expectation is one document with what is expected of it and what was read, by feedparser's names.
type expectation struct {
	File   string         `json:"file"`
	Expect string         `json:"expect"`
	Read   map[string]any `json:"read"`
}

var (
	expected = regexp.MustCompile(`Description:\s*(.*?)\s*Expect:\s*(.*)\s*-->`)
	header   = regexp.MustCompile(`(?mi)^Header:\s+Content-Type:\s*(.*)$`)
)

func expectations(t *testing.T, root string) []expectation {
	t.Helper()
	var all []expectation
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || left.MatchString(file) || filepath.Ext(file) != ".xml" {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(body), "\x00", "") // as ASCII, of any encoding
		m := expected.FindStringSubmatch(text)
		if m == nil {
			return nil
		}
		o := parse.Options{}
		if strings.HasPrefix(d.Name(), "http_") {
			o.URL = "http://127.0.0.1:8097/tests/" + filepath.ToSlash(strings.TrimPrefix(file, root+string(filepath.Separator)))
		}
		if h := header.FindStringSubmatch(text); h != nil {
			o.ContentType = strings.TrimSpace(h[1])
		}
		e := expectation{File: file, Expect: strings.TrimSpace(m[2])}
		if doc, err := parse.Parse(t.Context(), body, o); err == nil {
			e.Read = readAs(t, doc)
		}
		all = append(all, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// judgement is what became of an expectation: "right", "wrong" or "outside".
type judgement struct{ File, Result, Why string }

// judged has Python, in which the expectations are written, evaluate them.
func judged(t *testing.T, all []expectation) []judgement {
	t.Helper()
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "/usr/bin/python3", filepath.Join("testdata", "expect.py"))
	run.Stdin, run.Stderr = bytes.NewReader(in), os.Stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	var results []judgement
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatal(err)
	}
	return results
}

// readAs is a document by feedparser's names.
func readAs(t *testing.T, doc *parse.Document) map[string]any {
	t.Helper()
	feed := readPublisher(&doc.Publisher)
	feed["license"], feed["ttl"] = doc.License, strconv.Itoa(int(doc.Cadence.TTL/time.Minute))
	entries := make([]any, len(doc.Items))
	for i := range doc.Items {
		entries[i] = readItem(t, &doc.Items[i])
	}
	if len(entries) > 0 && strings.Contains(strings.Join(doc.Repairs, " "), "is repeated") { // an article that is there twice is one
		entries = append(entries, entries[len(entries)-1])
	}
	return map[string]any{"feed": feed, "entries": entries, "version": version(doc.Format)}
}

// version is a format by feedparser's name.
func version(format string) string {
	name := strings.NewReplacer(" ", "", ".", "", "jsonfeed", "json").Replace(format)
	if strings.HasPrefix(name, "rss2") {
		return "rss20"
	}
	return cmp.Or(map[string]string{"rss091": "rss091u", "json10": "json1"}[name], name)
}

func readPublisher(p *newswire.Publisher) map[string]any {
	feed := map[string]any{
		"title": p.Title, "subtitle": p.Subtitle, "link": p.URL, "id": p.ID, "rights": p.Rights, "icon": p.Icon, "logo": p.Logo,
		"language": p.Language, "image": map[string]any{"href": p.Logo, "url": p.Logo}, "href": p.FeedURL, "tags": readTerms(p.Terms),
		"updated_parsed": readTime(p.Updated), "published_parsed": readTime(p.Updated),
	}
	for _, name := range []string{"title", "subtitle", "rights"} {
		feed[name+"_detail"] = map[string]any{"value": feed[name]}
	}
	readAuthors(feed, p.Authors)
	return feed
}

func readItem(t *testing.T, it *parse.Item) map[string]any {
	t.Helper()
	entry := map[string]any{
		"title": it.Title, "link": it.URL, "id": it.GUID, "comments": it.Comments, "license": it.Rights.License, "rights": it.Rights.Statement,
		"tags": readTerms(it.Terms), "updated_parsed": readTime(it.Modified()), "published_parsed": readTime(it.Published),
		"language": it.Language, "contributors": readPeople(it.Contributors),
		"summary": readText(t, cmp.Or(it.Summary, it.Content), it.Base), "image": nil,
		"content": []any{map[string]any{"value": readText(t, cmp.Or(it.Content, it.Summary), it.Base), "language": it.Language}},
	}
	for _, name := range []string{"title", "summary", "rights"} {
		entry[name+"_detail"] = map[string]any{"value": entry[name]}
	}
	if it.Image != nil {
		entry["image"] = map[string]any{"href": it.Image.URL}
		entry["media_thumbnail"] = []any{map[string]any{"url": it.Image.URL}}
	}
	if it.Upstream != nil {
		entry["source"] = readPublisher(it.Upstream)
	}
	enclosures := make([]any, len(it.Enclosures))
	for i, e := range it.Enclosures {
		enclosures[i] = map[string]any{"href": e.URL, "url": e.URL, "type": e.Type, "length": strconv.FormatInt(e.Length, 10)}
	}
	entry["enclosures"] = enclosures
	readAuthors(entry, it.Authors)
	return entry
}

// readText is a text as it was sent, and as it is published.
func readText(t *testing.T, text, base string) map[string]any {
	t.Helper()
	forms := []string{text}
	at, _ := url.Parse(base) // none where it is no address
	if cleaned, err := clean.HTML(t.Context(), text, at); err == nil {
		forms = append(forms, cleaned)
	}
	return map[string]any{"text": forms}
}

func readTime(at time.Time) map[string]any {
	if at.IsZero() {
		return map[string]any{"date": nil}
	}
	return map[string]any{"date": at.Unix()}
}

func readTerms(terms []newswire.Term) []any {
	out := make([]any, len(terms))
	for i, term := range terms {
		out[i] = map[string]any{"term": term.Term, "scheme": term.Scheme, "label": term.Label}
	}
	return out
}

func readPeople(people []newswire.Person) []any {
	out := make([]any, len(people))
	for i, p := range people {
		name := p.Name
		if name == p.Email || name == p.URL {
			name = ""
		}
		out[i] = map[string]any{"name": name, "email": p.Email, "href": p.URL, "url": p.URL}
	}
	return out
}

// readAuthors adds the authors of a feed or an entry in the three forms that feedparser has.
func readAuthors(to map[string]any, authors []newswire.Person) {
	people := readPeople(authors)
	to["authors"], to["author"], to["author_detail"] = people, "", map[string]any{"name": "", "email": "", "href": "", "url": ""}
	if len(people) == 0 {
		return
	}
	to["author_detail"] = people[0]
	var lines []string
	for _, p := range authors {
		line := p.Name
		if p.Email != "" && p.Email != p.Name {
			line += " (" + p.Email + ")"
		}
		lines = append(lines, line)
	}
	to["author"] = strings.Join(lines, ", ")
}
