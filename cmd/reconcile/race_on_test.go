//go:build race

package main

// underRace: the script tests start thousands of processes, and the race
// detector looks into none of them.
const underRace = true
