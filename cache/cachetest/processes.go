package cachetest

import (
	"time"

	"github.com/newswire/newswire/cache"
)

var processTests = []test{
	{"a process is told of the others that are at work, until they depart or fall silent", func(t *tester) {
		attend := func(store cache.Store, p cache.Process, lease time.Duration) []cache.Process {
			t.Helper()
			others, err := store.Attend(t.ctx, p, lease)
			t.check(err, "Attend(%s)", p.ID)
			return others
		}
		a := cache.Process{ID: "a", Host: "one", PID: 1, Site: "https://wire.example", Since: past}
		b := cache.Process{ID: "b", Host: "two", PID: 2, Site: "https://other.example", Since: past}
		c := cache.Process{ID: "c", Host: "one", PID: 3, Site: "https://wire.example", Since: past}
		other := t.Reopen()
		t.equal("others of the first", attend(t.Store, a, long), []cache.Process(nil))
		t.equal("others of the second", attend(other, b, brief), []cache.Process{a})
		t.equal("others of the third", attend(other, c, long), []cache.Process{a, b})
		t.equal("others of the first, again", attend(t.Store, a, long), []cache.Process{b, c})
		t.outlast()
		t.equal("others once the second is silent", attend(t.Store, a, long), []cache.Process{c})
		t.check(other.Depart(t.ctx, "c"), "Depart")
		t.check(other.Depart(t.ctx, "c"), "Depart again")
		t.equal("others once the third has departed", attend(t.Store, a, long), []cache.Process(nil))
	}},
}
