package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"reconcile/fixtures"
	"reconcile/internal/incident"
	"reconcile/internal/render"
	"reconcile/providers/ec2/ec2test"
)

func newDemo(env environment) *cobra.Command {
	var name, out, format string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Plan a recorded incident, offline",
		Long: `demo serves a recorded incident over loopback HTTP, as AWS would, and plans it
through the same code as a real one. Nothing leaves this machine. The script it
writes is to be read, not run: the incident's bucket does not exist.

Incidents: ` + strings.Join(fixtures.Names(), ", "),
		Example: "  reconcile demo --out demo-out",
		RunE: func(c *cobra.Command, _ []string) error {
			return runDemo(c.Context(), env, name, out, format)
		},
	}
	choiceVar(c.Flags(), &name, "incident", "replaced-vpc-expire-11", "the recorded incident: ", fixtures.Names()...)
	c.Flags().StringVar(&out, "out", "reconcile-demo", "folder of the outputs")
	formatVar(c.Flags(), &format, render.Names()...)
	return c
}

func runDemo(ctx context.Context, env environment, name, out, formatName string) error {
	format, err := render.ByName(formatName)
	if err != nil {
		return err
	}
	fsys, err := fixtures.Incident(name)
	if err != nil {
		return err
	}
	if err := render.Writable(out); err != nil {
		return err
	}
	o, err := stage(fsys, out)
	if err != nil {
		return err
	}
	world, err := ec2test.LoadIncident(fsys)
	if err != nil {
		return err
	}
	server := ec2test.NewServer(world)
	defer server.Close()
	if err := server.Err(); err != nil {
		return fmt.Errorf("serving the recorded incident: %w", err)
	}
	o.Endpoint = server.URL
	fmt.Fprintf(env.stderr, "reconcile: the recorded incident %s, served at %s; nothing here is real\n", name, server.URL)
	line := newStatus(env, false, false)
	o.Tool, o.Env, o.OnProgress = tool(), func(string) string { return "" }, line.update
	report, err := incident.Read(ctx, o)
	line.done()
	if err != nil {
		return err
	}
	if err := deliver(env, report, out, format, false); err != nil {
		if _, told := err.(outcome); !told {
			return err
		}
	}
	fmt.Fprintf(env.stderr, "reconcile: read %s next, then report.json beside it\n", filepath.Join(out, "reconcile.sh"))
	return nil
}

// stage lays the incident's files out under the output folder, as an engineer
// would have them.
func stage(fsys fs.FS, out string) (incident.Options, error) {
	var truth struct{ Start, Role, Session string }
	data, err := fs.ReadFile(fsys, "truth.json")
	if err != nil {
		return incident.Options{}, fmt.Errorf("reading the recorded incident: %w", err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		return incident.Options{}, fmt.Errorf("reading the recorded incident: %w", err)
	}
	since, err := time.Parse(time.RFC3339, truth.Start)
	if err != nil {
		return incident.Options{}, fmt.Errorf("reading the recorded incident: %w", err)
	}
	dir := filepath.Join(out, "incident")
	if err := os.RemoveAll(dir); err != nil {
		return incident.Options{}, fmt.Errorf("clearing %s: %w", dir, err)
	}
	if err := os.CopyFS(dir, fsys); err != nil {
		return incident.Options{}, fmt.Errorf("laying out the incident: %w", err)
	}
	config := filepath.Join(dir, "config")
	if err := os.MkdirAll(filepath.Join(config, ".terraform"), 0o700); err != nil {
		return incident.Options{}, fmt.Errorf("laying out the incident: %w", err)
	}
	record := `{"version":3,"backend":{"type":"s3","config":{"bucket":"tf-state-prod","key":"env/prod/network.tfstate",` +
		`"region":"us-east-1","dynamodb_table":"tf-locks","use_path_style":true},"hash":1}}`
	if err := os.WriteFile(filepath.Join(config, ".terraform", "terraform.tfstate"), []byte(record), 0o600); err != nil {
		return incident.Options{}, fmt.Errorf("laying out the incident: %w", err)
	}
	end := since.Add(30 * time.Minute)
	return incident.Options{
		Incident: "INC-DEMO", Dir: config, State: filepath.Join(dir, "state.tfstate"), PlanJSON: filepath.Join(dir, "plan.json"),
		Role: truth.Role, Session: truth.Session, Since: since, Until: end, TrailDelay: 15 * time.Minute,
		Now: func() time.Time { return end.Add(30 * time.Minute) },
	}, nil
}
