package render

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// The fakes share a folder, $FAKE_WORLD: state.tfstate is the state object,
// items/ the lock table, objects/ the bucket, log the commands, one JSON array
// a line, and faults.json what is to go wrong.
type faults struct {
	KillAtWrite int    // SIGKILL to the process group after that state write …
	Tear        bool   // … and before its digest
	Fail        string // a word: the terraform command that starts with it fails
	Plan        string // what plan -json prints, in place of an empty plan
	PlanFails   bool
	Version     string // of terraform, first line
	Account     string // of the caller
	Alive       string // what a question of ec2 answers
	AliveCode   string // the error code that it fails with
	ForeignAt   int    // somebody else writes right after that state write
	LockAt      int    // the lock changes hands right after that state write
	PushBumps   bool   // a pushed state lands with the next serial
	batchFaults
}

func world(parts ...string) string {
	return filepath.Join(append([]string{os.Getenv("FAKE_WORLD")}, parts...)...)
}

func readFaults() (f faults) {
	if data, err := os.ReadFile(world("faults.json")); err == nil {
		if err := json.Unmarshal(data, &f); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return f
}

func logCommand(name string, args []string) {
	line, _ := json.Marshal(append([]string{name}, args...))
	f, err := os.OpenFile(world("log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer f.Close()
	fmt.Fprintln(f, string(line))
}

// The fake's state has the order of keys and the indents of Terraform's own.
type fakeState struct {
	Version          int             `json:"version"`
	TerraformVersion string          `json:"terraform_version"`
	Serial           int             `json:"serial"`
	Lineage          string          `json:"lineage"`
	Outputs          map[string]any  `json:"outputs"`
	Resources        []*fakeResource `json:"resources"`
	CheckResults     any             `json:"check_results"`
}

type fakeResource struct {
	Module    string          `json:"module,omitempty"`
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Name      string          `json:"name"`
	Provider  string          `json:"provider"`
	Instances []*fakeInstance `json:"instances"`
}

type fakeInstance struct {
	IndexKey   any            `json:"index_key,omitempty"`
	Status     string         `json:"status,omitempty"`
	Deposed    string         `json:"deposed,omitempty"`
	Schema     int            `json:"schema_version"`
	Attributes map[string]any `json:"attributes"`
	Sensitive  []any          `json:"sensitive_attributes"`
	Identity   map[string]any `json:"identity,omitempty"`
}

func (s *fakeState) text() []byte {
	b, _ := json.MarshalIndent(s, "", "  ")
	return append(b, '\n')
}

// rehearsed is the state of a copy of the configuration, "" elsewhere.
func rehearsed() string {
	if _, err := os.Stat("reconcile-rehearsal"); err != nil {
		return ""
	}
	return "reconcile-rehearsal/terraform.tfstate"
}

func loadState() (*fakeState, []byte) {
	path := world("state.tfstate")
	if copied := rehearsed(); copied != "" {
		path = copied
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return &fakeState{Version: 4, TerraformVersion: "1.11.4", Outputs: map[string]any{}, Resources: []*fakeResource{}}, nil
	}
	var s fakeState
	if err := json.Unmarshal(data, &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return &s, data
}

// digestFits is the check that Terraform's S3 backend makes before it reads.
func digestFits(data []byte) bool {
	row, err := os.ReadFile(world("items", rowFile(stateRow+"-md5")))
	if err != nil {
		return true
	}
	sum := md5.Sum(data)
	return strings.Contains(string(row), hex.EncodeToString(sum[:]))
}

const stateRow = "tf-state-prod/env/prod/network.tfstate"

func putDigest(data []byte) {
	if _, err := os.Stat(world("items")); err != nil {
		return
	}
	sum := md5.Sum(data)
	row := fmt.Sprintf(`{"LockID":{"S":%q},"Digest":{"S":%q}}`, stateRow+"-md5", hex.EncodeToString(sum[:]))
	os.WriteFile(world("items", rowFile(stateRow+"-md5")), []byte(row), 0o600)
}

func saveState(s *fakeState) {
	f := readFaults()
	if s.Lineage == "" {
		s.Lineage = "11111111-2222-3333-4444-555555555555"
	}
	s.Serial++
	data := s.text()
	if copied := rehearsed(); copied != "" {
		os.WriteFile(copied, data, 0o600)
		return
	}
	os.WriteFile(world("state.tfstate"), data, 0o600)
	writes, _ := os.ReadFile(world("writes"))
	os.WriteFile(world("writes"), append(writes, '.'), 0o600)
	n := len(writes) + 1
	if f.KillAtWrite == n && f.Tear {
		syscall.Kill(0, syscall.SIGKILL)
	}
	putDigest(data)
	if f.KillAtWrite == n {
		syscall.Kill(0, syscall.SIGKILL)
	}
	if f.ForeignAt == n {
		s.Serial++
		os.WriteFile(world("state.tfstate"), s.text(), 0o600)
		putDigest(s.text())
	}
	if f.LockAt == n {
		setLock("00000000-1111-2222-3333-444444444444")
	}
}

func setLock(id string) {
	info := fmt.Sprintf(`{"ID":%q,"Operation":"OperationTypeApply","Info":"","Who":"ci@runner-7"}`, id)
	row, _ := json.Marshal(map[string]any{"LockID": map[string]string{"S": stateRow}, "Info": map[string]string{"S": info}})
	os.WriteFile(world("items", rowFile(stateRow)), row, 0o600)
	os.WriteFile(world("objects", rowFile("env/prod/network.tfstate.tflock")), []byte(info), 0o600)
}

func fakeTerraform(args []string) int {
	logCommand("terraform", args)
	f := readFaults()
	fail := func(text string) int {
		fmt.Fprintln(os.Stderr, text)
		return 1
	}
	if args[0] == "version" {
		fmt.Println(f.Version)
		return 0
	}
	state, data := loadState()
	if args[0] != "plan" && rehearsed() == "" && !digestFits(data) {
		return fail("\x1b[31m╷\x1b[0m\n│ Error: error loading state:\n│ state data in S3 does not have the\n│ expected content.\n│ The checksum calculated for the state stored in S3 does not match\n│ the checksum stored in DynamoDB.")
	}
	if code, ours := fakeBatch(args, state, f, fail); ours {
		return code
	}
	if f.Fail != "" && strings.HasPrefix(strings.Join(args, " "), f.Fail) {
		return fail("Error: \x1b[31mno luck\x1b[0m \u202eevil")
	}
	var words []string
	for _, a := range args {
		if len(words) > 1 || !strings.HasPrefix(a, "-") {
			words = append(words, a)
		}
	}
	switch {
	case args[0] == "plan":
		if f.PlanFails {
			fmt.Println(`{"@level":"error","@message":"Error: Bad","diagnostic":{"severity":"error","summary":"Bad","detail":"line \"one\"\ntwo"},"type":"diagnostic"}`)
			return 1
		}
		fmt.Print(f.Plan)
		fmt.Println(`{"@level":"info","@message":"Plan: 0 to add, 0 to change, 0 to destroy.","changes":{},"type":"change_summary"}`)
	case slices.Equal(args, []string{"state", "pull"}):
		if data != nil {
			os.Stdout.Write(append(bytes.Clone(data), '\n'))
		}
	case words[0] == "import":
		return fakeImport(state, words[1], words[2], fail)
	case words[0] == "state" && words[1] == "rm":
		if !drop(state, words[len(words)-1]) {
			return fail("Error: Invalid target address")
		}
		saveState(state)
	case words[0] == "state" && words[1] == "push":
		pushed, err := os.ReadFile(words[len(words)-1])
		was := state
		state = new(fakeState)
		switch {
		case err != nil || json.Unmarshal(pushed, state) != nil:
			return fail("Error: cannot push")
		case was.Lineage != "" && state.Lineage != was.Lineage:
			return fail("Error: cannot import state with lineage over unrelated state with lineage")
		case data != nil && state.Serial <= was.Serial:
			return fail("Error: cannot import state with a serial over newer state")
		}
		if !f.PushBumps {
			state.Serial--
		}
		saveState(state)
	case words[0] == "untaint":
		for _, r := range state.Resources {
			for _, i := range r.Instances {
				if address(r, i) == words[1] {
					i.Status = ""
				}
			}
		}
		saveState(state)
	default:
		return fail("unknown command")
	}
	return 0
}

func fakeImport(state *fakeState, addr, id string, fail func(string) int) int {
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if address(r, i) == addr {
				return fail("Error: Resource already managed by Terraform")
			}
		}
	}
	fakeAdd(state, addr, id)
	saveState(state)
	return 0
}

func fakeAdd(state *fakeState, addr, id string) {
	r, i := place(addr)
	i.Attributes = map[string]any{"arn": "arn", "id": id, "tags": map[string]any{"id": "not this one"}}
	for _, have := range state.Resources {
		if have.Module == r.Module && have.Type == r.Type && have.Name == r.Name {
			have.Instances = append(have.Instances, i)
			return
		}
	}
	r.Instances = []*fakeInstance{i}
	state.Resources = append(state.Resources, r)
}

// places names the instances that imports of the tests make.
func place(addr string) (*fakeResource, *fakeInstance) {
	var known map[string]fakePlace
	if data, err := os.ReadFile(world("places.json")); err == nil {
		json.Unmarshal(data, &known)
	}
	p := known[addr]
	return &fakeResource{Module: p.Module, Mode: "managed", Type: p.Type, Name: p.Name, Provider: "p"}, &fakeInstance{IndexKey: p.Key, Sensitive: []any{}}
}

type fakePlace struct {
	Module, Type, Name string
	Key                any
}

func address(r *fakeResource, i *fakeInstance) string {
	a := r.Type + "." + r.Name
	if r.Module != "" {
		a = r.Module + "." + a
	}
	switch k := i.IndexKey.(type) {
	case string:
		a += fmt.Sprintf("[%q]", k)
	case float64:
		a += fmt.Sprintf("[%d]", int(k))
	}
	return a
}

func drop(state *fakeState, addr string) (found bool) {
	for _, r := range state.Resources {
		r.Instances = slices.DeleteFunc(r.Instances, func(i *fakeInstance) bool {
			if address(r, i) == addr {
				found = true
				return true
			}
			return false
		})
	}
	state.Resources = slices.DeleteFunc(state.Resources, func(r *fakeResource) bool { return len(r.Instances) == 0 })
	return found
}
