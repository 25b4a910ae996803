//go:build !race

package sources_test

// virtualDays is how long the simulation lasts.
const virtualDays = 30
