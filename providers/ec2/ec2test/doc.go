// Package ec2test is an AWS that answers over real HTTP on one loopback port:
// enough of EC2, RAM, Direct Connect, CloudTrail, STS, IAM, DynamoDB, S3, Athena
// and SQS for reconcile's readers, its tests and its demo. It reads from a [World].
// The one thing that callers can change is what Terraform's S3 backend keeps:
// objects with their versions, and items of tables, each with S3's and DynamoDB's
// own conditions.
//
// What it promises:
//
//   - A client that works here works against AWS in the ways that matter to a
//     reader: pages and their tokens, limits of MaxResults, filters, ids that do
//     not exist, error codes and HTTP statuses. What AWS refuses is refused here
//     too; a filter or an action that it does not know is an error, never an
//     empty answer that looks like absence.
//   - Documents have the shape of the AWS CLI's JSON, and one converter writes
//     all of the XML. A new call is one row in a listings_*.go; a test that fills
//     every field of the SDK's own type says whether its names are right.
//   - Faults are switched on by name and are the same on every run.
//
// It knows nothing of package testing, so that the program's demo can use it.
package ec2test
