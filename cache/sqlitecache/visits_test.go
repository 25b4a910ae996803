package sqlitecache

import (
	"database/sql/driver"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
)

// Most of what a small statement costs is that it is one.
func TestARecordedArticleTakesFewStatements(t *testing.T) {
	const (
		ofVisit   = 24 // the transaction, the source, topics, and whether all this is there
		ofArticle = 2  // its row and its text
		rows      = 5  // its listings and its change record, of which one statement writes many
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
		most := ofVisit + articles*ofArticle + articles*rows/rowsAtOnce
		faults.Arm(most+1, cachetest.Before)
		err = s.Record(t.Context(), leases[0], firstVisit(leases[0], articles))
		if faults.Disarm() {
			t.Errorf("a visit with %d new articles takes more than %d statements", articles, most)
		} else if err != nil {
			t.Error(err)
		}
	}
}

func TestAVisitMayHaveAnArticleTwice(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	first, second := numbered(1), numbered(1)
	first.Revision, first.Categories = 1, []string{"c1"}
	second.Revision, second.Categories, second.Listed = 2, []string{"c2"}, first.Listed.Add(time.Hour)
	recordArticles(t, s, first, second)
	for topic, want := range map[newswire.Topic]int{newswire.All: 1, newswire.CategoryTopic("c1"): 0, newswire.CategoryTopic("c2"): 1} {
		p, err := s.Articles(t.Context(), cache.Query{Topic: topic, Limit: 10})
		if err != nil || len(p.Articles) != want || want == 1 && p.Articles[0].Revision != 2 {
			t.Errorf("%s lists %+v, %v; want the second of %d", topic, p.Articles, err, want)
		}
		all, _, err := s.Topics(t.Context(), topic.Kind(), "", 10)
		i := slices.IndexFunc(all, func(l cache.Listing) bool { return l.Topic == topic })
		if err != nil || (i >= 0) != (want == 1) || i >= 0 && all[i].Articles != want {
			t.Errorf("the directory has %+v, %v; want %d in %s", all, err, want, topic)
		}
	}
}
