// Package pace says when a source may be visited, and has every visit keep to that.
//
//	plan, err := specs.Plan(&source)               // the operator's schedule
//	domains := pace.NewDomains(store)              // one for all visits of the process
//	trip, err := domains.Depart(ctx, &pace.Departure{Claim: claim, Plan: &plan, Address: source.URL, …})
//	answer, err := trip.Get(ctx, fetch.Request{URL: source.URL})
//	plan.AfterSuccess(trip.Now(), answer.Header, &state).StoreIn(&state)
//	err = trip.Record(func(turns ...cache.Turn) error { return store.Record(ctx, claim.Lease, visit, turns...) })
//
// schedule.go has the operator's cron spec. due.go computes the next due time from it, from the publisher's wishes
// (wishes.go) and from the source's own rhythm. turns.go lets one visit at a time go to a registrable domain, trip.go takes
// one visit through the domains that its redirects lead to, and closed.go closes a domain after answers that ask for it.
// slots.go bounds the visits at work.
//
// Due times, turns and closed domains are in the store, so they hold for all processes and over restarts.
//
// The package refuses to look into a document, and to visit a publisher sooner than it wishes.
package pace
