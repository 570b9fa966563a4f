// Package statefile reads Terraform's record of what exists: a raw state
// (version 4, `terraform state pull`) or the output of `terraform show -json`.
//
// It promises that
//   - what it returns is what the bytes say, in one order, whatever order the
//     file has; two entries for the same object are an error;
//   - every address it returns is spelled as Terraform prints it, and
//     ParseAddress reads it back;
//   - anything that is not a readable state is an *Error that says where, what
//     it seems to be, and (Hint) what to type instead;
//   - no value of the state is ever part of an error's text;
//   - memory stays below three times the size of the input: attributes are
//     kept as JSON text and decoded on demand.
package statefile
