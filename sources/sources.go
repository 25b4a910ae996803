// Package sources visits publishers and fills the cache: the half of the service between a publisher's server and the
// store.
//
//	catalog, err := sources.NewCatalog(list, categories, authors)
//	setup := sources.Setup{Catalog: catalog, Fetcher: fetch.NewClient(fetch.Options{})}
//	a := sources.NewAggregator(store, setup, sources.Options{})
//	err = a.Run(ctx) // until ctx ends
//
// A visit (visit.go) reads as the pipeline that it is: fetch, parse, clean, classify, compare, record; failure.go has what
// becomes of one that brought nothing. When a source is visited is decided by package pace. Every due time has its reason,
// which standing.go tells.
//
// The package refuses to visit a publisher sooner than it wishes, to drop what a publisher merely stopped offering, and to
// know how anything is served.
package sources
