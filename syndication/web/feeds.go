package web

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
)

const feedsPath = "/feeds/"

// feed answers at /feeds/TOPIC.EXTENSION and below /feeds/TOPIC/archive/. There is no other way to write a topic, so no path
// needs to be made plain.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) error {
	address := strings.TrimPrefix(r.URL.Path, feedsPath)
	dot := strings.LastIndexByte(address, '.')
	if dot < 0 {
		return fmt.Errorf("feed %q: %w", address, newswire.ErrNotFound)
	}
	name, number, isPage := strings.Cut(address[:dot], archivePath)
	topic, err := newswire.ParseTopic(name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.options.Formats, func(f Format) bool { return f.Extension == address[dot+1:] })
	if i < 0 {
		return fmt.Errorf("feed %q: %w", address, newswire.ErrNotFound)
	}
	format := &s.options.Formats[i]
	switch {
	case isPage:
		return s.archivePage(w, r, topic, number, format)
	case r.URL.RawQuery == "" && !r.URL.ForceQuery:
		return s.topicFeed(w, r, topic, format)
	default:
		return s.variantFeed(w, r, topic, format)
	}
}

// topicFeed answers where a feed is asked for without a query.
func (s *Server) topicFeed(w http.ResponseWriter, r *http.Request, topic newswire.Topic, format *Format) error {
	t := target{topic: topic, name: format.Extension, kept: true}
	t.render = func(ctx context.Context, d *Directory, next *draft) (content, error) {
		read, err := s.shared(ctx, d, topic, next)
		if err != nil {
			return content{}, err
		}
		return read.encode(format, next.before)
	}
	err := s.show(w, r, t)
	if err == nil && r.Method == http.MethodGet {
		s.audience.today.Load().count(topic, format.Extension, r)
	}
	return err
}

// variantFeed answers where a feed is asked for with a query, under the one address of what that means.
func (s *Server) variantFeed(w http.ResponseWriter, r *http.Request, topic newswire.Topic, format *Format) error {
	v, err := s.parseVariant(topic, r.URL.RawQuery)
	if err != nil {
		return err
	}
	query := s.query(&v)
	if query != r.URL.RawQuery || r.URL.ForceQuery {
		return moved(w, r, withQuery(path.Base(r.URL.Path), query))
	}
	t := target{topic: v.narrowest(topic), name: strings.TrimPrefix(r.URL.Path, feedsPath) + "?" + query, variant: true, kept: true}
	t.render = func(ctx context.Context, d *Directory, next *draft) (content, error) {
		read, err := s.gather(ctx, d, topic, v)
		if err != nil {
			return content{}, err
		}
		return read.encode(format, next.before)
	}
	return s.show(w, r, t)
}

// encode makes the feed in a format, of which there may be an earlier revision.
func (r *reading) encode(format *Format, before *document) (content, error) {
	feed := r.feed
	if format.Tombstones {
		syndication.Withdraw(&feed, r.stones)
	}
	x, err := compose(format, &feed, r.prints, before.kept())
	if err != nil {
		return content{}, fmt.Errorf("encode %s as %s: %w", feed.Topic, format.Extension, err)
	}
	return content{
		mediaType: format.MediaType,
		body:      x.parts.Body,
		changed:   r.changed,
		articles:  hashes(feed.Articles),
		deltas:    &deltas{fragments: x, lineage: newLineage(&x.parts, &feed, r.full)},
		fields:    append(dataFields(feed.URL(format.Extension), feed.Hub), partsVaryField),
	}, nil
}

// dataFields are those of a document for programs: the address under which it wants to be known, and the hub that
// announces its changes if there is one (RFC 8288; WebSub §4); that it is not for search engines; and that scripts of any
// site may read it.
func dataFields(self, hub string) []field {
	link := "<" + self + `>; rel="self"`
	if hub != "" {
		link += ", <" + hub + `>; rel="hub"`
	}
	return append([]field{newField("Link", link), robotsField}, corsFields...)
}

// robotsField keeps the text of articles that others published out of search engines, so that the publisher's page is
// what people find. That is what search engines ask of syndication partners: a rel=canonical is a hint, and a feed has
// no place for one. Links are still followed, to the publisher.
var robotsField = newField("X-Robots-Tag", "noindex")
