package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/internal/plan"
	"reconcile/internal/render"
	"reconcile/providers"
	"reconcile/providers/tape"
)

// Replay plans again from a bundle: the same report, where this is the version
// that wrote it. Nobody is asked anything. The notes say what is different.
func Replay(ctx context.Context, b *Bundle, tool plan.Tool, onProgress func(providers.Progress)) (report *plan.Report, notes []string, err error) {
	root, err := os.MkdirTemp("", "reconcile-replay-")
	if err != nil {
		return nil, nil, fmt.Errorf("making a folder for the recording: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(root); e != nil && err == nil {
			err = fmt.Errorf("removing the folder of the recording: %w", e)
		}
	}()
	o, err := b.layOut(root)
	if err != nil {
		return nil, nil, err
	}
	o.Tool, o.OnProgress, o.Recorded = tool, onProgress, true
	o.Sleep = func(context.Context, time.Duration) error { return nil } // it was waited for then
	t := tape.Replay(b.tapeCalls(), b.Opened)
	report, err = incident.Read(tape.With(ctx, t), o)
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if missed := t.Missed(); len(missed) > 0 {
		return nil, nil, hint.Errorf("use the version that recorded it: "+b.made(), "the recording does not answer all that this version asks: %s", several(missed))
	}
	if err != nil {
		return nil, nil, elsewhere{err, root}
	}
	if report, err = moved(report, root); err != nil {
		return nil, nil, err
	}
	got, err := digest(report)
	switch {
	case err != nil:
		return nil, nil, err
	case b.Error != "":
		notes = append(notes, "when it was recorded there was no plan, but the error: "+b.Error)
	case got != b.Report && tool != b.Tool:
		notes = append(notes, "the report is not the recorded one, byte for byte; that was made by "+b.made())
	case got != b.Report:
		notes = append(notes, "the report is not the recorded one, byte for byte: what was left out of the recording as secret matters to it")
	}
	if unasked := t.Unasked(); len(unasked) > 0 {
		notes = append(notes, "the recording holds answers that this version does not ask for: "+several(unasked))
	}
	return report, notes, nil
}

func several(all []string) string {
	if len(all) > 3 {
		return strings.Join(all[:3], "; ") + fmt.Sprintf(" and %d more", len(all)-3)
	}
	return strings.Join(all, "; ")
}

// layOut writes the bundle's files below root, each at its own path, and
// returns the options that read them there.
func (b *Bundle) layOut(root string) (incident.Options, error) {
	o := b.Options
	o.Originals = map[string]incident.Original{}
	fail := func(err error) error { return fmt.Errorf("laying out the recording: %w", err) }
	var later []file
	for _, f := range b.Files {
		if f.Path == "-" {
			o.Stdin = bytes.NewReader(f.Data)
			o.Originals["-"] = incident.Original{SHA256: f.SHA256, Bytes: f.Bytes}
			continue
		}
		path := filepath.Join(root, below(f.Path))
		folder := path
		if !f.Folder {
			folder = filepath.Dir(path)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return o, fail(err)
		}
		if f.Folder {
			continue
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			return o, fail(err)
		}
		o.Originals[path] = incident.Original{SHA256: f.SHA256, Bytes: f.Bytes}
		later = append(later, f)
	}
	for _, f := range later {
		path := filepath.Join(root, below(f.Path))
		if err := os.Chtimes(path, f.Time, f.Time); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return o, fail(err)
		}
	}
	if o.Stdin == nil {
		o.Stdin = strings.NewReader("")
	}
	now := b.Now
	o.Now = func() time.Time { return now }
	o.Env = func(name string) string {
		v := b.Env[name]
		if name == "TF_DATA_DIR" && filepath.IsAbs(v) {
			return filepath.Join(root, below(v))
		}
		return v
	}
	return o, paths(&o, func(p string) (string, error) { return filepath.Join(root, below(p)), nil })
}

// moved tells the paths of a report as they were when it was recorded.
func moved(r *plan.Report, root string) (*plan.Report, error) {
	var js bytes.Buffer
	if err := render.Encode(&js, r); err != nil {
		return nil, err
	}
	return render.Decode(bytes.NewReader(bytes.ReplaceAll(js.Bytes(), []byte(root), nil)))
}

// elsewhere is an error that tells paths as they were when it was recorded.
type elsewhere struct {
	error
	root string
}

func (e elsewhere) Error() string { return strings.ReplaceAll(e.error.Error(), e.root, "") }
func (e elsewhere) Unwrap() error { return e.error }
func (e elsewhere) Hint() string  { return strings.ReplaceAll(hint.Of(e.error), e.root, "") }
