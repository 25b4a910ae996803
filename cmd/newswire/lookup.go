package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/clean"
)

// lookUp returns the ID of the one article that an operator names, by its ID, by the address of its page here, by its
// publisher's address of it, or by the publisher's guid. For the last two it reads all listed articles. A withdrawn
// article is found by its ID alone: nothing else is left of it.
func lookUp(ctx context.Context, store cache.Store, name string) (id string, err error) {
	id = name
	if u, err := url.Parse(name); err == nil && strings.HasSuffix(path.Dir(u.Path), "/articles") {
		id = path.Base(u.Path)
	}
	_, err = store.Article(ctx, id)
	if err == nil || errors.Is(err, newswire.ErrWithdrawn) {
		return id, nil
	}
	if !errors.Is(err, newswire.ErrNotFound) {
		return "", err
	}
	found, err := search(ctx, store, name)
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return "", fmt.Errorf("there is no article %q; name it by its ID, by the address of its page here, or by its publisher's address or guid", name)
	case len(found) > 1:
		var list strings.Builder
		for _, a := range found {
			fmt.Fprintf(&list, "\n%s: %s (%s)", a.ID, a.Title, a.URL)
		}
		return "", fmt.Errorf("%d articles are called %q; name one by its ID:%s", len(found), name, &list)
	}
	return found[0].ID, nil
}

// search returns the articles that have such a guid or address with their publisher, those that no reader sees as well.
func search(ctx context.Context, store cache.Store, name string) ([]newswire.Article, error) {
	held, err := sources.Held(ctx, store)
	if err != nil {
		return nil, err
	}
	unlisted, err := sources.Unlisted(ctx, store)
	if err != nil {
		return nil, err
	}
	dropped, err := sources.Dropped(ctx, store)
	if err != nil {
		return nil, err
	}
	found := slices.Concat(held, dropped, unlisted)
	page := pageAddress(name)
	other := func(a newswire.Article) bool {
		return name != a.GUID && name != a.AtomID && (page == "" || page != pageAddress(a.URL))
	}
	found = slices.DeleteFunc(found, other)
	for q := (cache.Query{Topic: newswire.All, Limit: 200}); ; {
		listed, err := store.Articles(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, a := range listed.Articles {
			if !other(a) {
				found = append(found, a)
			}
		}
		if q.After = listed.Next; q.After == "" {
			return found, nil
		}
	}
}

// pageAddress is the page that an address leads to, or nothing when it is no web address. It leaves out what may differ
// between a browser and the publisher's feed: the scheme, the case of the host, a slash at the end, and what tracks readers.
func pageAddress(address string) string {
	_, page, _ := strings.Cut(clean.Untracked(clean.Address(nil, address)), "://")
	host := page
	if end := strings.IndexAny(page, "/?#"); end >= 0 {
		host = page[:end]
	}
	return strings.ToLower(host) + strings.TrimSuffix(page[len(host):], "/")
}
