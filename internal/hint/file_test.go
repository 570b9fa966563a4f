package hint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A file that cannot be read is said once: what it is, where, and why.
func TestAFileThatCannotBeReadIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	for path, why := range map[string]string{filepath.Join(dir, "nosuch"): "no such file or directory", dir: "it is a folder, not a file"} {
		_, err := Open(path, "the state", "give one")
		if want := "reading the state " + path + ": " + why; err == nil || err.Error() != want || Of(err) != "give one" {
			t.Errorf("%v | %s, want %s", err, Of(err), want)
		}
	}
	if _, err := Open(filepath.Join(dir, "nosuch"), "the state", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is no fs.ErrNotExist", err)
	}
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, "the state", "give one")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
