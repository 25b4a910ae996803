package sqlitecache

import (
	"database/sql/driver"
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire/cache/cachetest"
)

// Most of what a small statement costs is that it is one.
func TestARecordedArticleTakesFewStatements(t *testing.T) {
	const (
		ofVisit   = 20 // the transaction, the source, topics, and whether all this is there
		ofArticle = 3  // its row, its text and its listings
	)
	var faults cachetest.Faults
	s, err := open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), Options{}, func(c driver.Connector) driver.Connector {
		return faultyConnector{hastyConnector{c}, &faults}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for source, articles := range map[string]int{"a": 0, "b": 1, "c": 20, "d": 200} {
		if err := s.Reschedule(t.Context(), source, time.Time{}, time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
		leases, err := s.Claim(t.Context(), 1, time.Minute, source)
		if err != nil || len(leases) != 1 {
			t.Fatalf("Claim = %v, %v; want one lease", leases, err)
		}
		most := ofVisit + articles*ofArticle + articles/rowsAtOnce
		faults.Arm(most+1, cachetest.Before)
		err = s.Record(t.Context(), leases[0], firstVisit(leases[0], articles))
		if faults.Disarm() {
			t.Errorf("a visit with %d new articles takes more than %d statements", articles, most)
		} else if err != nil {
			t.Error(err)
		}
	}
}
