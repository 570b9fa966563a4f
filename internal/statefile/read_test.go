package statefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"reconcile/providers"
)

var update = flag.Bool("update", false, "write the golden files anew")

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, text string) *State {
	t.Helper()
	st, err := Read(strings.NewReader(text), "state.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// seen is an instance with what its methods tell.
type seen struct {
	Instance
	Decoded   providers.Attrs
	Sensitive []string
}

func TestStateIsReadWhole(t *testing.T) {
	for _, name := range []string{"everything.tfstate", "show.json"} {
		t.Run(name, func(t *testing.T) {
			st := read(t, string(readFile(t, filepath.Join("testdata", name))))
			golden := struct {
				State
				Instances []seen
			}{State: *st}
			for _, i := range st.Instances {
				attrs, err := i.Attrs()
				if err != nil {
					t.Fatal(err)
				}
				s := seen{Instance: i, Decoded: attrs}
				for _, attr := range []string{"id", "tags", "tunnel1_preshared_key", "anything"} {
					if i.IsSensitive(attr) {
						s.Sensitive = append(s.Sensitive, attr)
					}
				}
				s.Attributes = nil
				golden.Instances = append(golden.Instances, s)
			}
			got, err := json.MarshalIndent(golden, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(readFile(t, path)), string(got)); diff != "" {
				t.Errorf("the state is read otherwise (-golden +now):\n%s", diff)
			}
		})
	}
}

func TestRecordedIncidentsAreRead(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/incidents/*/*.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatal("the recorded incidents are not there")
	}
	for _, path := range paths {
		b := readFile(t, path)
		st, err := Read(bytes.NewReader(b), path)
		if err != nil {
			t.Error(err)
			continue
		}
		var want struct {
			Serial    uint64
			Lineage   string
			Resources []struct{ Instances []json.RawMessage }
		}
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range want.Resources {
			n += len(r.Instances)
		}
		if len(st.Instances) != n || st.Serial != want.Serial || st.Lineage != want.Lineage {
			t.Errorf("%s: %d instances, serial %d, lineage %q; want %d, %d, %q",
				path, len(st.Instances), st.Serial, st.Lineage, n, want.Serial, want.Lineage)
		}
	}
}

// Key order is not Terraform's after jq -S, a formatter or another program.
func TestKeyOrderDoesNotMatter(t *testing.T) {
	for _, name := range []string{"everything.tfstate", "show.json"} {
		b := readFile(t, filepath.Join("testdata", name))
		var v any
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		want, got := read(t, string(b)), read(t, string(sorted))
		for n := range want.Instances {
			a, b := want.Instances[n], got.Instances[n]
			x, _ := a.Attrs()
			y, _ := b.Attrs()
			a.Attributes, b.Attributes = nil, nil
			if diff := cmp.Diff(a, b, cmp.AllowUnexported(Instance{})) + cmp.Diff(x, y); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}

func TestTextAroundTheStateIsPassedOver(t *testing.T) {
	state := string(readFile(t, "testdata/everything.tfstate"))
	for name, text := range map[string]string{
		"warning before": "\n\x1b[33mWarning:\x1b[0m Deprecated Parameter\n\n  on main.tf line 3:\n   3:   backend \"s3\" {\n   {\n\n" + state,
		"warning after":  state + "\n\nWarning: Deprecated Parameter\n\n  on main.tf line 3 {\n",
		"box":            "╷\n│ Warning: Deprecated Parameter\n│ {\n╵\n" + state + "╷\n│ Warning\n╵\n",
		"BOM":            "\xef\xbb\xbf" + state,
		"CRLF":           "Warning\r\n" + strings.ReplaceAll(state, "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			st, err := Read(iotest.HalfReader(strings.NewReader(text)), "-")
			if err != nil {
				t.Fatal(err)
			}
			if len(st.Instances) != 8 || st.Bytes != int64(len(text)) {
				t.Errorf("%d instances of 8, %d bytes of %d", len(st.Instances), st.Bytes, len(text))
			}
			if want := sum(text); st.SHA256 != want {
				t.Errorf("hash %s, want that of the whole input, %s", st.SHA256, want)
			}
		})
	}
}

func TestNoStateIsTold(t *testing.T) {
	for text, want := range map[string]Format{
		`{"version":4,"terraform_version":"1.11.4","serial":0,"lineage":"","outputs":{},"resources":[],"check_results":null}`: None,
		`{"version":4}`: None,
		`{"version":4,"serial":1,"lineage":"x","resources":[]}`:    Raw,
		`{"version":4,"serial":0,"lineage":"x","resources":null}`:  Raw,
		`{"format_version":"1.0"}`:                                 ShowJSON,
		`{"format_version":"1.0","terraform_version":"1.11.4"}`:    ShowJSON,
		`{"format_version":"0.1","values":{"root_module":{}}}`:     ShowJSON,
		`{"resources":[],"lineage":"","serial":0,"version":4.0e0}`: "",
	} {
		st, err := Read(strings.NewReader(text), "x")
		if want == "" {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil || st.Format != want {
			t.Errorf("%s: %v, %v; want %s", text, st, err, want)
		}
	}
	if n := NoState(); n.Format != None || n.SHA256 != sum("") {
		t.Errorf("NoState: %+v", n)
	}
}

func TestEachMistakeIsNamed(t *testing.T) {
	const vpc = `{"mode":"managed","type":"aws_vpc","name":"v","provider":"provider[\"a/b/c\"]","instances":[%s]}`
	v4 := func(instances string) string {
		return `{"version":4,"serial":1,"lineage":"l","resources":[` + fmt.Sprintf(vpc, instances) + `]}`
	}
	deep := strings.Repeat(`{"child_modules":[`, 300) + strings.Repeat(`]}`, 300)
	for _, c := range []struct {
		name, text string
		want       Problem
		says       string // in message or hint
	}{
		{"empty", "", ErrEmpty, "terraform state pull > state.tfstate"},
		{"only white space", " \r\n\t", ErrEmpty, `--state none`},
		{"a message of Terraform", "Error: No state file was found!\n", ErrNotJSON, "x.tfstate: "},
		{"HCL", "resource \"aws_vpc\" \"x\" {\n  cidr_block = \"x\"\n}\n", ErrNotJSON, ""},
		{"a list", "[\n{\"version\":4}]", ErrNotState, ""},
		{"other JSON", `{"Vpcs":[]}`, ErrNotState, ""},
		{"a log", `{"@level":"info"}` + "\n" + `{"@level":"info"}`, ErrSecondValue, ""},
		{"version 4 of something else", `{"version":4,"packages":{}}`, ErrNotState, ""},
		{"version 3 of something else", `{"version":3,"services":{}}`, ErrNotState, ""},
		{"schemas", `{"format_version":"1.0","provider_schemas":{}}`, ErrNotState, ""},
		{"a bad character", "{\"version\":4,\n \"resources\":[\n{\"a\": s3cr3t}]}", ErrNotJSON, "x.tfstate, line 3 (byte 35)"},
		{"cut off", "{\"version\":4,\n \"resources\":[\n{\"a", ErrCutOff, "line 3 (byte 32)"},
		{"encrypted", `{"serial":1,"lineage":"l","meta":{},"encrypted_data":"s3cr3t","encryption_version":"v0"}`, ErrEncrypted, "tofu state pull"},
		{"encrypted, older", `{"meta":{"k":"s3cr3t"},"encrypted_data":"s3cr3t"`, ErrEncrypted, "tofu state pull"},
		{"backend record", `{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{"secret_key":"s3cr3t"},"hash":1}}`, ErrBackendRecord, pull},
		{"version 3", `{"version":3,"serial":1,"lineage":"l","modules":[]}`, ErrOlder, "version 3"},
		{"version 1", `{"version":1,"serial":1,"modules":[]}`, ErrOlder, "Terraform 0.11"},
		{"version 5", `{"version":5,"resources":{}}`, ErrNewer, "version 5"},
		{"show 2.0", `{"format_version":"2.0","values":{"root_module":{}}}`, ErrNewer, ""},
		{"plan file", "PK\x03\x04zip", ErrPlanFile, "--plan-json"},
		{"plan JSON", `{"format_version":"1.2","variables":{"p":{"value":"s3cr3t"}},"planned_values":{}}`, ErrPlanJSON, "--plan-json"},
		{"gzip", "\x1f\x8b\x08", ErrCompressed, "gunzip"},
		{"UTF-16", "\xff\xfe{\x00", ErrEncoding, "PowerShell"},
		{"UTF-16 without a mark", "{\x00\"\x00", ErrEncoding, ""},
		{"appended", `{"version":4}` + "\n" + `{"version":4}`, ErrSecondValue, ""},
		{"same object twice", v4(`{"attributes":{}},{"attributes":{}}`), ErrDuplicate, "aws_vpc.v"},
		{"same deposed object twice", v4(`{"deposed":"0a"},{"deposed":"0a"}`), ErrDuplicate, "0a"},
		{"resources twice", `{"version":4,"resources":[],"resources":[]}`, ErrMalformed, "twice"},
		{"attributes of the wrong type", v4(`{"attributes":"s3cr3t"}`), ErrMalformed, "line 1"},
		{"status of the wrong type", v4(`{"status":{"s3cr3t":1}}`), ErrMalformed, "status"},
		{"half an index", v4(`{"index_key":1.5}`), ErrMalformed, "index_key"},
		{"an index below 0", v4(`{"index_key":-1}`), ErrMalformed, "index_key"},
		{"a key that is a list", v4(`{"index_key":["s3cr3t"]}`), ErrMalformed, "index_key"},
		{"provider of an instance", v4(`{"provider":"s3cr3t"}`), ErrMalformed, "provider"},
		{"type that breaks the address", `{"version":4,"resources":[{"mode":"managed","type":"a b","name":"x","instances":[]}]}`, ErrMalformed, ""},
		{"module that breaks the address", `{"version":4,"resources":[{"mode":"managed","module":"module.a; rm","type":"a","name":"x"}]}`, ErrMalformed, "module"},
		{"unknown mode", `{"version":4,"resources":[{"mode":"s3cr3t","type":"a","name":"x"}]}`, ErrMalformed, "mode"},
		{"resources as an object", `{"version":4,"resources":{"s3cr3t":1}}`, ErrMalformed, "resources"},
		{"modules without end", `{"format_version":"1.0","values":{"root_module":` + deep + `}}`, ErrMalformed, "deeply"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.text), "x.tfstate")
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Hint() == "" {
				t.Fatalf("%v has no hint", err)
			}
			all := err.Error() + "\n" + e.Hint()
			if !strings.Contains(all, c.says) || !strings.HasPrefix(all, "x.tfstate") {
				t.Errorf("%q does not say %q", all, c.says)
			}
			if strings.Contains(all, "s3cr3t") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q tells a value, or is more than one line", all)
			}
		})
	}
}

func TestStateCutOffAnywhereIsAnErrorWithoutValues(t *testing.T) {
	for _, name := range []string{"everything.tfstate", "show.json"} {
		b := bytes.TrimSpace(readFile(t, filepath.Join("testdata", name)))
		for n := 1; n < len(b); n++ {
			_, err := Read(bytes.NewReader(b[:n]), "x")
			if !errors.Is(err, ErrCutOff) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
			e, _ := errors.AsType[*Error](err)
			if e.Offset != int64(n) || e.Line != int64(bytes.Count(b[:n], []byte{'\n'})+1) {
				t.Fatalf("%s cut at %d: line %d, byte %d", name, n, e.Line, e.Offset)
			}
		}
	}
}

func TestDamagedStateNeverTellsAValue(t *testing.T) {
	b := readFile(t, "testdata/everything.tfstate")
	for n := range b {
		for _, c := range []byte{'#', '{', '"', 0} {
			damaged := bytes.Clone(b)
			damaged[n] = c
			if _, err := Read(bytes.NewReader(damaged), "x"); err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Fatalf("byte %d as %q: %v", n, c, err)
			}
		}
	}
}

func TestReadFailureIsNotTakenForACutOffState(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(`{"version":4,"resources":[`), iotest.ErrReader(broken))
	_, err := Read(r, "x")
	if !errors.Is(err, broken) || errors.Is(err, ErrCutOff) {
		t.Errorf("got %v", err)
	}
}
