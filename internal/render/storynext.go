package render

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"reconcile/internal/plan"
	"reconcile/internal/render/html"
)

// course is what to do, the next thing first: the rest of the runbook from here.
// Every output takes the next step from it.
func course(r *plan.Report, o Options) []html.Step {
	script, report := path.Join(o.Out, "reconcile.sh"), path.Join(o.Out, "report.json")
	held := r.Lock.Status == "held"
	verify := html.Step{Say: "compare once more: it must find nothing left to do; if it finds anything, run reconcile plan again", Command: shown("reconcile", "verify", report)}
	unlock := []html.Step{{Say: "release the lock, last: this writes unlock.sh if all its gates are open", Command: shown("reconcile", "unlock", report)}}
	if r.Unlock != nil {
		unlock = []html.Step{{Say: "release the lock: unlock.sh prints its checklist and changes nothing without --execute", Command: shown("bash", path.Join(o.Out, "unlock.sh"))}}
	}
	apply := html.Step{Say: "plan, read it, apply what is left of the interrupted change, and let the pipeline run again", Command: "terraform plan"}
	end := func(steps ...html.Step) []html.Step {
		if held {
			steps = append(steps, unlock...)
		}
		return append(steps, apply)
	}
	var run []html.Step
	if len(r.Questions) > 0 {
		run = append(run, html.Step{Maybe: true, Say: "answer the questions that can be (--map), then run reconcile plan again"})
	}
	if r.Backend != nil && r.Backend.Type == "s3" {
		run = append(run, html.Step{Say: "if no copy of the state was made yet: this writes snapshot.sh, run that too",
			Maybe: true, Command: shown("reconcile", "snapshot", "--incident", r.Incident)})
	}
	run = append(run, html.Step{Say: "read the script: it prints its steps and changes nothing", Command: shown("bash", script)})
	if h := r.Rehearsal; h == nil || !h.Passed {
		run = append(run, html.Step{Say: "rehearse it on a copy of the state: it says what terraform plan will want then, and fails if that makes, replaces or destroys anything of these steps", Command: shown("bash", script, "--rehearse")})
	}
	say := "run it; it asks before each step, can be stopped anywhere and run again"
	if held {
		say += "; --holder-dead is your word that you have looked at the CI job and the machine, and that the run that holds the lock has ended"
	}
	run = append(run, html.Step{Say: say, Command: executeLine(r, script)}, verify)
	switch x := r.Execution; {
	case x != nil && x.Clean:
		return end()
	case !r.Guard.Executable:
		return []html.Step{{Say: "no script can run: " + cmp.Or(r.Guard.WhyNot, "the report does not say why")}, {Say: "run reconcile plan again"}}
	case len(r.Incomplete) > 0:
		return []html.Step{{Say: "mend what is incomplete, then run reconcile plan again; what follows depends on what it finds"}}
	case len(r.Held) > 0:
		return []html.Step{{Say: "read the removals that are held back; if they are right, run reconcile plan again with --allow-mass-removal"}}
	case len(r.Actions) > 0 && x != nil:
		return append([]html.Step{{Say: "finish the script; if it is done, run reconcile plan again with a new --out"}}, end(verify)...)
	case len(r.Actions) > 0:
		return end(run...)
	case len(r.Questions) > 0:
		return []html.Step{{Say: "answer the questions (--map), then run reconcile plan again"}}
	case held:
		return end(verify)
	}
	return end()
}

func executeLine(r *plan.Report, script string) string {
	argv := []string{"bash", script, "--execute", "--incident", r.Incident}
	if r.Lock.Status == "held" {
		argv = append(argv, "--holder-dead", r.Lock.ID)
	}
	return shown(argv...)
}

// risks are what can go wrong from here, the worst first.
func risks(r *plan.Report) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	done := r.Execution != nil && r.Execution.Clean
	if r.Lock.Status == "held" && !done && (len(r.Actions) > 0 || r.Verdict == plan.NeedsPerson) {
		add("Releasing the lock first. The next apply would run on a state that does not say what AWS has.")
	}
	if len(r.Incomplete) > 0 {
		add("Acting on what could not be seen. The script refuses to run without --accept-incomplete.")
	}
	if u := r.Unlock; u != nil && u.Override != "" {
		add("The lock's gates were passed by a person's word: %s (%s).", u.Override, strings.Join(u.Overridden, "; "))
	}
	if h := r.Rehearsal; h != nil && !h.Passed {
		add("The rehearsal failed: %s", strings.TrimSpace(h.WhyNot))
	}
	for _, a := range r.Actions {
		switch {
		case a.Absorbed:
			add("The script's step %d takes %s out of the state: what is alive of it belongs to the successor, which the import after it records.", a.N, a.ID)
		case a.Releases:
			add("The script's step %d gives up %s, which is alive: Terraform forgets it and nobody deletes it.", a.N, a.ID)
		}
	}
	out = append(out, skipped(r)...)
	if n := len(r.Questions); n > 0 {
		add("Running terraform apply while %s open: what nobody gave an address may be made a second time.", isAre(n, "question"))
	}
	out = append(out, ignoredQuestions(r)...)
	if n := tally(r)[plan.Leftover]; n > 0 {
		add("Forgetting what is left over (%d): alive, paid for, and unknown to Terraform. Delete by hand after the next apply.", n)
	}
	if n := tally(r)[plan.Foreign]; n > 0 {
		add("Importing what somebody else made (%d): it only looks alike.", n)
	}
	if len(r.Actions) > 0 && !done {
		add("Waiting. The plan is for serial %d of the state and for AWS as it was read at %s: the script refuses a newer state, and runs until %s.", r.State.Serial, clock(r.GeneratedAt), clock(r.GeneratedAt.Add(maxAge)))
	}
	return out
}

// skipped says what follows where steps are left out: each consequence once, in
// the order of the steps, so that what others hang on comes first.
func skipped(r *plan.Report) []string {
	const most = 5
	steps := map[string][]int{}
	for _, a := range r.Actions {
		if a.IfSkipped != "" && !strings.HasPrefix(a.IfSkipped, "nothing") {
			steps[a.IfSkipped] = append(steps[a.IfSkipped], a.N)
		}
	}
	texts := slices.SortedFunc(func(yield func(string) bool) {
		for text := range steps {
			if !yield(text) {
				return
			}
		}
	}, func(a, b string) int { return steps[a][0] - steps[b][0] })
	var out []string
	for i, text := range texts {
		if i == most {
			out = append(out, fmt.Sprintf("Leaving out others of the script's steps: see each step (%s more).", count(len(texts)-most, "consequence")))
			break
		}
		out = append(out, "Leaving out "+numbers(steps[text])+" of the script's steps: "+text+".")
	}
	return out
}

// numbers writes 1, 2, 3, 7 as "1-3, 7", and not more than a handful.
func numbers(in []int) string {
	const most = 6
	var parts []string
	for i := 0; i < len(in); {
		j := i
		for j+1 < len(in) && in[j+1] == in[j]+1 {
			j++
		}
		if len(parts) == most {
			return strings.Join(parts, ", ") + fmt.Sprintf(" and %d more", len(in)-i)
		}
		text := fmt.Sprint(in[i])
		if j > i {
			text += fmt.Sprintf("-%d", in[j])
		}
		parts, i = append(parts, text), j+1
	}
	return strings.Join(parts, ", ")
}
