package service

import (
	"context"

	"github.com/newswire/newswire/syndication/search"
)

// openSearch opens the search index. Without it the service is as good, but for searches: it is nil then, and the log says why.
func (s *Service) openSearch(ctx context.Context) *search.Index {
	if s.Search == "" {
		return nil
	}
	index, err := search.Open(ctx, s.Search, s.Store, search.Options{
		Pages:   s.budget.Search,
		Log:     s.Log,
		Changed: func(removed bool) { s.web.Found(removed) },
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "readers cannot search: name another file as search in the config, or write search: off", "error", err)
		return nil
	}
	return index
}
