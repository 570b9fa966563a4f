package hint

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// What the file system says, in the words of the rest.
var (
	errFolder   = errors.New("it is a folder, not a file")
	errNoFolder = errors.New("it is no folder, or lies in none")
)

// Open opens a file that a person named. What is what it holds, with its
// article; next is what to type where it cannot be read.
func Open(path, what, next string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, File(path, what, next, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close() // nothing was written to it
		return nil, File(path, what, next, errFolder)
	}
	return f, nil
}

// File is the error of a file that cannot be read.
func File(path, what, next string, err error) error {
	return Errorf(next, "reading %s %s: %w", what, path, Cause(err))
}

// Cause is an error of the file system without its call and its path, which the
// message names already.
func Cause(err error) error {
	switch of, ok := errors.AsType[*fs.PathError](err); {
	case errors.Is(err, syscall.EISDIR):
		return errFolder
	case errors.Is(err, syscall.ENOTDIR):
		return errNoFolder
	case ok:
		return of.Err
	}
	return err
}
