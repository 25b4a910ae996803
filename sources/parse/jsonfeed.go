package parse

import (
	"bytes"
	"cmp"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"github.com/mmcdole/gofeed/json"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/laxjson"
	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// object is a JSON object of which nothing is taken for granted.
type object = map[string]any

// jsonFeed reads JSON Feed 1.0 and 1.1.
func (r *documentReader) jsonFeed(text string) (*Document, error) {
	o, err := r.object(text)
	if err != nil {
		return nil, err
	}
	if !isJSONFeed(o) {
		return nil, fmt.Errorf("%w: a JSON document that is no JSON Feed", ErrNotFeed)
	}
	plain, err := stdjson.Marshal(coerceFeed(o))
	if err != nil {
		return nil, fmt.Errorf("json feed: %w", err)
	}
	feed, err := new(json.Parser).Parse(bytes.NewReader(plain))
	if err != nil {
		return nil, fmt.Errorf("json feed: %w", err)
	}
	return r.fromJSON(feed, o), nil
}

// isJSONFeed recognises the format by its version, or where that is missing or wrong by a title and items.
func isJSONFeed(o object) bool {
	if strings.Contains(coerced(o["version"]), "jsonfeed.org/version/") {
		return true
	}
	_, items := o["items"].([]any)
	return items && coerced(o["title"]) != ""
}

// object decodes a JSON document. Of one that is cut off, the complete items are kept.
func (r *documentReader) object(text string) (object, error) {
	o, err := decodeObject(text)
	if syntax := (*stdjson.SyntaxError)(nil); errors.As(err, &syntax) {
		mended := laxjson.Mend(text)
		if o, err = decodeObject(mended); mended != text {
			text = mended
			r.repaired("commas, line breaks or escapes that JSON does not allow were mended")
		}
	}
	switch {
	case err == nil:
		r.limitItems(o)
		return o, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		if o = r.cutOffObject(text); o != nil {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%w: JSON that cannot be read: %v", ErrNotFeed, err) //nolint:errorlint // the cause is for people
}

func decodeObject(text string) (o object, err error) {
	d := stdjson.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	err = d.Decode(&o)
	return o, err
}

// limitItems leaves out the items beyond the bound.
func (r *documentReader) limitItems(o object) {
	if items, _ := o["items"].([]any); len(items) > r.MaxItems {
		r.repaired("%d items beyond the first %d were left out", len(items)-r.MaxItems, r.MaxItems)
		o["items"] = items[:r.MaxItems]
	}
}

// cutOffObject reads an object member by member, and its items one by one, as far as they go.
func (r *documentReader) cutOffObject(text string) object {
	d := stdjson.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != stdjson.Delim('{') {
		return nil
	}
	o := object{}
	for d.More() {
		key, err := d.Token()
		name, isName := key.(string)
		if err != nil || !isName {
			break
		}
		if name == "items" {
			items := completeItems(d)
			o[name] = items
			r.repaired("the document is cut off after %d complete items", len(items))
			break
		}
		var v any
		if err := d.Decode(&v); err != nil {
			break
		}
		o[name] = v
	}
	r.limitItems(o)
	return o
}

// completeItems reads the elements of an array up to the first that is not whole.
func completeItems(d *stdjson.Decoder) []any {
	items := []any{}
	if t, err := d.Token(); err != nil || t != stdjson.Delim('[') {
		return items
	}
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			break
		}
		items = append(items, v)
	}
	return items
}

// fromJSON translates JSON Feed. The raw object has what gofeed leaves out.
func (r *documentReader) fromJSON(f *json.Feed, o object) *Document {
	doc := &Document{Format: "json feed " + jsonVersion(f.Version), Hub: hub(o), Deleted: r.jsonDeletions(o)}
	p := &doc.Publisher
	*p = newswire.Publisher{
		Title:    line(xmlscan.Unescape(f.Title)),
		Subtitle: line(f.Description),
		URL:      resolveWeb(r, f.HomePageURL),
		FeedURL:  cmp.Or(resolveWeb(r, f.FeedURL), r.URL),
		Icon:     resolveWeb(r, f.Favicon),
		Logo:     resolveWeb(r, f.Icon),
		Language: Language(f.Language),
		Authors:  r.jsonAuthors(f.Authors, f.Author),
	}
	p.ID = p.FeedURL
	for _, x := range f.Items {
		if x != nil {
			doc.Items = append(doc.Items, r.jsonItem(x, p))
		}
	}
	return doc
}

// resolveWeb is the absolute web address of a reference in the document, or empty.
func resolveWeb(r *documentReader, ref string) string { return webAddress(resolve(r.base, ref)) }

func jsonVersion(version string) string {
	if i := strings.LastIndexByte(version, '/'); i >= 0 && len(version)-i < 8 {
		return line(version[i+1:])
	}
	return "1.0"
}

// hub is the first WebSub hub, or any hub where there is none.
func hub(o object) string {
	var other string
	hubs, _ := o["hubs"].([]any)
	for _, h := range hubs {
		member, _ := h.(object)
		address := webAddress(coerced(member["url"]))
		if strings.EqualFold(coerced(member["type"]), "websub") && address != "" {
			return address
		}
		other = cmp.Or(other, address)
	}
	return other
}

// jsonItem translates one item. One without authors has those of the feed (JSON Feed 1.1, "Items").
func (r *documentReader) jsonItem(x *json.Item, publisher *newswire.Publisher) Item {
	var it Item
	it.GUID = clean.Legal(x.ID)
	external := resolveWeb(r, x.ExternalURL)
	it.URL = cmp.Or(resolveWeb(r, x.URL), external)
	it.PermaLink = it.GUID != "" && it.GUID == it.URL
	if external != "" && external != it.URL {
		it.Links = append(it.Links, newswire.Link{Rel: "related", URL: external})
	}
	it.Title = line(xmlscan.Unescape(x.Title)) // plain text by the letter; but many publishers escape it for HTML all the same
	if it.Summary = strings.TrimSpace(clean.Legal(x.Summary)); strings.ContainsAny(it.Summary, "\n\r") {
		it.Summary = plainText(it.Summary)
	} else if !isMarkup(it.Summary) {
		it.Summary = html.EscapeString(xmlscan.Unescape(it.Summary))
	}
	it.Content = closedAsHTML(clean.Legal(x.ContentHTML))
	if it.Content == "" {
		it.Content = paragraphs(html.EscapeString(clean.Legal(x.ContentText)), "<br>")
	}
	it.Published, it.Updated = r.date(x.DatePublished), r.date(x.DateModified)
	it.Language = cmp.Or(Language(x.Language), publisher.Language)
	it.Authors = r.jsonAuthors(x.Authors, x.Author)
	if len(it.Authors) == 0 {
		it.Authors = join(nil, publisher.Authors...)
	}
	for _, tag := range x.Tags {
		it.Terms = addTerm(it.Terms, newswire.Term{Term: tag})
	}
	if x.Attachments != nil {
		for _, a := range *x.Attachments {
			enclose(&it, newswire.Enclosure{
				URL: resolve(r.base, a.URL), Type: a.MimeType, Title: html.EscapeString(a.Title),
				Length: max(0, a.SizeInBytes), Duration: seconds(a.DurationInSeconds),
			})
		}
	}
	it.Image = picture(resolve(r.base, cmp.Or(x.Image, x.BannerImage)))
	it.Base = cmp.Or(it.URL, publisher.URL, r.URL)
	return it
}

// seconds is a playing time, if it is one.
func seconds(n int64) time.Duration {
	if n < 0 || n >= int64(maxDuration/time.Second) {
		return 0
	}
	return time.Duration(n) * time.Second
}

// jsonAuthors are the authors in the terms of version 1.1, or else the author of version 1.0.
func (r *documentReader) jsonAuthors(authors []*json.Author, author *json.Author) []newswire.Person {
	if len(authors) == 0 {
		authors = []*json.Author{author}
	}
	var people []newswire.Person
	for _, a := range authors {
		if a == nil {
			continue
		}
		p := newswire.Person{Name: line(a.Name), URL: resolveWeb(r, a.URL), Email: mailAddress(a.URL)}
		p.Name = cmp.Or(p.Name, p.Email, p.URL)
		people = join(people, severally(p)...)
	}
	return people
}
