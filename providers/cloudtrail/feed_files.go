package cloudtrail

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"reconcile/providers"
)

// files is a file or a folder of CloudTrail's records, or standard input.
type files struct {
	path  string
	stdin io.Reader
	// open reads a file: of the disk, or of what a test puts in its place.
	open func(path string) (io.ReadCloser, error)
}

// Files returns the source that reads a file, a folder with all that is in it,
// or "-" for standard input.
func Files(path string, stdin io.Reader, x Index, progress func(done, total, items int)) *Bulk {
	return &Bulk{index: x, progress: progress, feed: &files{path: path, stdin: stdin,
		open: func(path string) (io.ReadCloser, error) { return os.Open(path) }}}
}

func (f *files) name() string {
	if f.path == "-" {
		return "CloudTrail records on standard input"
	}
	return "CloudTrail files in " + f.path
}

func (f *files) promises() promises { return promises{again: f.path != "-", all: true, aged: true} }

func (f *files) absent(_ context.Context, at providers.Place, _ Part) string {
	return fmt.Sprintf("%s hold no record at all of account %s in %s: whether anything happened there is not known", f.name(), at.Account, at.Region)
}

func (f *files) read(ctx context.Context, _ Part, to *sink) {
	if f.path == "-" {
		to.total = 1
		to.file(to.sieve(), 0, "standard input", interruptible{ctx, f.stdin})
		return
	}
	names, passed, err := logs(f.path)
	if err != nil {
		to.problem("%s: %s", f.name(), cause(err))
	}
	if len(passed) > 0 {
		to.note("%s: %d files were passed over by their names, the first %s", f.name(), len(passed), passed[0])
	}
	each(ctx, to, names, runtime.GOMAXPROCS(0), func(s *sieve, n int, name string) {
		r, err := f.open(name)
		if err != nil {
			to.lostFile(name, err)
			return
		}
		defer r.Close()
		to.file(s, n, name, interruptible{ctx, r})
	})
}

// each reads files in parallel, each worker with a sieve of its own.
func each(ctx context.Context, to *sink, names []string, workers int, read func(s *sieve, n int, name string)) {
	to.total += len(names)
	next := make(chan int)
	var group sync.WaitGroup
	for range min(workers, len(names)) {
		group.Go(func() {
			s := to.sieve()
			for n := range next {
				read(s, n, names[n])
			}
		})
	}
	for n := range names {
		if ctx.Err() != nil {
			break
		}
		next <- n
	}
	close(next)
	group.Wait()
}

func (to *sink) lostFile(name string, err error) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.broken = append(to.broken, fmt.Sprintf("%s could not be read: %s", name, cause(err)))
	to.page(0)
}

// interruptible ends a reading when nobody waits for it any more.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b)
}

var logName = regexp.MustCompile(`(?i)\.(json|jsonl|ndjson|log|gz)$`)

// apart are the folders beside a trail's own that hold no records.
var apart = regexp.MustCompile(`^CloudTrail-(Digest|Insight|Aggregated)`)

// logs are the files to read, in order of their names, and those that are none.
// A file that is named itself is read whatever its name.
func logs(path string) (names, passed []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil, nil
	}
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && apart.MatchString(d.Name()):
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
		case logName.MatchString(name):
			names = append(names, name)
		default:
			passed = append(passed, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, passed, err
}
