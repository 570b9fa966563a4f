package render

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

// WriteAll writes report.json, report.html, report.md, summary.txt, imports.tf
// (0600) and reconcile.sh (0700) into dir, which it makes with 0700 where it does not exist. Every
// file is rendered and lies in full beside its place before the first one is
// put there, so an error leaves what was there before. The script is always
// written: where it may not run it refuses and says why, and an older one
// never stays beside a newer report.
func WriteAll(dir string, r *plan.Report) error {
	files, err := renderAll(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(dir, err)
	}
	if configured(dir) {
		files = slices.DeleteFunc(files, func(f file) bool { return f.name == importsFile })
	}
	for i := range files {
		if files[i].temp, err = writeTemp(dir, files[i]); err != nil {
			removeTemps(files)
			return unwritable(dir, err)
		}
	}
	for i, f := range files {
		if err := os.Rename(f.temp, filepath.Join(dir, f.name)); err != nil {
			removeTemps(files[i:])
			return unwritable(dir, err)
		}
	}
	if r.Unlock == nil { // what an older report allowed, this one does not
		return RemoveScript(dir, "unlock.sh")
	}
	return nil
}

// importsFile is the one output that Terraform would read.
const importsFile = "imports.tf"

// configured reports whether a folder holds a configuration of somebody's. The
// blocks that lie there would be a part of it with the next plan.
func configured(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		n := e.Name()
		return n != importsFile && (strings.HasSuffix(n, ".tf") || strings.HasSuffix(n, ".tf.json"))
	})
}

type file struct {
	name string
	mode fs.FileMode
	data []byte
	temp string
}

// renderAll renders from the decoded JSON, as reconcile render would later.
// The report comes last: its presence means that the others are there.
func renderAll(r *plan.Report) ([]file, error) {
	var js bytes.Buffer
	if err := Encode(&js, r); err != nil {
		return nil, err
	}
	decoded, err := Decode(bytes.NewReader(js.Bytes()))
	if err != nil {
		return nil, err
	}
	var script, summary, blocks, page, ticket bytes.Buffer
	if err := Shell(&script, decoded, Options{}); err != nil {
		return nil, err
	}
	if err := Text(&summary, decoded, Options{}); err != nil {
		return nil, err
	}
	if err := ImportBlocks(&blocks, decoded, Options{}); err != nil {
		return nil, err
	}
	if err := HTML(&page, decoded, Options{}); err != nil {
		return nil, err
	}
	if err := Markdown(&ticket, decoded, Options{}); err != nil {
		return nil, err
	}
	return []file{
		{name: importsFile, mode: 0o600, data: blocks.Bytes()},
		{name: "reconcile.sh", mode: 0o700, data: script.Bytes()},
		{name: "report.html", mode: 0o600, data: page.Bytes()},
		{name: "report.md", mode: 0o600, data: ticket.Bytes()},
		{name: "summary.txt", mode: 0o600, data: summary.Bytes()},
		{name: "report.json", mode: 0o600, data: js.Bytes()},
	}, nil
}

// writeTemp writes a file in full, through to the disk, under a name of its own.
func writeTemp(dir string, f file) (name string, err error) {
	t, err := os.CreateTemp(dir, "."+f.name+".*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close(), os.Remove(t.Name()))
		}
	}()
	if _, err = t.Write(f.data); err != nil {
		return "", err
	}
	if err = t.Chmod(f.mode); err != nil {
		return "", err
	}
	if err = t.Sync(); err != nil {
		return "", err
	}
	return t.Name(), t.Close()
}

// removeTemps cleans up after an error that is being returned already.
func removeTemps(files []file) {
	for _, f := range files {
		if f.temp != "" {
			_ = os.Remove(f.temp)
		}
	}
}

func unwritable(dir string, err error) error {
	return hint.Errorf("name another folder with --out", "writing into the folder %s: %w", dir, hint.Cause(err))
}
