package service

import (
	"runtime/debug"
	"testing"
)

func TestMemoryIsLimitedAsConfigured(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "")
	if limitMemory(700 << 20); debug.SetMemoryLimit(-1) != 700<<20 {
		t.Errorf("the limit is %d; want what is configured", debug.SetMemoryLimit(-1))
	}
	t.Setenv("GOMEMLIMIT", "1GiB")
	if limitMemory(300 << 20); debug.SetMemoryLimit(-1) != 700<<20 {
		t.Errorf("the limit is %d; want GOMEMLIMIT to count", debug.SetMemoryLimit(-1))
	}
}
