package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"reconcile/internal/backend"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/integrity"
	"reconcile/internal/jsontext"
	"reconcile/internal/printable"
	"reconcile/internal/statefile"
)

type versionsFlags struct {
	placeFlags
	since, format string
	limit         int
	diff          []string
}

func newVersions(env environment) *cobra.Command {
	var f versionsFlags
	c := &cobra.Command{
		Use:   "versions [--diff A --diff B]",
		Short: "List the state's versions: serial, lineage, time, size, instances; or what changed between two",
		Long: `versions lists the versions of the state object, newest first, and reads each one
through for its serial, lineage and number of instances. What is wrong with the
present one is said first, with the command that mends it. With --diff twice (or
A,B) it tells what changed from the one to the other, by address.

Exit codes: 0 the present state is sound, 1 error, 3 it is not.`,
		Example: `  reconcile versions --since 48h
  reconcile versions --diff 3sL4kqtJlcpXroDTDmJ --diff 2pQx9LmHfY7gkvGzS1c
  reconcile restore 3sL4kqtJlcpXroDTDmJ`,
		RunE: func(c *cobra.Command, _ []string) error { return runVersions(c.Context(), env, f, givenTo(c, env)) },
	}
	fl := c.Flags()
	f.add(fl)
	fl.StringVar(&f.since, "since", "", "those that were current then or came later: RFC 3339 or an age such as 48h (default: the newest 20)")
	fl.IntVar(&f.limit, "limit", 20, "without --since: at most so many; 0 for all")
	fl.StringSliceVar(&f.diff, "diff", nil, "ids of two versions, `A,B` or the flag twice: what changed from the first to the second; current and before-lock are ids too")
	formatVar(fl, &f.format, "text", "json")
	return c
}

// listed is one version in the JSON output.
type listed struct {
	ID        string    `json:"id"`
	Modified  time.Time `json:"modified"`
	Size      int64     `json:"size"`
	ETag      string    `json:"etag,omitempty"`
	Current   bool      `json:"current,omitempty"`
	Deleted   bool      `json:"deleted,omitempty"`
	Serial    uint64    `json:"serial"`
	Lineage   string    `json:"lineage"`
	Terraform string    `json:"terraform_version"`
	Instances int       `json:"instances"`
	SHA256    string    `json:"sha256,omitempty"`
	MD5       string    `json:"md5,omitempty"`
	Broken    string    `json:"broken,omitempty"`
	When      string    `json:"when,omitempty"`
}

func runVersions(ctx context.Context, env environment, f versionsFlags, g given) error {
	const command = "reconcile versions"
	switch n := len(f.diff); {
	case n == 1:
		return usage(fmt.Errorf("--diff takes two versions, and %s alone was given", f.diff[0]), command)
	case n > 2:
		return usage(fmt.Errorf("--diff takes two versions, and %d were given", n), command)
	case f.limit < 0:
		return usage(errors.New("--limit is below zero"), command)
	case n == 2:
		if err := g.refuse("and --diff contradict each other: two versions are compared, and none is listed", "since", "limit"); err != nil {
			return err
		}
	}
	if err := g.contradict("limit", "since"); err != nil {
		return err
	}
	since, err := past(time.Now(), command, f.since)
	if err != nil {
		return err
	}
	store, place, report, err := f.open(ctx, env, g)
	if err != nil {
		return err
	}
	versions, err := store.Versions(ctx)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return hint.Errorf("check the bucket, the key and the workspace", "%s: no state was ever written there", store.Where())
	}
	before := ""
	if v := backend.BeforeLock(versions, place.Lock); v != nil {
		before = v.ID
	}
	if len(f.diff) == 2 {
		return runVersionsDiff(ctx, env, f, store, before)
	}
	shown := versions
	if f.since != "" {
		shown = incident.Since(versions, since)
	} else if len(shown) > f.limit && f.limit > 0 {
		shown = shown[:f.limit]
	}
	seen, err := store.SeeAll(ctx, shown)
	if err != nil {
		return err
	}
	k := ofRecord(report)
	e := integrity.Evidence{Where: store.Where(), Digest: place.Lock.Digest, Lineage: k.Lineage, Serial: k.Serial, From: k.From}
	if seen[0].Current {
		e.Current, e.Earlier = &seen[0], seen[1:]
	}
	faults := integrity.Judge(e)
	var rows []listed
	for _, s := range seen {
		row := listed{ID: s.ID, Modified: s.Modified, Size: s.Size, ETag: s.ETag, Current: s.Current, Deleted: s.Deleted, MD5: s.MD5}
		if o := s.Outline; o != nil {
			row.Serial, row.Lineage, row.Terraform, row.Instances, row.SHA256 = o.Serial, o.Lineage, o.TerraformVersion, o.Count(), o.SHA256
		}
		if s.Err != nil {
			row.Broken = strings.TrimPrefix(s.Err.Error(), store.Where()+": ")
		}
		if s.ID == before {
			row.When = "the last one before the lock"
		}
		rows = append(rows, row)
	}
	if err := showVersions(env, f.format, store.Where(), rows, faults, len(versions)-len(shown)); err != nil {
		return err
	}
	if len(faults) > 0 {
		return outcome(exitPerson)
	}
	return nil
}

