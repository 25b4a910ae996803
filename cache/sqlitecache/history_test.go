package sqlitecache

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestNothingOfAWithdrawnArticleIsLeft(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	ctx := t.Context()
	if err := s.Reschedule(ctx, "a", time.Time{}, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	leases, err := s.Claim(ctx, 1, time.Minute, "a")
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	a := newswire.Article{ID: newswire.ArticleID("a", "1"), Source: "a", GUID: "1", AtomID: "urn:x:1", Content: "as it was"}
	for a.Revision = 1; a.Revision <= 3; a.Revision++ {
		a.Offer = fmt.Sprint("offer ", a.Revision)
		v := newswire.Visit{Source: "a", At: leases[0].At, Articles: []newswire.Article{a}, State: newswire.State{Source: "a"}}
		if err := s.Record(ctx, leases[0], v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Withdraw(ctx, a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	var left int
	err = s.pool.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM texts) + (SELECT count(*) FROM revisions)`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d rows are left, %v; want none", left, err)
	}
}
