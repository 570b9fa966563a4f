package render

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"reconcile/internal/jsontext"
	"reconcile/internal/plan"
	"reconcile/internal/printable"
)

// step is an action as the script needs it.
type step struct {
	action     plan.Action
	verb, args []string // the argv, cut where the script adds its flags
	key        string   // the instance's place, as index_state of the script prints it
	old, new   string   // ids as JSON literals, "" where none
	block      string   // the import block, "" where there is none
	spelled    string   // what show -json says of that import: lines of N, address, import id, id in state
	title      string   // shown, one line
	text       string   // shown, several lines
}

func stepsOf(r *plan.Report) ([]step, error) {
	if i := slices.IndexFunc(r.Actions, func(a plan.Action) bool { return a.Op == plan.StatePush }); i > 0 || (i == 0) != (r.Errored != nil) {
		return nil, fmt.Errorf("%w: the errored state is pushed by the first step, and by no other", errNoStep)
	}
	steps := make([]step, len(r.Actions))
	for i, act := range r.Actions {
		s, err := stepOf(act)
		if err != nil {
			return nil, fmt.Errorf("%w: step %d, %s: %w", errNoStep, i+1, clean(act.Address), err)
		}
		if act.Op == plan.StateRm && s.new == "" {
			s.new = laterID(r.Actions[i+1:], act.Address)
		}
		if act.Op == plan.Import {
			s.block, s.spelled = batched(i, act)
		}
		steps[i] = s
	}
	return steps, nil
}

// laterID is the id that a later import gives the address: a removal that finds
// it in the state has been done before.
func laterID(rest []plan.Action, address string) string {
	i := slices.IndexFunc(rest, func(a plan.Action) bool { return a.Op == plan.Import && a.Address == address })
	if i < 0 {
		return ""
	}
	return idLiteral(rest[i].NewStateID)
}

func stepOf(act plan.Action) (step, error) {
	s := step{action: act, old: idLiteral(act.OldStateID), new: idLiteral(act.NewStateID)}
	if act.Op == plan.StatePush {
		s.verb, s.args = []string{"state", "push"}, []string{plan.ErroredCopy}
		s.title, s.text = describe(act, s)
		return s, sameCommand(act.Argv, s.verb, s.verb, s.args)
	}
	if act.Address == "" || strings.HasPrefix(act.Address, "-") {
		return s, fmt.Errorf("%q is no address", act.Address)
	}
	var want []string
	switch act.Op {
	case plan.Import:
		want, s.args = []string{"import"}, []string{act.Address, act.ID}
		s.verb = []string{"import", "-input=false", "-no-color"}
	case plan.StateRm:
		want, s.args = []string{"state", "rm"}, []string{act.Address}
		s.verb = want
	case plan.Untaint:
		want, s.args = []string{"untaint"}, []string{act.Address}
		s.verb = want
	default:
		return s, fmt.Errorf("the script knows no operation %q", act.Op)
	}
	if err := sameCommand(act.Argv, want, s.verb, s.args); err != nil {
		return s, err
	}
	var err error
	if s.key, err = entryKey(act.Entry); err != nil {
		return s, err
	}
	s.title, s.text = describe(act, s)
	return s, nil
}

// erroredFile stands where other steps have their address.
const erroredFile = "errored.tfstate"

// sameCommand holds the action's argv against what its other fields say: what
// is reviewed must be what runs.
func sameCommand(argv, verb, flagged, args []string) error {
	if len(argv) < len(verb)+len(args) || !slices.Equal(argv[:len(verb)], verb) || !slices.Equal(argv[len(argv)-len(args):], args) {
		return fmt.Errorf("its argv %q does not say what its operation, address and id say", argv)
	}
	for _, flag := range argv[len(verb) : len(argv)-len(args)] {
		if !slices.Contains(flagged, flag) {
			return fmt.Errorf("its argv holds %q, which the script does not pass on", flag)
		}
	}
	return nil
}

// entryKey joins the JSON literals of an instance's place by tabs, with a tab
// at the end. Each is written again as Terraform's encoder writes it.
func entryKey(e plan.Entry) (string, error) {
	var b strings.Builder
	for _, f := range []struct{ name, text string }{{"module", e.Module}, {"type", e.Type}, {"name", e.Name}, {"key", e.Key}} {
		if f.text != "" {
			v, err := scalar(f.text)
			if err != nil {
				return "", fmt.Errorf("its entry's %s %q is no JSON string or number", f.name, f.text)
			}
			b.WriteString(v)
		} else if f.name == "type" || f.name == "name" {
			return "", fmt.Errorf("its entry has no %s", f.name)
		}
		b.WriteByte('\t')
	}
	return b.String(), nil
}

func scalar(text string) (string, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", err
	}
	if dec.More() {
		return "", fmt.Errorf("more than one value")
	}
	switch v := v.(type) {
	case string:
		return literal(v), nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("neither text nor number")
}

// literal is a JSON string as Go's encoder, and so Terraform, writes it.
func literal(s string) string {
	text, err := json.Marshal(s)
	if err != nil { // a string always marshals
		return `""`
	}
	return string(text)
}

// plainLiteral is the same without HTML escapes.
func plainLiteral(s string) string {
	text, err := jsontext.Line(s)
	if err != nil { // a string always encodes
		return `""`
	}
	return string(text)
}

func idLiteral(id string) string {
	if id == "" {
		return ""
	}
	return literal(id)
}

// describe says what a person must know to judge a step. Every line is cleaned
// by itself, so a line break in a value cannot fake a line.
func describe(act plan.Action, s step) (title, text string) {
	title = strings.ReplaceAll(string(act.Op), "_", " ") + "  " + act.Address
	if act.Op == plan.StatePush {
		title += erroredFile
	}
	if act.Op == plan.Import || act.ID != "" {
		title += "  " + act.ID
	}
	switch {
	case act.Absorbed:
		title += "  (absorbed by its successor)"
	case act.Releases:
		title += "  (releases a live object)"
	}
	lines := []string{"  terraform " + shellescape.QuoteCommand(slices.Concat(s.verb, s.args))}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, "  "+pad(name, 11)+value)
		}
	}
	add("why", act.Why)
	add("events", strings.Join(act.EventIDs, " "))
	add("needs", strings.Join(act.Needs, ", "))
	if act.Confirm != nil && len(act.Confirm.Argv) > 0 {
		as := ""
		switch c := act.Confirm; {
		case c.Role != "":
			as = " (as " + c.Role + ")"
		case c.Profile != "":
			as = " (profile " + c.Profile + ")"
		}
		add("asks first", "aws "+shellescape.QuoteCommand(act.Confirm.Argv)+as)
	}
	add("if skipped", act.IfSkipped)
	if len(act.Undo) > 0 {
		add("undo", "terraform "+shellescape.QuoteCommand(act.Undo))
	}
	return clean(title), strings.Join(printable.All(lines), "\n")
}
