package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

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
