// Package ec2 reads live EC2 networking through the AWS SDK and says, per kind
// and region, how far it got.
//
// It promises three things. It sends nothing that changes anything: a
// middleware refuses every operation that is not on the list which the rows
// and the few fixed reads add up to. It never turns a failure into an absence:
// a listing that was denied, throttled or cut off has a coverage that says so,
// and what it found up to then is kept. And every kind is one row: its
// listing, objects, identity, import id, events and documentation are declared
// in one place.
package ec2
