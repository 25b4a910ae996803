//go:build race

package sources_test

// virtualDays is how long the simulation lasts: under the race detector, which slows it down many times, just long enough
// for two kills and a restart. The gate runs it whole in a step of its own.
const virtualDays = 2

// replays is how often a publisher offers again what was withdrawn.
const replays = 100
