package ec2

import "slices"

// stateRead is one call about the state, its lock or what protects them.
type stateRead struct {
	operation string
	uses      []string // commands that send it, none for all of them
	needs     []permission
}

// stateReads are all calls about the state and its lock, with the IAM actions
// that each needs. S3 answers a look for what is not there with 403 instead of
// 404 where the bucket may not be listed, and a lock that is not held must be
// told from one that may not be seen.
var stateReads = []stateRead{
	{"DynamoDB:GetItem", nil, []permission{{action: "dynamodb:GetItem", on: table}}},
	{"DynamoDB:DescribeTable", nil, []permission{{action: "dynamodb:DescribeTable", on: table}}},
	{"DynamoDB:Scan", []string{"lock"}, []permission{{action: "dynamodb:Scan", on: table}}},
	{"DynamoDB:DescribeTimeToLive", []string{"preflight"}, []permission{{action: "dynamodb:DescribeTimeToLive", on: table}}},
	{"S3:GetObject", nil, []permission{{action: "s3:GetObject", on: stateObject}, {action: "s3:GetObjectVersion", on: stateObject},
		{action: "s3:GetObject", on: lockFile}, {action: "s3:ListBucket", on: bucket}}},
	{"S3:HeadObject", nil, []permission{{action: "s3:GetObject", on: stateObject}, {action: "s3:ListBucket", on: bucket}}},
	{"S3:ListObjectsV2", nil, []permission{{action: "s3:ListBucket", on: bucket}}},
	{"S3:GetObject", []string{"lock"}, []permission{{action: "s3:GetObject", on: anyLockFile}}}, // lock --all
	{"S3:ListObjectVersions", nil, []permission{{action: "s3:ListBucketVersions", on: bucket}}},
	{"S3:GetBucketVersioning", []string{"preflight", "snapshot"}, []permission{{action: "s3:GetBucketVersioning", on: bucket}}},
	{"IAM:GetRole", []string{"preflight"}, []permission{{action: "iam:GetRole", on: anything}}},
	{"IAM:SimulatePrincipalPolicy", []string{"preflight"}, []permission{{action: "iam:SimulatePrincipalPolicy", on: anything}}},
}

// StateReads is every operation that a reader of the state may send.
func StateReads() []string {
	out := []string{"STS:GetCallerIdentity"}
	for _, r := range stateReads {
		if !slices.Contains(out, r.operation) {
			out = append(out, r.operation)
		}
	}
	return out
}

// Uses are the commands that read the state or its lock, for StateAt.
func Uses() []string {
	out := []string{"plan"}
	for _, r := range stateReads {
		for _, use := range r.uses {
			if !slices.Contains(out, use) {
				out = append(out, use)
			}
		}
	}
	slices.Sort(out)
	return out
}

// permissions are those of the commands in question.
func (at StateAt) permissions() []permission {
	var out []permission
	for _, r := range stateReads {
		if len(r.uses) == 0 || slices.ContainsFunc(r.uses, func(use string) bool { return slices.Contains(at.Uses, use) }) {
			out = append(out, r.needs...)
		}
	}
	return out
}
