package render

import (
	"os"
)

// Writable makes sure, before anything long begins, that WriteAll will be able
// to write into dir. It makes the folder and leaves nothing in it.
func Writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return unwritable(dir, err)
	}
	f, err := os.CreateTemp(dir, ".reconcile-*")
	if err != nil {
		return unwritable(dir, err)
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return unwritable(dir, err)
	}
	if err := os.Remove(name); err != nil {
		return unwritable(dir, err)
	}
	return nil
}
