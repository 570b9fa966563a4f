package statefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func FuzzRead(f *testing.F) {
	for _, name := range []string{"everything.tfstate", "show.json"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("Warning\n{\"version\":4}"))
	f.Add([]byte(`{"format_version":"1.0","values":{"root_module":{"child_modules":[{"address":"module.a"}]}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		st, err := Read(bytes.NewReader(b), "x")
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("an error that is not for a person: %v", err)
			}
			return
		}
		if st.SHA256 != sum(string(b)) || st.Bytes != int64(len(b)) {
			t.Fatalf("the hash or size is not that of the input")
		}
		if !slices.IsSortedFunc(st.Instances, func(a, b Instance) int {
			if a.Address < b.Address || a.Address == b.Address && a.Deposed < b.Deposed {
				return -1
			}
			return 1
		}) {
			t.Fatal("the instances are not in order, or one is there twice")
		}
		for _, i := range st.Instances {
			a, err := ParseAddress(i.Address)
			if err != nil {
				t.Fatal(err)
			}
			if a != (Address{i.Module, i.Mode, i.Type, i.Name, i.Key}) {
				t.Fatalf("%s is read as %+v", i.Address, a)
			}
			if _, err := i.Attrs(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzParseAddress(f *testing.F) {
	f.Add(`module.a["k"].data.aws_x.y[0]`)
	f.Add(`a.b["$${x}\u200b\\"]`)
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			_ = err.Error() // must not fail on any input
			return
		}
		again, err := ParseAddress(a.String())
		if err != nil || again != a {
			t.Fatalf("%q is %+v, printed and read again %+v, %v", s, a, again, err)
		}
	})
}
