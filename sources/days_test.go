//go:build !race

package sources_test

// virtualDays is how long the simulation lasts.
const virtualDays = 30

// replays is how often a publisher offers again what was withdrawn.
const replays = 1000
