// Package records finds the CloudTrail records in files of any size without
// decoding them: where each begins and ends, and the few fields by which it is
// told whether it matters. It knows the forms that records are kept in:
// {"Records":[…]} as a trail writes it, JSON lines, a list, the answers of
// LookupEvents, EventBridge's envelope; plain or gzip; one after the other.
//
// It promises to lose nothing quietly. What it cannot make sense of it counts,
// and goes on behind it. What it says of a record's fields holds only if it
// says that they are plain: an escape, a name in another case or a value of
// another type makes the record one that has to be decoded to be known.
package records
