package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"reconcile/internal/plan"
	"reconcile/providers"
)

// mdRoom is how many characters report.md has at most: a comment on GitHub takes
// 65,536.
const mdRoom = 62000

// mdCell is how many runes of a sentence a table shows.
const mdCell = 240

// Markdown writes the report for a ticket or a pull request; brief, for a
// message in a chat.
func Markdown(w io.Writer, r *plan.Report, o Options) error {
	m := &markdown{r: r, o: o}
	if o.Brief {
		m.brief()
	} else {
		// The more there is, the less of each list is shown.
		for _, m.most = range []int{60, 30, 15, 8, 4, 2} {
			m.b.Reset()
			m.whole()
			if utf8.RuneCount(m.b.Bytes()) <= mdRoom {
				break
			}
		}
	}
	if _, err := w.Write(m.b.Bytes()); err != nil {
		return fmt.Errorf("writing the report as Markdown: %w", err)
	}
	return nil
}

type markdown struct {
	b    bytes.Buffer
	r    *plan.Report
	o    Options
	most int // of a list
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// list writes sentences, as many as there is room for.
func (m *markdown) list(all []string, most int) {
	for i, s := range all {
		if i == most && len(all) > most {
			m.line("- … and %d more: see report.html or report.json", len(all)-i)
			break
		}
		m.line("- %s", mdProse(s))
	}
}

func (m *markdown) whole() {
	r := m.r
	story := storyOf(r, m.o)
	m.line("## %s: %s\n", mdProse(cmp.Or(r.Incident, "reconcile")), mdProse(story.Verdict))
	if len(r.Incomplete) > 0 {
		m.line("> **INCOMPLETE: not everything could be seen.** What is missing here is not known to be absent. The script refuses to run without `--accept-incomplete`.\n")
		m.list(r.Incomplete, min(12, m.most))
		m.line("")
	}
	m.line("### What happened\n")
	m.line("%s\n", mdProse(strings.Join(story.Happened, " ")))
	m.line("### What to do next\n")
	for i, s := range story.Next {
		m.line("%d. %s", i+1, mdProse(s.Say))
		if s.Command != "" {
			m.b.WriteString("\n" + mdBlock("   ", clean(s.Command)) + "\n")
		}
	}
	m.line("\n### What could go wrong\n")
	if len(story.Risks) == 0 {
		m.line("Nothing that this report knows of.")
	}
	m.list(story.Risks, 12)
	m.questions()
	m.steps()
	m.findings()
	m.rehearsal()
	m.details("What was not looked at", func() { m.list(story.Unseen, m.most) })
	m.coverage()
	if len(r.Notes) > 0 {
		m.details("Also", func() { m.list(r.Notes, m.most) })
	}
	m.details("Particulars", func() {
		m.line("| | |\n|---|---|")
		for _, f := range story.Facts {
			m.line("| %s | %s |", f.Name, m.cell(f.Value))
		}
	})
	m.line("\nMade by %s from report.json. reconcile changes nothing in AWS and nothing in the state; the script does, once a person has read it.", mdProse(strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version)))
}

// cell is a sentence in a table.
func (m *markdown) cell(s string) string { return mdProse(cut(clean(s), mdCell)) }

func (m *markdown) details(title string, body func()) {
	m.line("\n<details><summary>%s</summary>\n", title)
	body()
	m.line("\n</details>")
}

func (m *markdown) questions() {
	if len(m.r.Questions) == 0 {
		return
	}
	m.line("\n### Questions for a person\n")
	for i, q := range m.r.Questions {
		if i == m.most/4+1 {
			m.line("- … and %d more: see report.html or report.json", len(m.r.Questions)-i)
			break
		}
		m.line("- %s %s: %s", mdCode(q.Type), mdCode(q.ID), mdProse(q.Text))
		for n, c := range q.Candidates {
			if n == maxCandidates {
				m.line("  - … and %d more", len(q.Candidates)-n)
				break
			}
			text := "  - " + mdCode(c.Address)
			if len(c.Tells) > 0 {
				text += ": " + m.cell(strings.Join(c.Tells, "; "))
			}
			if c.Map != "" {
				text += "; answer with " + mdCode(shown("--map", c.Map))
			}
			m.line("%s", text)
		}
	}
}

