package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/plan"
	"reconcile/internal/render/html"
	"reconcile/providers"
)

// storyOf says in sentences what the report says in fields: for the reader who
// has a minute, and for the one who comes a month later.
func storyOf(r *plan.Report, o Options) html.Story {
	return html.Story{
		Verdict: verdictLine(r), Happened: happened(r), Next: course(r, o), Risks: risks(r), Unseen: unseen(r), Facts: factsOf(r),
	}
}

func verdictLine(r *plan.Report) string {
	switch r.Verdict {
	case plan.InSync:
		return "In sync: the state says what AWS has"
	case plan.HasActions:
		return count(len(r.Actions), "step") + " to make the state say what AWS has"
	case plan.NeedsPerson:
		return "A person must look: " + needs(r)
	}
	return "Verdict: " + string(r.Verdict)
}

// happened tells the incident in order: the run, what it did, what the state
// knows of it, what is planned.
func happened(r *plan.Report) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(r.Incomplete) > 0 {
		add("This report is incomplete: what is missing in it is not known to be absent.")
	}
	add("%s", runSentence(r))
	if text := callsSentence(r); text != "" {
		add("%s", text)
	}
	add("%s", stateSentence(r))
	if text := foundSentence(r); text != "" {
		add("%s", text)
	}
	add("%s", planSentence(r))
	if x := r.Execution; x != nil {
		if x.Clean {
			add("Afterwards, at %s, reconcile compared again: nothing is left to do.", clock(x.VerifiedAt))
		} else {
			add("Afterwards, at %s, reconcile compared again: %s left.", clock(x.VerifiedAt), isAre(len(x.Left), "thing"))
		}
	}
	return out
}

func runSentence(r *plan.Report) string {
	run := "The run"
	if r.Session.Name != "" {
		run += " " + r.Session.Name
	}
	if r.Session.Role != "" {
		run += " of " + r.Session.Role[strings.LastIndexByte(r.Session.Role, ':')+1:]
	}
	switch l := r.Lock; l.Status {
	case "held":
		by := ""
		if l.Who != "" {
			by = " (" + l.Who + ")"
		}
		return fmt.Sprintf("%s died before it was through. The state's lock, taken at %s%s, is still held.", run, clock(l.Created), by)
	case "none":
		return run + " died before it was through. No lock is held on the state."
	}
	return run + " died before it was through. Whether the state's lock is held could not be told."
}

func callsSentence(r *plan.Report) string {
	if len(r.Mutations) == 0 {
		if r.Trail.Source == "" {
			return "CloudTrail was not read."
		}
		return "CloudTrail has no change by it in the window." + refusedSentence(r)
	}
	n := map[providers.Role]int{}
	for _, m := range r.Mutations {
		n[roleOf(m)]++
	}
	var parts []string
	for _, p := range []struct {
		role providers.Role
		text string
	}{{providers.Created, "creation"}, {providers.Changed, "change"}, {providers.Deleted, "deletion"}, {"", "other"}} {
		if n[p.role] > 0 {
			parts = append(parts, count(n[p.role], p.text))
		}
	}
	first, last := r.Mutations[0], r.Mutations[len(r.Mutations)-1]
	when := "from " + clock(first.Time) + " to " + clock(last.Time)
	if first.Time.Equal(last.Time) {
		when = "at " + clock(first.Time)
	}
	text := fmt.Sprintf("CloudTrail has %s by it, %s: %s.", count(len(r.Mutations), "call"), when, strings.Join(parts, ", "))
	return text + refusedSentence(r)
}

// stopped is the moment from which the session could do nothing any more.
func stopped(r *plan.Report) (plan.Moment, bool) {
	i := slices.IndexFunc(r.Timeline, func(m plan.Moment) bool { return m.Kind == plan.Stopped })
	if i < 0 {
		return plan.Moment{}, false
	}
	return r.Timeline[i], true
}

func refusedSentence(r *plan.Report) string {
	if m, ok := stopped(r); ok {
		return fmt.Sprintf(" Its credentials were refused at %s (%s); it changed nothing after that.", clock(m.Time), m.Code)
	}
	switch n := r.Trail.Counts.Refused; n {
	case 0:
		return ""
	case 1:
		return " 1 call of it was refused or failed."
	default:
		return fmt.Sprintf(" %d calls of it were refused or failed.", n)
	}
}

// roleOf is what a call did, in one word: what it made or deleted matters more
// than what it changed on the way.
func roleOf(m plan.Accounted) providers.Role {
	var out providers.Role
	for _, e := range m.Mutations {
		if out == "" || out == providers.Changed {
			out = e.Role
		}
	}
	return out
}

func stateSentence(r *plan.Report) string {
	if r.State.Format == "none" {
		return "There is no state: it was the first apply."
	}
	n := tally(r)
	text := fmt.Sprintf("The state (serial %d) holds %s", r.State.Serial, count(r.State.Instances, "instance"))
	if e := r.Errored; e != nil {
		text += fmt.Sprintf("; the errored state that the run left (serial %d, %s) is Terraform's own last word and goes in first", e.Serial, count(e.Instances, "instance"))
	}
	if ok := n[plan.InState]; ok > 0 {
		return text + fmt.Sprintf("; %d of them AWS has as recorded.", ok)
	}
	return text + "."
}

