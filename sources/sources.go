// Package sources visits publishers and fills the cache: the half of the service between a publisher's server and the
// store.
//
//	catalog, err := sources.NewCatalog(list, categories, authors)
//	setup := sources.Setup{Catalog: catalog, Fetcher: fetch.NewClient(fetch.Options{})}
//	a := sources.NewAggregator(store, setup, sources.Options{})
//	err = a.Run(ctx) // until ctx ends
//
// A visit (visit.go) reads as the pipeline that it is: fetch, parse, clean, classify, compare, record. When a source is
// visited is decided in four places: schedule.go has the operator's cron spec, politeness.go the publisher's wishes and the
// source's own rhythm, domains.go keeps visits to one domain apart, and holds.go has domains that told us off left alone.
// Due times, turns and holds live in the store, so a restart never visits anybody again too soon, and any number of
// replicas share the work. Every due time has its reason, which standing.go tells.
//
// The package refuses to visit anybody sooner than they wish, to drop what a publisher merely stopped offering, and to
// know how anything is served.
package sources
