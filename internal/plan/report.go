package plan

import (
	"time"

	"reconcile/internal/backend"
	"reconcile/providers"
)

// Schema names the form of report.json.
const Schema = "reconcile.report/v1"

// Report is the product: every output is made from it alone. Marshalled with
// encoding/json it is report.json, and decoding and marshalling it again gives
// the same bytes.
type Report struct {
	Schema      string               `json:"schema"`
	Incident    string               `json:"incident"`
	Tool        Tool                 `json:"tool"`
	GeneratedAt time.Time            `json:"generated_at"`
	Verdict     Verdict              `json:"verdict"`
	Incomplete  []string             `json:"incomplete"` // why it is incomplete, a sentence each; empty: complete
	Notes       []string             `json:"notes"`      // what a reader should know and need not act on
	Caller      providers.Caller     `json:"caller"`
	State       State                `json:"state"`
	Errored     *Errored             `json:"errored_state,omitempty"`
	Backend     *backend.Config      `json:"backend"` // null: none found
	Lock        backend.Lock         `json:"lock"`
	Window      Window               `json:"window"`
	Session     Session              `json:"session"`
	Trail       Trail                `json:"trail"`
	ApplyLog    *ApplyLog            `json:"apply_log,omitempty"`
	Coverage    []providers.Coverage `json:"coverage"`
	Findings    []Finding            `json:"findings"`
	Actions     []Action             `json:"actions"`
	Held        []string             `json:"held"` // removals that wait for --allow-mass-removal
	Questions   []Question           `json:"questions"`
	// IgnoredQuestions are those that a rule leaves alone: nobody need answer them.
	IgnoredQuestions []Question  `json:"ignored_questions,omitempty"`
	Answers          []Answer    `json:"answers,omitempty"`  // what a person said with --map
	Mutations        []Accounted `json:"mutations"`          // every call of the session that happened
	Topology         *Topology   `json:"topology,omitempty"` // what a picture of the network is drawn from
	Timeline         []Moment    `json:"timeline,omitempty"` // what happened, in order
	Guard            Guard       `json:"guard"`
	Settings         *Settings   `json:"settings,omitempty"` // what a file of settings said
	Execution        *Execution  `json:"execution"`          // filled by verify
	// Rehearsal is what the steps did on a copy; nil until one was held.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	Inputs    *Inputs    `json:"inputs,omitempty"` // what verify reads again
	Unlock    *Unlock    `json:"unlock,omitempty"` // filled by unlock
}

// Tool is the program that wrote the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Verdict is the exit code's meaning in words.
type Verdict string

// The verdicts, each with its exit code: 0, 2, 3.
const (
	InSync      Verdict = "in_sync"
	HasActions  Verdict = "has_actions"
	NeedsPerson Verdict = "needs_person"
)

// State is the state that was read.
type State struct {
	Source           string `json:"source"` // the file as given, "-" for standard input
	Format           string `json:"format"` // raw, show-json, none
	Lineage          string `json:"lineage"`
	Serial           uint64 `json:"serial"`
	TerraformVersion string `json:"terraform_version"`
	SHA256           string `json:"sha256"`
	Bytes            int64  `json:"bytes"`
	Instances        int    `json:"instances"`
}

// Window is the time that is looked at, and where its ends come from.
type Window struct {
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until"`
	SinceSource string    `json:"since_source"`
	UntilSource string    `json:"until_source"`
}

// Session is the run that died.
type Session struct {
	Role       string   `json:"role"` // role or user ARN
	Name       string   `json:"name"`
	AccessKeys []string `json:"access_keys"`
	How        string   `json:"how"` // how it was singled out; "" if it was not
	// Subject is for whom an identity provider spoke, Keys what is known of the
	// life of each key.
	Subject string             `json:"subject,omitempty"`
	Keys    []providers.RunKey `json:"keys,omitempty"`
}

