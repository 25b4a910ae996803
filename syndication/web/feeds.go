package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

const feedsPath = "/feeds/"

// feedAddress is what the path of a feed's address says.
type feedAddress struct {
	topic  newswire.Topic
	format *Format
	page   string // of the topic's archive; empty for the feed
	isPage bool
}

// parse reads a path: /feeds/TOPIC.EXTENSION, or one below /feeds/TOPIC/archive/. There is no other way to write a topic, so no
// path needs to be made plain. The error is an answer.
func (s *Server) parse(urlPath string) (feedAddress, error) {
	address := strings.TrimPrefix(urlPath, feedsPath)
	dot := strings.LastIndexByte(address, '.')
	if dot < 0 {
		return feedAddress{}, fmt.Errorf("feed %q: %w", address, newswire.ErrNotFound)
	}
	name, number, isPage := strings.Cut(address[:dot], archivePath)
	topic, err := newswire.ParseTopic(name)
	if err != nil {
		return feedAddress{}, err
	}
	format, err := s.format(address[dot+1:])
	if err != nil {
		return feedAddress{}, err
	}
	return feedAddress{topic, format, number, isPage}, nil
}

// format is the one with an extension. It is ErrNotFound where there is none.
func (s *Server) format(extension string) (*Format, error) {
	i := slices.IndexFunc(s.options.Formats, func(f Format) bool { return f.Extension == extension })
	if i < 0 {
		return nil, fmt.Errorf("format %q: %w", extension, newswire.ErrNotFound)
	}
	return &s.options.Formats[i], nil
}

// feed answers at the addresses of feeds and of the pages of their archives.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	if isForBrowser(r.Header) {
		w = &browserWriter{w}
	}
	if extension, ok := strings.CutPrefix(r.URL.Path, searchPath); ok {
		return searches{s}.searchFeed(w, r, extension)
	}
	at, err := s.parse(r.URL.Path)
	switch {
	case err != nil:
		return err
	case at.isPage:
		return s.archivePage(w, r, at.topic, at.page, at.format)
	case r.URL.RawQuery == "" && !r.URL.ForceQuery:
		return s.topicFeed(w, r, at.topic, at.format)
	default:
		return s.variantFeed(w, r, at.topic, at.format)
	}
}

// isForBrowser says whether a person opens the feed in a browser, as opposed to a feed reader or a script that fetches it.
func isForBrowser(h http.Header) bool {
	if dest := h["Sec-Fetch-Dest"]; len(dest) > 0 {
		return dest[0] == "document"
	}
	accept := h["Accept"] // of a browser that is asked over HTTP without TLS
	return len(accept) > 0 && strings.HasPrefix(accept[0], "text/html")
}

// browserWriter names a feed by the media type of all XML, for browsers show one of its own as plain text, without its style
// sheet. The bytes are the same. Shared caches must not keep what it says for feed readers.
type browserWriter struct{ http.ResponseWriter }

func (w *browserWriter) WriteHeader(code int) {
	h := w.Header()
	if mediaType, parameters, ok := strings.Cut(h.Get("Content-Type"), "+xml"); ok && strings.HasPrefix(mediaType, "application/") {
		h.Set("Content-Type", "application/xml"+parameters)
	}
	if cacheControl := h.Get("Cache-Control"); code == http.StatusOK && !strings.HasPrefix(cacheControl, "private") {
		h.Set("Cache-Control", "private, "+cacheControl)
	}
	w.ResponseWriter.WriteHeader(code)
}

// topicFeed answers where a feed is asked for without a query.
func (s *Server) topicFeed(w http.ResponseWriter, r *http.Request, topic newswire.Topic, format *Format) error {
	t := revision.Target{Topic: topic, Name: format.Extension, Persist: true}
	t.Render = func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
		d := s.directory()
		page, err := draft.Share(func() (*revision.TopicPage, error) { return s.lists.feed(ctx, d, topic, draft) })
		if err != nil {
			return revision.Content{}, err
		}
		return format.encode(draft, page)
	}
	err := s.engine.Show(w, r, t)
	if err == nil && r.Method == http.MethodGet && !revision.IsCurrentOnly(r.Context()) {
		s.audience.Count(topic, format.Extension, r)
	}
	return err
}