func foundSentence(r *plan.Report) string {
	n := tally(r)
	var parts []string
	add := func(n int, one, many string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(n[plan.Unrecorded], "object that the run made is not recorded", "objects that the run made are not recorded")
	more := ""
	if n[plan.Replaced] > 0 {
		more = "more "
	}
	add(n[plan.Replaced], "was replaced by a new one", "were replaced by new ones")
	add(n[plan.GoneExplained], more+"that is recorded was deleted by the run", more+"that are recorded were deleted by the run")
	add(n[plan.GoneUnexplained], "that is recorded is gone, and not by the run", "that are recorded are gone, and not by the run")
	add(n[plan.Drifted], "is there with other attributes", "are there with other attributes")
	add(n[plan.PendingObject], "is still on its way in or out", "are still on their way in or out")
	add(n[plan.Leftover], "is left alive and has no address", "are left alive and have no address")
	add(n[plan.Unknown], "cannot be told", "cannot be told")
	add(n[plan.Foreign], "looks like a wanted one and is somebody else's", "look like wanted ones and are somebody else's")
	if len(parts) == 0 {
		return ""
	}
	return "What differs: " + strings.Join(parts, "; ") + "."
}

func planSentence(r *plan.Report) string {
	n := map[plan.Op]int{}
	for _, a := range r.Actions {
		n[a.Op]++
	}
	var parts []string
	for _, p := range []struct {
		op   plan.Op
		text string
	}{{plan.StatePush, "state push"}, {plan.Import, "import"}, {plan.StateRm, "removal"}, {plan.Untaint, "untaint"}} {
		if n[p.op] > 0 {
			parts = append(parts, count(n[p.op], p.text))
		}
	}
	var text string
	switch {
	case len(r.Actions) == 0 && r.Verdict == plan.InSync:
		text = "Nothing needs to be done to the state."
	case len(r.Actions) == 0:
		text = "No step is planned."
	default:
		text = fmt.Sprintf("%s (%s) would make the state say what AWS has; none of them changes anything in AWS.", count(len(r.Actions), "step"), strings.Join(parts, ", "))
	}
	if q := len(r.Questions); q > 0 {
		text += fmt.Sprintf(" %s only a person can answer.", count(q, "question"))
	}
	if s := ignoring(r, " "); s != "" {
		text += s + " by a rule."
	}
	if h := len(r.Held); h > 0 {
		text += fmt.Sprintf(" %s held back.", isAre(h, "removal"))
	}
	return text
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return count(n, noun) + " are"
}

// unseen is what this report cannot speak of.
func unseen(r *plan.Report) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, c := range r.Coverage {
		if c.Status != providers.Read {
			add("%s in %s: %s", c.Type, placeText(c.Place), cmp.Or(c.Error, strings.ReplaceAll(string(c.Status), "_", " ")))
		}
	}
	why := map[string]int{}
	for _, f := range r.Findings {
		if f.Status == plan.Unknown && f.Address != "" {
			why[cmp.Or(f.Reason, "no reason is given")]++
		}
	}
	for _, reason := range slices.Sorted(func(yield func(string) bool) {
		for k := range why {
			if !yield(k) {
				return
			}
		}
	}) {
		add("%s of the state: %s", count(why[reason], "instance"), reason)
	}
	if r.Trail.Source == "" {
		add("CloudTrail: nothing was read")
	} else if !r.Trail.Complete {
		add("CloudTrail after %s: records may still be missing", clock(r.Trail.CompleteUntil))
	}
	add("CloudTrail before %s and after %s, and other regions than %s", clock(r.Window.Since), clock(r.Window.Until), cmp.Or(strings.Join(r.Trail.Regions, ", "), "those named here"))
	add("resource types and places that the state and the plan do not name; what an API does not list (the reason of a finding says what was not compared)")
	return out
}

func placeText(p providers.Place) string {
	return cmp.Or(p.Region, "its region") + " of " + cmp.Or(p.Account, "its account")
}

// factsOf are the particulars that an auditor asks for.
func factsOf(r *plan.Report) []html.Fact {
	var out []html.Fact
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			out = append(out, html.Fact{Name: name, Value: value})
		}
	}
	add("Incident", r.Incident)
	add("Read by", r.Caller.ARN)
	add("Account", r.Caller.Account)
	add("State", stateLine(r.State))
	add("State SHA-256", r.State.SHA256)
	if e := r.Errored; e != nil {
		add("Errored state", fmt.Sprintf("serial %d, %s, from %s", e.Serial, count(e.Instances, "instance"), e.Source))
		add("Errored state SHA-256", e.SHA256)
	}
	if b := r.Backend; b != nil && b.Bucket != "" {
		add("Backend", fmt.Sprintf("%s://%s/%s in %s, workspace %s", b.Type, b.Bucket, b.StateKey, cmp.Or(b.Region, "a region not told"), cmp.Or(b.Workspace, "default")))
	} else if b != nil {
		add("Backend", b.Type)
	}
	add("Lock", lockLine(r))
	add("Session", sessionLine(r.Session))
	add("Access keys", strings.Join(r.Session.AccessKeys, ", "))
	add("Window", windowLine(r.Window))
	add("Trail", trailLine(r.Trail))
	if l := r.ApplyLog; l != nil {
		add("Apply log", fmt.Sprintf("%s: %s, %s to %s; %s", l.Source, count(l.Lines, "line"), stamp(l.First), stamp(l.Last), cmp.Or(l.Believed, "nothing ties it to the session, so nothing was taken from it")))
	}
	add("Configuration", r.Guard.Dir)
	add("Terraform", r.Guard.TerraformVersion)
	add("Made", stamp(r.GeneratedAt)+" by "+strings.TrimSpace(r.Tool.Name+" "+r.Tool.Version))
	return out
}
