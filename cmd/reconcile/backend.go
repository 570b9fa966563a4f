package main

import (
	"github.com/spf13/pflag"

	"reconcile/internal/backend"
)

// backendFlags say where the state and its lock are, where the folder does not.
func backendFlags(fl *pflag.FlagSet, b *backend.Where) {
	fl.StringArrayVar(&b.Configs, "backend-config", nil, "what terraform init was given, where it was not run here: `FILE|NAME=VALUE` (repeatable)")
	fl.StringVar(&b.Bucket, "backend-bucket", "", "S3 bucket of the state, where --dir does not tell")
	fl.StringVar(&b.Key, "backend-key", "", "key of the state in the bucket")
	regionVar(fl, &b.Region, "backend-region", "region of the bucket and the lock table")
	fl.StringVar(&b.DynamoDBTable, "backend-dynamodb-table", "", "the lock table")
	fl.BoolVar(&b.UseLockfile, "backend-use-lockfile", false, "the lock is a file beside the state")
	fl.StringVar(&b.Workspace, "backend-workspace", "", "the workspace (default: the folder's, or TF_WORKSPACE)")
}
