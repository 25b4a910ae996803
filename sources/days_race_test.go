//go:build race

package sources_test

// replays is how often a publisher offers again what was withdrawn: the race detector slows this down many times.
const replays = 100
