package render

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

// KeepErrored puts the errored state that the report names where the script
// finds it: into dir/private, which nobody but its owner reads, for it holds
// secrets. What it copies must be what was read. Where the report names none,
// an earlier one is taken away.
func KeepErrored(dir string, r *plan.Report) error {
	to := filepath.Join(dir, filepath.FromSlash(plan.ErroredCopy))
	if r.Errored == nil {
		if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(dir, err)
		}
		return nil
	}
	private := filepath.Dir(to)
	if err := os.MkdirAll(private, 0o700); err != nil {
		return unwritable(dir, err)
	}
	if err := os.Chmod(private, 0o700); err != nil {
		return unwritable(dir, err)
	}
	data, err := readSame(r.Errored)
	if err != nil {
		return err
	}
	temp, err := writeTemp(private, file{name: filepath.Base(to), mode: 0o600, data: data})
	if err != nil {
		return unwritable(dir, err)
	}
	if err := os.Rename(temp, to); err != nil {
		return unwritable(dir, errors.Join(err, os.Remove(temp)))
	}
	return nil
}

func readSame(e *plan.Errored) ([]byte, error) {
	f, err := os.Open(e.Source)
	if err != nil {
		return nil, hint.Errorf("run plan again", "copying the errored state: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, hint.Errorf("run plan again", "copying the errored state: %w", err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != e.SHA256 {
		return nil, hint.Errorf("run plan again when nothing writes it", "%s has changed while the plan was made", e.Source)
	}
	return data, nil
}
