package bundle

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/render"
	"reconcile/providers/tape"
)

// Record reads an incident as incident.Read does, and returns what the report
// was made of beside it. Paths are told in full. Where the reading fails its
// error comes with a bundle too, if there is anything to show; where it was
// interrupted there is none.
func Record(ctx context.Context, o incident.Options) (*plan.Report, *Bundle, error) {
	if o.RunPlan {
		return nil, nil, hint.Errorf("make the plan yourself and give it with --plan-json", "--record keeps what is read, and --run-plan runs commands")
	}
	if o.State == "" || strings.HasPrefix(o.State, "s3://") {
		return nil, nil, hint.Errorf("terraform state pull > state.tfstate, and give it with --state state.tfstate",
			"--record needs the state as a file: secrets are taken out of a file's state, and the object in S3 would not be its digest's any more")
	}
	if err := paths(&o, absolute); err != nil {
		return nil, nil, err
	}
	now := o.Now().UTC()
	o.Now = func() time.Time { return now }
	asked := &asked{of: o.Env, got: map[string]string{}}
	o.Env = asked.env
	var stdin bytes.Buffer
	if o.Stdin != nil {
		o.Stdin = io.TeeReader(o.Stdin, &stdin)
	}
	o.Recorded = true
	t := tape.Record()
	report, err := incident.Read(tape.With(ctx, t), o)
	if ctx.Err() != nil {
		return nil, nil, err
	}
	b := &Bundle{Schema: schema, Tool: o.Tool, Now: now, Opened: t.Openings()}
	m := newMasker()
	b.Files = gather(o, asked, stdin.Bytes(), m)
	b.Calls = kept(t.Calls(), m)
	b.Env = asked.kept(m)
	for i := range o.Inputs {
		if in := &o.Inputs[i]; in.Name != "" && m.secretVariable(in.Name) {
			in.Value = m.mask(in.Value)
		}
	}
	o.Backend.Configs = slices.Clone(o.Backend.Configs)
	for i, c := range o.Backend.Configs {
		if name, value, ok := strings.Cut(c, "="); ok && (secretName(name) || name == "external_id") {
			o.Backend.Configs[i] = name + "=" + m.mask(value)
		}
	}
	b.Masked = m.masked()
	var unkept error
	if b.Options, unkept = portable(o); unkept != nil {
		return nil, nil, fmt.Errorf("keeping the options: %w", unkept)
	}
	if err != nil {
		b.Error = err.Error()
		return nil, b, err
	}
	b.Report, err = digest(report)
	return report, b, err
}

// digest is the SHA-256 of a report as it is written.
func digest(r *plan.Report) (string, error) {
	var js bytes.Buffer
	if err := render.Encode(&js, r); err != nil {
		return "", err
	}
	sum := sha256.Sum256(js.Bytes())
	return hex.EncodeToString(sum[:]), nil
}

// kept are the tape's calls without what must not be kept.
func kept(calls []tape.Call, m *masker) []call {
	out := make([]call, len(calls))
	for i, c := range calls {
		answers := c.Answers
		c.Answers = nil
		out[i].Call = c
		for _, a := range answers {
			for n := range a.Error {
				a.Error[n] = m.text(a.Error[n])
			}
			body := m.answer(a.Body)
			a.Body = nil
			out[i].Answers = append(out[i].Answers, answer{a, body})
		}
	}
	return out
}

// asked remembers which variables of the environment were looked at.
type asked struct {
	of  func(string) string
	mu  sync.Mutex
	got map[string]string
}

func (a *asked) env(name string) string {
	v := a.of(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	if v != "" {
		a.got[name] = v
	}
	return v
}

// kept are Terraform's own variables and where AWS is asked, never a
// credential.
func (a *asked) kept(m *masker) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := maps.Clone(a.got)
	for name, v := range out {
		variable, isVariable := strings.CutPrefix(name, "TF_VAR_")
		switch {
		case isVariable && m.secretVariable(variable):
			out[name] = m.mask(v)
		case !isVariable && secretName(name):
			delete(out, name)
		}
	}
	return out
}

// Says tells what was recorded, in a sentence.
func (b *Bundle) Says() string {
	answers, files := 0, 0
	for _, c := range b.Calls {
		answers += len(c.Answers)
	}
	for _, f := range b.Files {
		if !f.Folder {
			files++
		}
	}
	return fmt.Sprintf("%d answers of AWS and %d files, %d values left out as secret", answers, files, b.Masked)
}

// made says which version wrote the bundle.
func (b *Bundle) made() string {
	return cmp.Or(strings.TrimSpace(b.Tool.Name+" "+b.Tool.Version), "another version")
}
