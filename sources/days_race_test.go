//go:build race

package sources_test

// virtualDays is how long the simulation lasts: under the race detector, which slows it down many times, just long enough
// for every kind of end.
const virtualDays = 4
