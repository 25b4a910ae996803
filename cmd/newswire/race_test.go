//go:build race

package main

// raceDetector says whether the command of the tests has the race detector in it, which takes several times the memory.
const raceDetector = true
