// Package plan turns findings into actions: ordered, with the policy that says
// what may be done, and with everything a person needs to judge each step. Its
// Report is the whole product as data; it renders nothing and runs nothing.
package plan
