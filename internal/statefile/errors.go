package statefile

import "fmt"

// Problem is what is wrong with an input, for errors.Is.
type Problem string

func (p Problem) Error() string { return string(p) }

// The problems.
const (
	ErrEmpty         Problem = "it is empty"
	ErrNotJSON       Problem = "this is not JSON"
	ErrNotState      Problem = "this is JSON, but not a Terraform state"
	ErrCutOff        Problem = "it is cut off: the JSON does not end"
	ErrSecondValue   Problem = "a second JSON document follows the first"
	ErrEncoding      Problem = "it is UTF-16 text, not UTF-8"
	ErrCompressed    Problem = "it is compressed with gzip"
	ErrPlanFile      Problem = "this is a zip archive, most likely a saved plan, not a state"
	ErrPlanJSON      Problem = "this is a plan in JSON, not a state"
	ErrBackendRecord Problem = "this is .terraform/terraform.tfstate, the record of the backend, not the state"
	ErrEncrypted     Problem = "the state is encrypted by OpenTofu"
	ErrOlder         Problem = "the state has an old format"
	ErrNewer         Problem = "the state has a newer format than version 4"
	ErrMalformed     Problem = "the state does not have the form that Terraform writes"
	ErrDuplicate     Problem = "the state holds the same object twice"
)

const pull = "terraform state pull > state.tfstate"

// hint says what to type next.
func (p Problem) hint() string {
	switch p {
	case ErrEmpty:
		return "pull the state again: " + pull +
			"; if none exists yet (a first apply), say --state none"
	case ErrPlanFile, ErrPlanJSON:
		return "give the state here: " + pull + "; a plan goes to --plan-json as terraform show -json PLANFILE prints it"
	case ErrEncrypted:
		return "let OpenTofu decrypt it: tofu state pull > state.tfstate"
	case ErrCompressed:
		return "unpack it first: gunzip -c FILE > state.tfstate"
	case ErrEncoding:
		return "PowerShell 5 writes UTF-16 when output is redirected; pull it with: " +
			"terraform state pull | Out-File -Encoding utf8 state.tfstate"
	case ErrOlder:
		return "Terraform 0.11 and older wrote it; with Terraform 0.12 or newer, " + pull + " prints it as version 4"
	case ErrNewer:
		return "give the output of terraform show -json instead, or use a newer reconcile"
	case ErrSecondValue:
		return "the file may have been appended to; write it anew: " + pull
	case ErrDuplicate:
		return "Terraform never writes this; take the previous version of the state object, or " + pull
	}
	return "pull the state again: " + pull
}

// Error is an input that cannot be used as a state. Its text holds no value of
// the state.
type Error struct {
	Problem Problem
	Name    string // of the input
	Line    int64  // from 1; 0: the input as a whole
	Offset  int64  // in bytes, from 0
	Detail  string // which part, "" if Problem says it all
}

func (e *Error) Error() string {
	s := e.Name
	if s == "-" {
		s = "standard input"
	}
	if e.Line > 0 {
		s += fmt.Sprintf(", line %d (byte %d)", e.Line, e.Offset)
	}
	s += ": " + string(e.Problem)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap makes errors.Is(err, ErrCutOff) and the like work.
func (e *Error) Unwrap() error { return e.Problem }

// Hint says what to type next.
func (e *Error) Hint() string { return e.Problem.hint() }
