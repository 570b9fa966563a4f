package main

import "github.com/spf13/pflag"

// What help says of flags that mean the same in several commands.
const (
	outUsage        = "the folder that plan wrote"
	incidentUsage   = "the incident's id, asked for again by the script"
	quietUsage      = "print nothing but errors"
	sayCalls        = "say each call to AWS and how long it took, on standard error"
	untilUsage      = "end of the window: RFC 3339 or an age such as 90m (default: the last line of --apply-log, or now)"
	barrierUsage    = "`REQUEST-ID` of a call that was made, by the run or by you (RequestID in AWS's errors): the trail reaches as far as that is there (repeatable)"
	waitUsage       = "wait until the trail is complete, for at most so long: --wait for 20 minutes, --wait=1h for another limit"
	assumeRoleUsage = "credentials of a further account: `ACCOUNT=ROLE-ARN`, assumed with the caller's (repeatable)"
	runEndedUsage   = "your word that the run which holds the lock has ended: the CI run's URL or id"
)

// dirVar adds --dir.
func dirVar(fl *pflag.FlagSet, to *string) {
	fl.StringVar(to, "dir", ".", "the root module's folder, where terraform init was run")
}
