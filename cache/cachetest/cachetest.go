// Package cachetest is the store contract as a test. A driver passes it or is not a driver:
//
//	func TestStoreKeepsTheContract(t *testing.T) {
//		cachetest.Run(t, func(t *testing.T) cachetest.Harness { … })
//	}
//
// Everything is said in terms of [cache.Store] and the words of its documentation, so that SQLite, a Redis server and a
// Redis Cluster are held to the same thing, down to the bytes that a reader sees ([Dump]). A driver's tests provide a
// [Harness]: an empty store, a second handle on its data, a way to let its clock run, and [Faults] hooked in before and
// after every command that it sends to its database.
//
// The package refuses to look behind the contract: how a driver lays out its data is for the driver's own tests.
package cachetest

import (
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
)

// Harness is an empty store under test, with what a test needs around it.
type Harness struct {
	// Store is the handle under test, with Faults hooked in.
	Store cache.Store

	// Reopen opens another handle on the same data, as another process has, without Faults. It is closed at the end of
	// the test.
	Reopen func() cache.Store

	// Another opens another store, which is empty. It is closed at the end of the test.
	Another func() cache.Store

	// Advance returns when d has passed by the store's clock: by moving the clock, where it can be moved, or else by
	// waiting. The suite never asks for more than half a second at a time.
	Advance func(d time.Duration)

	// Faults strike between Store and its database.
	Faults *Faults
}

// Open makes a Harness for one test, and closes with t.Cleanup what it opened. Tests run in parallel: where one server
// serves them all, each has a part of it to itself.
type Open func(t *testing.T) Harness

// Run tests that the store keeps the contract.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"listings", listingTests},
		{"visits", visitTests},
		{"content", contentTests},
		{"changes", changeTests},
		{"followers", followerTests},
		{"schedule", scheduleTests},
		{"domains", domainTests},
		{"audience", audienceTests},
		{"quotas", quotaTests},
		{"usage", usageTests},
		{"processes", processTests},
		{"subscriptions", subscriptionTests},
		{"tombstones", tombstoneTests},
		{"held", heldTests},
		{"limits", limitTests},
		{"history", historyTests},
		{"retention", retentionTests},
		{"archives", archiveTests},
		{"faults", faultTests},
		{"crowd", crowdTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, tt := range group.tests {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel() // most of a test is waiting for the store, or for its clock
					tt.run(newTester(t, open(t)))
				})
			}
		})
	}
}

// test is one sentence of the contract.
type test struct {
	name string
	run  func(t *tester)
}
