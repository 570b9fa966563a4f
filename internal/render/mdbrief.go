package render

import (
	"cmp"
	"strings"
)

// briefRoom is how many runes a chat takes in one message, with some to spare.
const briefRoom = 1800

// brief writes what fits a message: the verdict, what happened, what is asked,
// what to type next. The command is never cut.
func (m *markdown) brief() {
	r := m.r
	story := storyOf(r, m.o)
	var head, tail []string
	head = append(head, "**"+mdProse(cut(clean(cmp.Or(r.Incident, "reconcile")), 120))+": "+mdProse(story.Verdict)+"**", "")
	tail = append(tail, "")
	if len(story.Next) > 0 {
		s := story.Next[0]
		text := "Next: " + mdProse(cut(clean(s.Say), 300))
		tail = append(tail, text)
		if s.Command != "" {
			tail = append(tail, strings.TrimSuffix(mdBlock("", clean(s.Command)), "\n"))
		}
	}
	if r.Lock.Status == "held" && (r.Execution == nil || !r.Execution.Clean) {
		tail = append(tail, "Do not force-unlock first.")
	}
	left := briefRoom - columns(strings.Join(head, "\n")) - columns(strings.Join(tail, "\n"))
	var body []string
	add := func(s string, most int) {
		if s = mdProse(cut(clean(s), most)); columns(s)+1 <= left {
			body, left = append(body, s), left-columns(s)-1
		}
	}
	for _, s := range r.Incomplete[:min(2, len(r.Incomplete))] {
		add("INCOMPLETE: "+s, 220)
	}
	for _, s := range story.Happened {
		add(s, 400)
	}
	for i, q := range r.Questions {
		if i == 3 {
			break
		}
		add("Question: "+q.Type+" "+q.ID+": "+q.Text, 260)
	}
	for _, part := range [][]string{head, body, tail} {
		for _, line := range part {
			m.line("%s", line)
		}
	}
}
