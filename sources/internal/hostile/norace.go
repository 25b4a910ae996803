//go:build !race

package hostile

// raced says that the race detector is at work, under which times say nothing.
const raced = false
