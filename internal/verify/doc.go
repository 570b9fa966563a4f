// Package verify says whether anything is left to do after the script: it holds
// a report against the state as it is now, a second reading of the same
// incident, and a fresh plan where one is given. It reads nothing itself.
package verify
