package batch_test

import (
	"slices"
	"testing"

	"github.com/newswire/newswire/cache/internal/batch"
)

func TestDrainReturnsAllThatStillWaitInTheirOrder(t *testing.T) {
	var b batch.Batch[string]
	for _, one := range []string{"a", "b", "c"} {
		b.Add(one)
	}
	if !b.Remove("b") || b.Remove("b") || b.Has("b") || !b.Has("c") || b.Len() != 2 {
		t.Errorf("after b left, %d wait, b among them: %v, c: %v", b.Len(), b.Has("b"), b.Has("c"))
	}
	if got := b.Drain(); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("took %q, want a and c", got)
	}
	if b.Remove("a") || b.Len() != 0 || b.Drain() != nil {
		t.Error("a call waits that was served")
	}
}
