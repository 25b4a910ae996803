//go:build !race

package sources_test

// replays is how often a publisher offers again what was withdrawn.
const replays = 1000