// variantFeed answers where a feed is asked for with a query, under the one address of what that means.
func (s *Server) variantFeed(w http.ResponseWriter, r *http.Request, topic newswire.Topic, format *Format) error {
	v, err := s.variants.parse(topic, r.URL.RawQuery)
	if err != nil {
		return err
	}
	query := s.variants.query(&v)
	if query != r.URL.RawQuery || r.URL.ForceQuery {
		return moved(w, r, withQuery(path.Base(r.URL.Path), query))
	}
	err = s.showVariant(w, r, topic, v, format)
	var without unconditional
	if !errors.As(err, &without) {
		return err
	}
	if v = without.variant; s.variants.query(&v) == "" {
		return s.topicFeed(w, r, topic, format)
	}
	return s.showVariant(w, r, topic, v, format)
}

func (s *Server) showVariant(w http.ResponseWriter, r *http.Request, topic newswire.Topic, v variant, format *Format) error {
	name := strings.TrimPrefix(r.URL.Path, feedsPath) + "?" + s.variants.query(&v)
	t := revision.Target{Topic: v.narrowest(topic), Name: name, Variant: true, Persist: true}
	t.Render = func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
		d := s.directory()
		if err := s.lists.checkConditions(ctx, d, v); err != nil {
			return revision.Content{}, err
		}
		page, err := s.lists.variant(ctx, d, topic, v)
		if err != nil {
			return revision.Content{}, err
		}
		return format.encode(draft, page)
	}
	return s.engine.Show(w, r, t)
}

// encode writes a feed, of which there may be an earlier revision.
func (f *Format) encode(draft *revision.Draft, page *revision.TopicPage) (revision.Content, error) {
	return draft.Encode(page, &f.Encoding, func(feed *newswire.Feed) []revision.Field {
		return dataFields(feed.URL(f.Extension), feed.Hub, feed.Articles...)
	})
}

// dataFields are those of an answer for programs: the address under which it wants to be known, and the hub that
// announces its changes if there is one (RFC 8288; WebSub §4); the terms of its articles; that it is not for search engines;
// and that scripts of any site may read it.
func dataFields(self, hub string, articles ...newswire.Article) []revision.Field {
	link := "<" + self + `>; rel="self"`
	if hub != "" {
		link += ", <" + hub + `>; rel="hub"`
	}
	return slices.Concat(termsFields(articles, link), []revision.Field{robotsField, dataPolicy}, corsFields)
}

// dataPolicy lets a feed that is opened in a browser load its style sheet and nothing else.
var dataPolicy = revision.NewField("Content-Security-Policy", "default-src 'none'; style-src 'self'")

// robotsField keeps the text of articles that others published out of search engines, so that the publisher's page is
// what people find. That is what search engines ask of syndication partners: a rel=canonical is a hint, and a feed has
// no place for one. Links are still followed, to the publisher.
var robotsField = revision.NewField("X-Robots-Tag", "noindex")

// ErrFinal says that what is at an address never changes.
var ErrFinal = errors.New("what is at this address never changes")

// ForHub answers at the addresses of feeds, for the hub that announces their changes. No answer lacks a change that was
// committed before the request: 503 where that cannot be had. No reader is counted.
func (s *Server) ForHub() http.Handler {
	e := endpoint{"feed", leads(s.feed)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(revision.CurrentOnly(r.Context()))
		if err := e.serve(w, r); err != nil {
			s.refuse(w, r, e, err)
		}
	})
}

// FeedTopic is the topic of which each change may be one of the feed at an address, as the path and the query of a request
// have it. There may be no such feed yet, or no more: the address has the form of one. [newswire.ErrNotFound]; [ErrFinal]
// for a page of an archive; an error in words for the reader where the query is wrong.
func (s *Server) FeedTopic(address *url.URL) (newswire.Topic, error) {
	if !strings.HasPrefix(address.Path, feedsPath) {
		return "", fmt.Errorf("feed %q: %w", address.Path, newswire.ErrNotFound)
	}
	at, err := s.parse(address.Path)
	if err != nil {
		return "", err
	}
	if at.isPage {
		return "", ErrFinal
	}
	v, err := s.variants.parse(at.topic, address.RawQuery)
	if err != nil {
		return "", err
	}
	return v.narrowest(at.topic), nil
}
