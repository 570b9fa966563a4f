package main

import (
	"github.com/spf13/pflag"

	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/providers/ec2"
)

// trailFlags say where CloudTrail's records are taken from.
func trailFlags(fl *pflag.FlagSet, t *plan.TrailSource) {
	fl.StringVar(&t.Source, "trail", "lookup", "`SOURCE` of CloudTrail's records: lookup (LookupEvents), file:PATH (file or folder, - for standard input), s3://BUCKET[/PREFIX], athena:DATABASE.TABLE, lake:EVENT-DATA-STORE, eventbridge:QUEUE-URL")
	fl.StringVar(&t.Workgroup, "trail-workgroup", "", "Athena's workgroup (default: primary)")
	fl.StringVar(&t.Output, "trail-output", "", "where Athena puts its results, s3://BUCKET/PREFIX (default: the workgroup's)")
	fl.StringVar(&t.Profile, "trail-profile", "", "the profile whose credentials read the trail, where the caller's own may not (a log archive account)")
}

// trailAt is the source as a policy names it.
func trailAt(t plan.TrailSource) (ec2.TrailAt, error) {
	s, err := incident.ParseTrail(t)
	if err != nil {
		return ec2.TrailAt{}, err
	}
	return ec2.TrailAt{Kind: s.Kind, Bucket: s.Bucket, Prefix: s.Prefix, Database: s.Table.Database, Table: s.Table.Table, Output: s.Table.Output,
		Store: s.Store, Queue: s.Queue}, nil
}
