package html

import (
	"fmt"
	"slices"
	"time"

	"reconcile/internal/plan"
)

// The measures of the timeline.
const (
	laneHeight = 26
	laneLabel  = 92
	axisHeight = 30
	bin        = 20 // marks that are nearer are one, with a number
)

// timelineFor draws the incident in time, for one width.
func timelineFor(r *plan.Report, id string, width int) picture {
	ms, spans := momentsOf(r)
	if width < 500 {
		return column(ms, id, width)
	}
	var times []time.Time
	for _, m := range ms {
		times = append(times, m.at)
	}
	s := newScale(times, laneLabel+6, width-8)
	used := map[lane]bool{}
	for _, m := range ms {
		used[m.lane] = true
	}
	for _, sp := range spans {
		used[sp.lane] = true
	}
	p := picture{ID: id, W: width, Label: timelineLabel(ms)}
	add := func(shapes ...shape) { p.Shapes = append(p.Shapes, shapes...) }
	y := axisHeight
	at := map[lane]int{}
	for _, l := range lanes() {
		if !used[l] {
			continue
		}
		at[l] = y
		class := "lane"
		if len(at)%2 == 0 {
			class = "lane odd"
		}
		add(rect(class, 0, y, width, laneHeight, 0), text("lanename", 6, y+17, string(l)))
		y += laneHeight
	}
	p.H = y + 4
	for _, t := range s.ticks() {
		add(line("grid", t.x, axisHeight-6, t.x, y), middle("axis", t.x, 14, t.text))
	}
	for i := 1; i < len(s.parts); i++ {
		a, b := s.parts[i-1], s.parts[i]
		x := int((a.x2 + b.x1) / 2)
		add(rect("cut", x-5, axisHeight, 10, y-axisHeight, 0), middle("cuttext", x, 26, duration(b.from.Sub(a.to))))
	}
	for _, sp := range spans {
		x1, x2 := s.x(sp.from), s.x(sp.to)
		bar := rect("span", x1, at[sp.lane]+5, max(x2-x1, 4), laneHeight-10, 3)
		label := text("spantext", x1+14, at[sp.lane]+17, fit(sp.what, x2-x1-24, little))
		kids := []shape{bar, label}
		if sp.open {
			kids = append(kids, shape{Kind: "path", Class: "arrow", D: fmt.Sprintf("M%d %dl10 %dl-10 %dz", x2-2, at[sp.lane]+3, laneHeight/2-3, laneHeight/2-3)})
		}
		add(group("", sp.what+", since "+sp.from.Format("2006-01-02 15:04:05 UTC"), kids...))
	}
	for _, l := range lanes() {
		add(marks(ms, l, s, at[l], width)...)
	}
	return p
}

// marks are a lane's moments; those that would lie on each other are counted.
func marks(ms []moment, l lane, s scale, y, width int) []shape {
	bins, order := map[int][]moment{}, []int{}
	for _, m := range ms {
		if m.lane != l {
			continue
		}
		n := s.x(m.at) / bin
		if g := bins[n]; len(g) > 0 && g[0].call != m.call {
			n++ // a sentence keeps a mark of its own
		}
		if bins[n] == nil {
			order = append(order, n)
		}
		bins[n] = append(bins[n], m)
	}
	slices.Sort(order)
	w := wordOf(l.look())
	var out []shape
	before, last := laneLabel, -bin
	for i, n := range order {
		g := bins[n]
		x, sum := 0, g[0].at.Format("15:04:05")
		for _, m := range g {
			x += s.x(m.at)
		}
		x /= len(g)
		// Two groups may have drifted together over a bin's edge.
		x = max(x, n*bin+bin/4)
		x = max(min(x, n*bin+bin*3/4), last+bin-2)
		last = x
		if last := g[len(g)-1].at; last.Sub(g[0].at) >= time.Second {
			sum += "-" + last.Format("15:04:05")
		}
		mark := w.Sign
		switch {
		case !g[0].call:
			mark = ""
			sum += " " + names(g, 6)
		default:
			sum += fmt.Sprintf(" %d %s: %s", len(g), l, names(g, 8))
			if len(g) > 1 {
				mark = fmt.Sprint(len(g))
			}
		}
		if mark == "" {
			kids := []shape{diamond(x, y+laneHeight/2)}
			after := width
			if i+1 < len(order) {
				after = order[i+1]*bin - 6
			}
			said := names(g, 3)
			switch need := wide(said, little); {
			case l == laneLock, l == laneSession: // its bar says it
			case need <= after-x-16, after-x >= x-before && after-x > 90:
				kids = append(kids, text("marktext", x+12, y+17, fit(said, after-x-16, little)))
				before = x + 12 + min(need, after-x-16)
			case x-before > 90:
				kids = append(kids, end("marktext", x-12, y+17, fit(said, x-before-20, little)))
				before = x + 8
			}
			out = append(out, group("", sum, kids...))
			continue
		}
		half := max(8, wide(mark, little)/2+4)
		out = append(out, group("", sum, rect("sign s-"+w.Status, x-half, y+5, 2*half, 16, 3), middle("signtext s-"+w.Status, x, y+17, mark)))
	}
	return out
}

func diamond(x, y int) shape {
	return shape{Kind: "path", Class: "diamond", D: fmt.Sprintf("M%d %dl8 8l-8 8l-8 -8z", x, y-8)}
}

func timelineLabel(ms []moment) string {
	if len(ms) == 0 {
		return "Timeline: nothing in it has a time."
	}
	return fmt.Sprintf("Timeline from %s to %s UTC. The list below says the same.", ms[0].at.Format("2006-01-02 15:04:05"), ms[len(ms)-1].at.Format("2006-01-02 15:04:05"))
}

// column is the timeline where there is no room for a wide one: from top to
// bottom.
func column(ms []moment, id string, width int) picture {
	p := picture{ID: id, W: width, Label: timelineLabel(ms)}
	y := 4
	for i, e := range entries(ms) {
		if i > 0 {
			p.Shapes = append(p.Shapes, line("grid", 84, y-16, 84, y+2))
		}
		when := e.Time[len(e.Time)-8:]
		mark := sign(e.Status, 76, y)
		if !e.Call {
			mark = []shape{diamond(84, y+8)}
		}
		p.Shapes = append(p.Shapes, group("", e.Time+" "+e.Text, append(mark, text("axis", 4, y+12, when),
			text("label", 100, y+12, fit(e.Text, width-100, glyph)))...))
		y += 26
	}
	p.H = y + 2
	return p
}
