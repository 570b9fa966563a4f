package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Settings are what a file of settings said: defaults of flags, and what is to
// be left alone.
type Settings struct {
	Source   string    `json:"source"`
	SHA256   string    `json:"sha256"`
	Defaults []Default `json:"defaults"` // those that were used
	Ignore   []Ignore  `json:"ignore"`
}

// Default is a flag's value from the file.
type Default struct {
	Flag  string `json:"flag"`
	Value string `json:"value"`
}

// Ignore is one rule: what it is about is told and counted, and makes no step
// and no question. Both patterns must fit where both are given; "*" stands for
// any text.
type Ignore struct {
	Address string `json:"address,omitempty"`
	Type    string `json:"type,omitempty"`
	Reason  string `json:"reason"`
	// Findings and Questions count those that it is about.
	Findings  int `json:"findings"`
	Questions int `json:"questions,omitempty"`
}

// Fits reports whether the rule is about a type at an address ("" for none).
func (i Ignore) Fits(address, typ string) bool {
	return (i.Address == "" || address != "" && fits(i.Address, address)) && (i.Type == "" || fits(i.Type, typ)) && i.Address+i.Type != ""
}

// fits matches a pattern in which "*" stands for any text. Brackets are part of
// addresses and mean themselves.
func fits(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, last)
}

// ignore takes out the steps and questions that the settings say to leave
// alone. What could not be seen stays what it is: no rule makes a reading
// complete.
func (b *builder) ignore() {
	if b.in.Settings == nil {
		return
	}
	s := *b.in.Settings
	s.Defaults, s.Ignore = list(slices.Clone(s.Defaults)), list(slices.Clone(s.Ignore))
	b.report.Settings = &s
	if len(s.Ignore) == 0 {
		return
	}
	kept := b.stepsThatStay(s.Ignore)
	b.ignoreSteps(kept)
	b.report.Held = slices.DeleteFunc(b.report.Held, func(address string) bool { return ruleFor(s.Ignore, address, typeOf(address)) >= 0 })
	b.ignoreQuestions(s.Ignore)
	total := 0
	for n := range b.report.Findings {
		f := &b.report.Findings[n]
		rule := ruleFor(s.Ignore, f.Address, f.Type)
		if rule < 0 || f.Status == InState || f.Status == Unknown || kept[f.Address] {
			continue
		}
		f.Ignored = s.Ignore[rule].Reason
		s.Ignore[rule].Findings++
		total++
	}
	if total > 0 {
		b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s ignored by %s: no step and no question speaks of them", plural(total, "finding is", "findings are"), s.Source))
	}
	if n := len(b.report.IgnoredQuestions); n > 0 {
		b.report.Notes = append(b.report.Notes, fmt.Sprintf("%s ignored by %s: nobody is asked", plural(n, "question is", "questions are"), s.Source))
	}
}

// ignoreQuestions moves the questions that a rule is about to those that nobody
// is asked.
func (b *builder) ignoreQuestions(rules []Ignore) {
	var asked []Question
	for _, q := range b.report.Questions {
		rule := ignored(rules, q)
		if rule < 0 {
			asked = append(asked, q)
			continue
		}
		q.Ignored = rules[rule].Reason
		rules[rule].Questions++
		b.report.IgnoredQuestions = append(b.report.IgnoredQuestions, q)
	}
	b.report.Questions = list(asked)
}

func ruleFor(rules []Ignore, address, typ string) int {
	return slices.IndexFunc(rules, func(i Ignore) bool { return i.Fits(address, typ) })
}

// stepsThatStay are the addresses whose steps stay, whatever a rule says: where
// a step that stays needs them, or is about the same object. Half of a move
// would leave an object in the state twice, or not at all.
func (b *builder) stepsThatStay(rules []Ignore) map[string]bool {
	out := map[string]bool{}
	for _, a := range b.report.Actions {
		if ruleFor(rules, a.Address, a.Type) < 0 {
			out[a.Address] = true
		}
	}
	told := map[string]bool{}
	for again := true; again; {
		again = false
		needed, objects := map[string]bool{}, map[string]bool{}
		for _, a := range b.report.Actions {
			if !out[a.Address] {
				continue
			}
			for _, n := range a.Needs {
				needed[n] = true
			}
			for _, id := range objectsOf(a) {
				objects[id] = true
			}
		}
		for _, a := range b.report.Actions {
			if out[a.Address] || !needed[a.Address] && !slices.ContainsFunc(objectsOf(a), func(id string) bool { return objects[id] }) {
				continue
			}
			out[a.Address], again = true, true
			if !told[a.Address] {
				told[a.Address] = true
				b.report.Notes = append(b.report.Notes, "a rule says to ignore "+a.Address+" ("+rules[ruleFor(rules, a.Address, a.Type)].Reason+
					"), and its steps stay: another step needs them or is about the same object")
			}
		}
	}
	return out
}

// objectsOf are the ids that a step is about.
func objectsOf(a Action) []string {
	return slices.DeleteFunc([]string{a.ID, a.OldStateID, a.NewStateID}, func(id string) bool { return id == "" })
}

func (b *builder) ignoreSteps(kept map[string]bool) {
	var out []Action
	for _, a := range b.report.Actions {
		if kept[a.Address] {
			a.N = len(out) + 1
			out = append(out, a)
			continue
		}
		if a.Op == Import {
			// The next apply would make it a second time: the closing check must say so.
			b.report.Guard.KnownAlive = append(b.report.Guard.KnownAlive, Alive{Address: a.Address, ID: a.ID, Why: "its import is ignored by a rule"})
		}
	}
	b.report.Actions = list(out)
}

// ignored is the rule that is about all that a question asks, the first of them
// where each candidate has its own; -1 for none.
func ignored(rules []Ignore, q Question) int {
	if rule := ruleFor(rules, "", q.Type); rule >= 0 {
		return rule
	}
	first := -1
	for _, c := range q.Candidates {
		rule := ruleFor(rules, c.Address, q.Type)
		if rule < 0 {
			return -1
		}
		if first < 0 {
			first = rule
		}
	}
	return first
}

// Ignored counts the findings that a rule is about.
func (r *Report) Ignored() int {
	n := 0
	for _, f := range r.Findings {
		if f.Ignored != "" {
			n++
		}
	}
	return n
}
