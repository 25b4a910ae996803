//go:build !linux

package hostile

import "time"

// cost is the time that a function takes, where no system call tells the time of a thread.
func cost(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