func (m *markdown) steps() {
	r := m.r
	if len(r.Actions) > 0 {
		m.line("\n### The script's steps, in this order\n")
		m.line("| # | step | address | id |\n|--:|---|---|---|")
		for i, a := range r.Actions {
			if i == m.most {
				m.line("| | … and %d more | see report.html or report.json | |", len(r.Actions)-i)
				break
			}
			op := strings.ReplaceAll(string(a.Op), "_", " ")
			switch {
			case a.Absorbed:
				op += " (absorbed by its successor)"
			case a.Releases:
				op += " **(releases a live object)**"
			}
			m.line("| %d | %s | %s | %s |", a.N, op, mdCode(cmp.Or(a.Address, erroredFile)), mdCode(a.ID))
		}
		m.details("Why, and what if skipped", func() {
			m.line("| # | why | if skipped |\n|--:|---|---|")
			for i, a := range r.Actions {
				if i == m.most {
					break
				}
				m.line("| %d | %s | %s |", a.N, m.cell(a.Why), m.cell(a.IfSkipped))
			}
		})
	}
	if len(r.Held) > 0 {
		m.line("\n### Removals that wait for `--allow-mass-removal`\n")
		for i, address := range r.Held {
			if i == min(12, m.most) {
				m.line("- … and %d more: see report.html or report.json", len(r.Held)-i)
				break
			}
			m.line("- %s", mdCode(address))
		}
	}
}

// findings tells those that no step speaks of, and counts the others.
func (m *markdown) findings() {
	n := tally(m.r)
	var parts []string
	for _, s := range statuses() {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], strings.ReplaceAll(string(s), "_", " ")))
		}
	}
	if len(parts) == 0 {
		return
	}
	m.line("\n### Findings\n\n%s.", strings.Join(parts, ", "))
	spoken := map[string]bool{}
	for _, a := range m.r.Actions {
		spoken[a.Address] = true
	}
	var rest []plan.Finding
	for _, f := range m.r.Findings {
		if f.Status != plan.InState && (f.Address == "" || !spoken[f.Address]) {
			rest = append(rest, f)
		}
	}
	if len(rest) == 0 {
		return
	}
	order := statuses()
	slices.Reverse(order)
	slices.SortStableFunc(rest, func(a, b plan.Finding) int { return slices.Index(order, a.Status) - slices.Index(order, b.Status) })
	m.details(fmt.Sprintf("%s without a step", count(len(rest), "finding")), func() {
		m.line("| status | what | id | why |\n|---|---|---|---|")
		for i, f := range rest {
			if i == m.most {
				m.line("| … | and %d more | | see report.html or report.json |", len(rest)-i)
				break
			}
			m.line("| %s | %s | %s | %s |", strings.ReplaceAll(string(f.Status), "_", " "), mdCode(cmp.Or(f.Address, f.Type)), mdCode(f.ID), m.cell(f.Reason))
		}
	})
	var byHand []string
	for _, f := range rest {
		if len(f.Delete) > 0 {
			byHand = append(byHand, clean(shown(append([]string{"aws"}, f.Delete...)...)))
		}
	}
	if len(byHand) > 0 {
		m.details("Left behind, alive: delete by hand after the next apply", func() {
			shownNow := byHand[:min(len(byHand), m.most)]
			m.b.WriteString(mdBlock("", strings.Join(shownNow, "\n")))
		})
	}
}

func (m *markdown) rehearsal() {
	h := m.r.Rehearsal
	if h == nil {
		return
	}
	word := "failed"
	if h.Passed {
		word = "passed"
	}
	m.line("\n### Rehearsal: %s\n", word)
	m.line("%s with %s, on a copy of serial %d: %s. terraform plan would then create %d, update %d and destroy %d. %s", clock(h.At), mdProse(h.Terraform), h.Serial,
		count(h.Steps, "step"), h.Create, h.Update, h.Destroy, mdProse(h.WhyNot))
	var found []string
	for _, c := range h.Found {
		found = append(found, "against the plan: "+c.Action+" "+c.Address)
	}
	m.line("")
	m.list(found, min(12, m.most))
}

func (m *markdown) coverage() {
	if len(m.r.Coverage) == 0 {
		return
	}
	done := 0
	for _, c := range m.r.Coverage {
		if c.Status == providers.Read {
			done++
		}
	}
	m.details(fmt.Sprintf("Coverage: %d of %s complete", done, count(len(m.r.Coverage), "listing")), func() {
		m.line("| kind | place | status | objects |\n|---|---|---|--:|")
		rows := slices.Clone(m.r.Coverage)
		slices.SortStableFunc(rows, func(a, b providers.Coverage) int {
			read := map[bool]int{true: 1}
			return read[a.Status == providers.Read] - read[b.Status == providers.Read]
		})
		for i, c := range rows {
			if i == m.most {
				m.line("| … and %d more | | see report.html or report.json | |", len(rows)-i)
				break
			}
			status := strings.ReplaceAll(string(c.Status), "_", " ")
			if c.Error != "" {
				status += ": " + c.Error
			}
			m.line("| %s | %s | %s | %d |", mdCode(c.Type), mdProse(placeText(c.Place)), m.cell(status), c.Objects)
		}
	})
}
