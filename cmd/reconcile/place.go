package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"reconcile/internal/backend"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/render"
)

// placeFlags say whose state it is: the report's in --out where there is one,
// else the backend of --dir.
type placeFlags struct {
	dir, out, incident string
	backend            backend.Where
}

func (f *placeFlags) add(fl *pflag.FlagSet) {
	dirVar(fl, &f.dir)
	fl.StringVar(&f.out, "out", "reconcile-out", "folder of the outputs; a report.json there says which backend and which incident")
	backendFlags(fl, &f.backend)
}

// addScript adds what a command that writes a script asks for too.
func (f *placeFlags) addScript(fl *pflag.FlagSet) {
	f.add(fl)
	fl.StringVar(&f.incident, "incident", "", incidentUsage)
}

// open opens the backend and settles the incident's id.
func (f placeFlags) open(ctx context.Context, env environment) (*incident.Store, render.Place, *plan.Report, error) {
	at := incident.StoreAt{Dir: f.dir, Flags: f.backend, Env: env.getenv}
	p := render.Place{Tool: tool(), Incident: f.incident, At: time.Now().UTC().Truncate(time.Second)}
	var report *plan.Report
	if _, err := os.Stat(filepath.Join(f.out, "report.json")); err == nil && f.backend.Bucket == "" {
		r, _, err := reportIn(f.out, nil)
		if err != nil {
			return nil, p, nil, err
		}
		if r.Backend != nil {
			report, at.Backend, at.Dir = r, r.Backend, r.Guard.Dir
		}
		if p.Incident == "" {
			p.Incident = r.Incident
		}
	}
	store, err := incident.OpenStore(ctx, at)
	if err != nil {
		return nil, p, nil, err
	}
	p.Account, p.Backend, p.Lock = store.Caller.Account, store.Backend, store.Lock(ctx)
	if p.Incident == "" {
		p.Incident = "INC-" + p.At.Format("20060102-1504")
	}
	return store, p, report, nil
}

// ofRecord is what the report says of the state.
func ofRecord(r *plan.Report) incident.Known {
	if r == nil {
		return incident.Known{}
	}
	k := incident.Known{Lineage: r.State.Lineage, Serial: r.State.Serial, From: "the plan"}
	if x := r.Execution; x != nil && x.Lineage == k.Lineage && x.Serial > k.Serial {
		k.Serial, k.From = x.Serial, "verify"
	}
	return k
}