func showVersions(env environment, format, where string, rows []listed, faults []*integrity.Fault, more int) error {
	if format == "json" {
		type fault struct {
			Problem string `json:"problem"`
			Detail  string `json:"detail"`
			Mend    string `json:"mend,omitempty"`
		}
		out := struct {
			State    string   `json:"state"`
			Faults   []fault  `json:"faults"`
			Versions []listed `json:"versions"`
			More     int      `json:"more"`
		}{where, []fault{}, rows, more}
		for _, f := range faults {
			out.Faults = append(out.Faults, fault{string(f.Problem), f.Detail, f.Mend})
		}
		return writeJSON(env.stdout, out)
	}
	for _, f := range faults {
		fmt.Fprintf(env.stdout, "*** %s\n    %s\n", printable.Lines(f.Error()), printable.Lines(f.Hint()))
	}
	if len(faults) > 0 {
		fmt.Fprintln(env.stdout)
	}
	w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "written\tserial\tinstances\tbytes\tlineage\tversion\t")
	for _, r := range rows {
		note := r.When
		if r.Current {
			note = strings.TrimPrefix(note+", current", ", ")
		}
		switch at := r.Modified.Format(time.RFC3339); {
		case r.Deleted:
			fmt.Fprintf(w, "%s\t-\t-\t-\t-\t%s\tdeleted\n", at, printable.Clean(r.ID))
		case r.Broken != "":
			fmt.Fprintf(w, "%s\t-\t-\t%d\t-\t%s\t%s\n", at, r.Size, printable.Clean(r.ID), printable.Clean(strings.TrimPrefix(note+": "+r.Broken, ": ")))
		default:
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", at, r.Serial, r.Instances, r.Size, printable.Clean(r.Lineage), printable.Clean(r.ID), note)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the versions: %w", err)
	}
	if more > 0 {
		fmt.Fprintf(env.stdout, "… and %d older ones (--since, --limit)\n", more)
	}
	return nil
}

func runVersionsDiff(ctx context.Context, env environment, f versionsFlags, store *incident.Store, before string) error {
	var outlines []*statefile.Outline
	for _, id := range f.diff {
		v, err := pick(ctx, store, id, before)
		if err != nil {
			return err
		}
		seen, err := store.See(ctx, v)
		if err == nil && seen.Outline == nil {
			err = seen.Err
		}
		if err != nil {
			return hint.Errorf("reconcile versions lists them", "version %s: %w", id, err)
		}
		outlines = append(outlines, seen.Outline)
	}
	d := statefile.Compare(outlines[0], outlines[1])
	if f.format == "json" {
		return writeJSON(env.stdout, diffJSON(d))
	}
	fmt.Fprintf(env.stdout, "from serial %d to serial %d: %d added, %d removed, %d changed\n", outlines[0].Serial, outlines[1].Serial, len(d.Added), len(d.Removed), len(d.Changed))
	for _, e := range d.Added {
		fmt.Fprintf(env.stdout, "  + %s\n", printable.Clean(named(e)))
	}
	for _, e := range d.Removed {
		fmt.Fprintf(env.stdout, "  - %s\n", printable.Clean(named(e)))
	}
	for _, c := range d.Changed {
		text := named(c.Is)
		switch {
		case c.Was.ID != c.Is.ID:
			text += "  was " + c.Was.ID
		case c.Was.Tainted != c.Is.Tainted && c.Is.Tainted:
			text += "  is tainted now"
		case c.Was.Tainted != c.Is.Tainted:
			text += "  is not tainted any more"
		}
		fmt.Fprintf(env.stdout, "  ~ %s\n", printable.Clean(text))
	}
	return nil
}

func named(e statefile.Entry) string {
	text := e.Address
	if e.Deposed != "" {
		text += " (deposed " + e.Deposed + ")"
	}
	if e.ID != "" {
		text += "  " + e.ID
	}
	return text
}

// diffJSON is a difference without the sums, which mean nothing elsewhere.
func diffJSON(d statefile.Difference) any {
	type entry struct {
		Address string `json:"address"`
		Deposed string `json:"deposed,omitempty"`
		ID      string `json:"id,omitempty"`
		WasID   string `json:"was_id,omitempty"`
		Tainted bool   `json:"tainted,omitempty"`
	}
	out := struct {
		Added   []entry `json:"added"`
		Removed []entry `json:"removed"`
		Changed []entry `json:"changed"`
	}{[]entry{}, []entry{}, []entry{}}
	of := func(e statefile.Entry) entry {
		return entry{Address: e.Address, Deposed: e.Deposed, ID: e.ID, Tainted: e.Tainted}
	}
	for _, e := range d.Added {
		out.Added = append(out.Added, of(e))
	}
	for _, e := range d.Removed {
		out.Removed = append(out.Removed, of(e))
	}
	for _, c := range d.Changed {
		e := of(c.Is)
		if c.Was.ID != c.Is.ID {
			e.WasID = c.Was.ID
		}
		out.Changed = append(out.Changed, e)
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	if err := jsontext.Write(w, v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

func scriptHint(env environment, out, name string) {
	fmt.Fprintf(env.stdout, "\nnext\n  bash %s   (prints what it would do, changes nothing)\n", shellescape.Quote(filepath.Join(out, name)))
}
