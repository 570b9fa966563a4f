//go:build race

package need

// underRace says that the race detector is built in.
const underRace = true
