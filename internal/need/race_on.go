//go:build race

package need

// UnderRace says that the race detector is built in.
const UnderRace = true
