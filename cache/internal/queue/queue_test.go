package queue_test

import (
	"slices"
	"testing"

	"github.com/newswire/newswire/cache/internal/queue"
)

func TestTakeServesAllWhoStillWaitInTheirOrder(t *testing.T) {
	var q queue.Queue[string]
	for _, one := range []string{"a", "b", "c"} {
		q.Join(one)
	}
	if !q.Leave("b") || q.Leave("b") || q.Has("b") || !q.Has("c") || q.Len() != 2 {
		t.Errorf("after b left, %d wait, b among them: %v, c: %v", q.Len(), q.Has("b"), q.Has("c"))
	}
	if got := q.Take(); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("took %q, want a and c", got)
	}
	if q.Leave("a") || q.Len() != 0 || q.Take() != nil {
		t.Error("somebody waits who was served")
	}
}