// Trail says what was read of CloudTrail and up to when it is known complete.
type Trail struct {
	Source        string               `json:"source"`
	Regions       []string             `json:"regions"`
	Complete      bool                 `json:"complete"`
	CompleteUntil time.Time            `json:"complete_until"`
	Why           string               `json:"why,omitempty"` // what complete_until rests on
	Barriers      []providers.Barrier  `json:"barriers,omitempty"`
	Delay         string               `json:"delay"`
	Counts        providers.TrailStats `json:"counts"`
}

// FindingStatus is one statement's word.
type FindingStatus string

// Every instance has exactly one finding of the first group; objects that the
// state does not hold have one of the second.
const (
	InState         FindingStatus = "in_sync"
	Drifted         FindingStatus = "drifted"
	GoneExplained   FindingStatus = "gone"
	GoneUnexplained FindingStatus = "gone_unexplained"
	Replaced        FindingStatus = "replaced"
	PendingObject   FindingStatus = "pending"
	Unknown         FindingStatus = "unknown"

	Unrecorded FindingStatus = "unrecorded"
	Leftover   FindingStatus = "leftover"
	Foreign    FindingStatus = "foreign"
)

// Finding is one statement about an instance or an object.
type Finding struct {
	Status   FindingStatus `json:"status"`
	Address  string        `json:"address,omitempty"`
	Deposed  string        `json:"deposed,omitempty"`
	Type     string        `json:"type"`
	ID       string        `json:"id"` // identity; for replaced: the new object's
	OldID    string        `json:"old_id,omitempty"`
	Account  string        `json:"account,omitempty"`
	Region   string        `json:"region,omitempty"`
	EventIDs []string      `json:"event_ids"`
	By       string        `json:"by,omitempty"` // who made or removed it, if not the session
	Reason   string        `json:"reason"`
	Drift    []Drift       `json:"drift,omitempty"`
	// Ignored is the reason of the rule that leaves it alone; "" for none.
	Ignored string `json:"ignored,omitempty"`
	// Delete is how a person deletes a leftover once the next apply is through:
	// argv after "aws". It is shown and never run.
	Delete []string `json:"delete,omitempty"`
}

// Drift is one attribute that AWS has otherwise than the state. A sensitive
// attribute's values are left out.
type Drift struct {
	Attribute string `json:"attribute"`
	State     string `json:"state"`
	Live      string `json:"live"`
}

// Op is what an action does to the state.
type Op string

// The operations.
const (
	Import  Op = "import"
	StateRm Op = "state_rm"
	Untaint Op = "untaint"
	// StatePush puts the errored state in place. It has no address.
	StatePush Op = "state_push"
)

// Action is one step of the plan. Argv is data: nothing in it is quoted or
// interpreted until a renderer does so.
type Action struct {
	N       int    `json:"n"` // 1-based, in the order they must run
	Op      Op     `json:"op"`
	Address string `json:"address"`
	Type    string `json:"type"`
	ID      string `json:"id"` // import id; for state_rm: the identity of what is gone
	// Argv follows the Terraform binary: "import", "-input=false", address, id.
	// Lock flags and variables are the script's to add.
	Argv []string `json:"argv"`
	// OldStateID is the id that the state holds at the address before this
	// step ("" for nothing); NewStateID the one it holds after it.
	OldStateID string `json:"old_state_id"`
	NewStateID string `json:"new_state_id"`
	// Entry locates the instance in a raw state file, as Terraform's own JSON
	// text: each field is a JSON literal, "" where absent.
	Entry     Entry    `json:"entry"`
	Why       string   `json:"why"`
	IfSkipped string   `json:"if_skipped"`
	Undo      []string `json:"undo"` // argv after the Terraform binary
	EventIDs  []string `json:"event_ids"`
	Needs     []string `json:"needs"` // addresses whose actions must come first
	// Confirm is the last look before a removal: argv after "aws", printing 0
	// if the object is gone; NotFound are error codes that mean the same.
	Confirm *Confirm `json:"confirm"`
	// Releases: the object is alive and the step gives it up. Asked for on its own.
	Releases bool `json:"releases_live_object,omitempty"`
	// Absorbed: what is alive of the object is part of its successor, which the
	// import after this step records.
	Absorbed bool `json:"absorbed_by_successor,omitempty"`
}

