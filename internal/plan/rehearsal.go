package plan

import "time"

// RehearsalSchema names the form of rehearsal.json, which the script writes.
const RehearsalSchema = "reconcile.rehearsal/v1"

// Rehearsal is what became of the steps on a copy of the configuration and the
// state, and what terraform plan wanted there afterwards.
type Rehearsal struct {
	Schema    string    `json:"schema"`
	PlanID    string    `json:"plan_id"` // of the script that was rehearsed
	At        time.Time `json:"at"`
	Passed    bool      `json:"passed"`
	WhyNot    string    `json:"why_not"`
	Terraform string    `json:"terraform"` // product and version
	Serial    uint64    `json:"serial"`    // of the state that it began with
	SHA256    string    `json:"sha256"`    // of that state, as pulled
	Steps     int       `json:"steps"`     // run, or found done
	Together  int       `json:"together"`  // of these, the imports that were taken together
	// Create, Update and Destroy count what the next plan will want besides
	// what Found and Updates name.
	Create  int `json:"create"`
	Update  int `json:"update"`
	Destroy int `json:"destroy"`
	// Found is what speaks against the plan; Updates are the reconciled
	// addresses that the next apply changes in place.
	Found   []Change `json:"found"`
	Updates []Change `json:"updates"`
}

// Change is one change that terraform plan wants.
type Change struct {
	Action  string `json:"action"`
	Address string `json:"address"`
}

// Declared is what one folder of the configuration declares.
type Declared struct {
	Dir       string   `json:"dir"`       // relative to the root module's folder, slashes
	Resources []string `json:"resources"` // TYPE.NAME
	Outputs   []string `json:"outputs"`   // of the root module only
}
