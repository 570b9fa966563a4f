package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
	"reconcile/internal/render"
	"reconcile/internal/statefile"
	"reconcile/providers/ec2"
)

// policyFlags are the flags of policy as they were given.
type policyFlags struct {
	dir, state, format string
	types              []string
	script             bool
	quarantine         string
	trail              plan.TrailSource
	backend            backend.Where
	uses               []string
}

func newPolicy(env environment) *cobra.Command {
	var f policyFlags
	c := &cobra.Command{
		Use:   "policy",
		Short: "Print the least IAM policy that reconcile needs",
		Long: `policy prints the IAM policy that lets reconcile read: the listings of all kinds,
or of those that --type or the state names, CloudTrail's records where --trail says
they are (event history by default), the state's lock and when the state was written.
Where --dir is initialised for an S3 backend, the bucket and the lock table are named
in it; elsewhere they are wildcards.

--for names further commands: lock lists the lock table, preflight asks for the
bucket's versioning, the table's TTL and what the caller may do.

With --script it also holds what the own commands of the generated scripts need:
reconcile.sh reads and writes the state, its lock, and its mutex beside it;
snapshot.sh copies versions to the quarantine (--quarantine, as for snapshot);
restore.sh writes the state and its digest; unlock.sh deletes the lock. terraform import
and terraform plan read the workspace's resources too, as the AWS provider does: run
the script with the rights of a role that may plan this workspace.

Not in it: sts:AssumeRole on the roles of --assume-role, and kms:Decrypt (with
--script kms:GenerateDataKey too) where the bucket or the table has a key of its own.
sts:GetCallerIdentity needs no permission and is named so that nothing is left out.`,
		Example: `  reconcile policy > reconcile-policy.json
  reconcile policy --state state.tfstate --format hcl
  reconcile policy --type aws_vpc,aws_route --script
  reconcile policy --for plan,lock,preflight
  reconcile policy --trail s3://org-trail`,
		RunE: func(c *cobra.Command, _ []string) error { return runPolicy(env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	dirVar(fl, &f.dir)
	fl.StringSliceVar(&f.types, "type", nil, "only this resource `TYPE` (repeatable)")
	fl.StringVar(&f.state, "state", "", "only the types of this state: a file, or - for standard input")
	formatVar(fl, &f.format, "json", "hcl")
	fl.BoolVar(&f.script, "script", false, "add what the commands of reconcile.sh, snapshot.sh, restore.sh and unlock.sh need")
	fl.StringVar(&f.quarantine, "quarantine", "", "with --script: PREFIX or s3://BUCKET/PREFIX of the snapshots (default: reconcile-quarantine in the state's bucket)")
	fl.StringSliceVar(&f.uses, "for", []string{"plan"}, "`COMMAND` that reads the state and its lock: "+strings.Join(ec2.Uses(), ", ")+" (repeatable)")
	trailFlags(fl, &f.trail)
	backendFlags(fl, &f.backend)
	return c
}

func runPolicy(env environment, f policyFlags, g given) error {
	const command = "reconcile policy"
	if len(f.types) > 0 && f.state != "" {
		return usage(errors.New("--type and --state contradict each other: both name the types"), command)
	}
	rows := ec2.Rows()
	types := f.types
	if err := knownTypes(ec2.Kinds(rows), "--type", types); err != nil {
		return err
	}
	if f.state != "" {
		var err error
		if types, err = typesOf(env, f.state, rows); err != nil {
			return err
		}
		fmt.Fprintln(env.stderr, "reconcile: note: this is for the kinds of the state; what a plan adds needs its own: name all with --type, or leave --state out")
	}
	if err := cmp.Or(g.backend(f.backend), g.trail(f.trail)); err != nil {
		return err
	}
	trail, err := trailAt(f.trail)
	if err != nil {
		return err
	}
	if f.trail.Profile != "" && trail.Kind != "lookup" && trail.Kind != "file" {
		fmt.Fprintf(env.stderr, "reconcile: note: what the trail needs is in this policy too; it is the profile %s that needs it\n", printable.Lines(f.trail.Profile))
	}
	for _, use := range f.uses {
		if !slices.Contains(ec2.Uses(), use) {
			return hint.Unknown("--for", use, ec2.Uses(), seeHelp(command))
		}
	}
	if f.quarantine != "" && !f.script {
		return usage(errors.New("--quarantine goes with --script: it is where snapshot.sh writes"), command)
	}
	at, err := stateAt(env, f.backend.In(f.dir, env.getenv), f.quarantine)
	if err != nil {
		return err
	}
	at.Uses = f.uses
	d := ec2.Policy(rows, types, at, trail, f.script)
	if f.format == "hcl" {
		return d.HCL(env.stdout, "reconcile")
	}
	return d.JSON(env.stdout)
}

// typesOf are the known types of a state.
func typesOf(env environment, name string, rows []ec2.Row) ([]string, error) {
	state, err := statefile.ReadFile(name, env.stdin)
	if err != nil {
		return nil, err
	}
	var types []string
	for _, k := range ec2.Kinds(rows) {
		for _, i := range state.Instances {
			if i.Type == k.Type && i.Mode == "managed" && !slices.Contains(types, k.Type) {
				types = append(types, k.Type)
			}
		}
	}
	if len(types) == 0 {
		return nil, hint.Errorf("without --state the policy is for all kinds; reconcile types lists them", "the state has no instance of a kind that reconcile knows")
	}
	return types, nil
}

// stateAt is where the state and its lock are. A folder that does not tell is
// told, and the policy is then for any bucket.
func stateAt(env environment, where backend.Where, quarantine string) (ec2.StateAt, error) {
	b, _, err := where.Locate()
	if errors.Is(err, backend.ErrRecord) || errors.Is(err, backend.ErrWorkspace) || errors.Is(err, backend.ErrHalf) || errors.Is(err, backend.ErrNoFolder) {
		return ec2.StateAt{}, err
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "reconcile: note: the state's bucket and lock table are wildcards, because %s; name the initialised folder with --dir\n", printable.Lines(err.Error()))
		return ec2.StateAt{}, nil
	}
	at := ec2.StateAt{Known: true, Bucket: b.Bucket, Key: b.StateKey, Table: b.DynamoDBTable, Region: b.Region, Role: b.RoleARN}
	if b.UseLockfile {
		at.LockFile = b.LockPath().File
	}
	if b.DynamoDBTable == "" {
		at.Mutex = b.LockPath().MutexFile // else the mutex is a row of the table
	}
	bucket, prefix, err := render.QuarantineRoot(b, quarantine)
	if err != nil {
		return ec2.StateAt{}, err
	}
	at.Quarantine = bucket + "/" + prefix
	return at, nil
}