// Entry is a resource instance's place in a raw v4 state.
type Entry struct {
	Module string `json:"module"` // `"module.network"`
	Type   string `json:"type"`   // `"aws_vpc"`
	Name   string `json:"name"`   // `"this"`
	Key    string `json:"key"`    // `"data"`, `0`
}

// Confirm is one AWS CLI question whose answer is a count of living objects.
type Confirm struct {
	Argv     []string `json:"argv"`
	NotFound []string `json:"not_found"`
	// Via says with which credentials, where the object is in another account
	// than the caller's.
	Via
}

// Via is how the caller gets at another account: by a role that it assumes or
// by a profile. Empty: by its own credentials.
type Via struct {
	Role    string `json:"role,omitempty"`
	Profile string `json:"profile,omitempty"`
}

// Question is what only a person can answer.
type Question struct {
	Type       string      `json:"type"`
	ID         string      `json:"id"`
	Region     string      `json:"region,omitempty"`
	Text       string      `json:"text"`
	Candidates []Candidate `json:"candidates"`
	EventIDs   []string    `json:"event_ids"`
	// Ignored is the reason of the rule that leaves it alone; "" for none.
	Ignored string `json:"ignored,omitempty"`
}

// Answer is a person's word on which object is at an address.
type Answer struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	ID      string `json:"id"`
}

// Candidate is one address that an object may belong at.
type Candidate struct {
	Address string   `json:"address"`
	ID      string   `json:"import_id"`
	Tells   []string `json:"tells"` // what would tell it apart
	// Map answers the question with this candidate: what follows --map. "" where
	// that cannot settle it.
	Map string `json:"map,omitempty"`
}

// Accounted is one call of the session and what became of it.
type Accounted struct {
	providers.Call
	Outcome string `json:"outcome"` // recorded, unrecorded, undone, gone, changed, unmanaged, not_known
	Address string `json:"address,omitempty"`
}

// Guard is what the script holds against the world before it runs a command.
type Guard struct {
	Dir              string     `json:"dir"` // absolute
	Files            []FileHash `json:"files"`
	Account          string     `json:"account"`
	TerraformVersion string     `json:"terraform_version"` // "" if nothing tells
	VarFiles         []string   `json:"var_files"`         // absolute
	Vars             []string   `json:"vars"`              // names only: the values are taken from TF_VAR_…
	// EmptyState: no state existed; the script expects none, or its own journal's lineage.
	EmptyState bool `json:"empty_state"`
	// Executable is false where no script may run: the raw state was not given.
	Executable bool   `json:"executable"`
	WhyNot     string `json:"why_not,omitempty"`
	// KnownAlive are addresses whose object is alive, that no action imports:
	// the closing check must not see a create for them. Import says why not.
	KnownAlive []Alive `json:"known_alive"`
	// Declares are the names that the configuration declares: what the script
	// overrides in its copy of the folder when it takes imports together.
	Declares []Declared `json:"declares,omitempty"`
}

// Alive is an address whose object is known to be alive and stays unrecorded.
type Alive struct {
	Address string `json:"address"`
	ID      string `json:"id"`
	// CannotImport: Terraform has no way to record it but to create it again.
	CannotImport bool `json:"cannot_import"`
	// CreateIsSafe: that is known to change nothing.
	CreateIsSafe bool   `json:"create_is_safe"`
	Why          string `json:"why"`
}

// FileHash is one file that a command's result depends on.
type FileHash struct {
	Path   string `json:"path"` // relative to Dir, slashes
	SHA256 string `json:"sha256"`
}
