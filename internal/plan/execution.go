package plan

import "time"

// Inputs are what the plan was made from, beside what the report says elsewhere
// (folder, state, backend, window, role, variables' names): enough to read it
// all again. No value of a variable is in it.
type Inputs struct {
	PlanJSON     string      `json:"plan_json,omitempty"`
	RunPlan      bool        `json:"run_plan,omitempty"`
	ErroredState string      `json:"errored_state,omitempty"`
	ApplyLog     string      `json:"apply_log,omitempty"`
	Session      string      `json:"session,omitempty"` // as it was given
	Subject      string      `json:"oidc_subject,omitempty"`
	Barriers     []string    `json:"barriers,omitempty"`
	Trail        TrailSource `json:"trail"`
	Regions      []string    `json:"regions,omitempty"`
	AssumeRoles  []string    `json:"assume_roles,omitempty"`
	Profiles     []string    `json:"profiles,omitempty"`
	Adopt        []string    `json:"adopt,omitempty"`
	Maps         []string    `json:"maps,omitempty"`
	// Values names the variables that were given with a value, in order.
	Values           []string `json:"values,omitempty"`
	AllowMassRemoval bool     `json:"allow_mass_removal,omitempty"`
	// BackendConfigs are the files of terraform init's -backend-config.
	BackendConfigs []string `json:"backend_configs,omitempty"`
}

// TrailSource says where CloudTrail's records are taken from.
type TrailSource struct {
	Source    string `json:"source,omitempty"`    // as cloudtrail.ParseSource reads it, "" for LookupEvents
	Workgroup string `json:"workgroup,omitempty"` // of Athena
	Output    string `json:"output,omitempty"`    // of Athena
	Profile   string `json:"profile,omitempty"`   // whose credentials read it, "" for the caller's
}

// Execution is what verify saw after the script.
type Execution struct {
	VerifiedAt time.Time `json:"verified_at"`
	Serial     uint64    `json:"serial"`  // of the state that was verified
	Lineage    string    `json:"lineage"` // of it
	SHA256     string    `json:"sha256"`  // of it, as it lies in S3 or was given
	Source     string    `json:"source"`  // where it was read
	// PlanJSON is the fresh plan that was looked at, "" for none.
	PlanJSON string   `json:"plan_json,omitempty"`
	Clean    bool     `json:"clean"`
	Left     []string `json:"left"` // what is left to do, a sentence each
	Seen     []string `json:"seen"` // what is no reason to wait, a sentence each
}

// Unlock is what unlock.sh was written on.
type Unlock struct {
	At       time.Time `json:"at"`
	LockID   string    `json:"lock_id"`
	Verdict  string    `json:"verdict"`  // on the lock's holder
	Evidence []string  `json:"evidence"` // for it, a sentence each
	// Override is why a person went on, and Overridden what that went past.
	Override   string   `json:"override,omitempty"`
	Overridden []string `json:"overridden,omitempty"`
}
