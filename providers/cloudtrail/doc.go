// Package cloudtrail reads CloudTrail's records and says what they did, to
// which object, and who did it.
//
// It promises that nothing is dropped without being counted: a record it
// cannot read, a call that no kind knows and a region that would not answer
// are all told. A call that failed did not happen. EC2 writes two dialects of
// records, and both are read through one path syntax (see values).
package cloudtrail
