package html

import (
	"fmt"
	"slices"
	"time"
)

// scale puts times on a line. Long times in which nothing happened are cut out:
// minutes of work and the hours until somebody looked do not fit one scale.
type scale struct {
	parts []part
}

// part is a stretch of time without a cut.
type part struct {
	from, to time.Time
	x1, x2   float64
}

const (
	cutWidth  = 46 // of a gap
	partWidth = 70 // at least, of a part
	maxCuts   = 4
)

func newScale(times []time.Time, x1, x2 int) scale {
	times = slices.Clone(times)
	slices.SortFunc(times, time.Time.Compare)
	if len(times) == 0 {
		return scale{}
	}
	type gap struct {
		after int
		long  time.Duration
	}
	var gaps []gap
	for i := 1; i < len(times); i++ {
		gaps = append(gaps, gap{i, times[i].Sub(times[i-1])})
	}
	slices.SortStableFunc(gaps, func(a, b gap) int { return int(max(-1, min(1, b.long-a.long))) })
	left := times[len(times)-1].Sub(times[0])
	var cuts []int
	for _, g := range gaps {
		// A gap is cut where it would take more room than a third of all.
		if len(cuts) == maxCuts || g.long < time.Minute || g.long < left/3 {
			break
		}
		cuts, left = append(cuts, g.after), left-g.long
	}
	slices.Sort(cuts)
	var s scale
	begin := 0
	for _, c := range append(cuts, len(times)) {
		s.parts = append(s.parts, part{from: times[begin], to: times[c-1]})
		begin = c
	}
	room := float64(x2-x1) - float64(len(s.parts)-1)*cutWidth - float64(len(s.parts))*partWidth
	x := float64(x1)
	for i, p := range s.parts {
		w := float64(partWidth)
		if left > 0 {
			w += room * float64(p.to.Sub(p.from)) / float64(left)
		} else {
			w += room / float64(len(s.parts))
		}
		s.parts[i].x1, s.parts[i].x2 = x, x+w
		x += w + cutWidth
	}
	return s
}

// inset keeps marks off the ends of a part.
const inset = 14

// x is where a time is.
func (s scale) x(t time.Time) int {
	for i, p := range s.parts {
		switch {
		case t.Before(p.from):
			if i == 0 {
				return int(p.x1)
			}
			return int((s.parts[i-1].x2 + p.x1) / 2)
		case !t.After(p.to):
			long := p.to.Sub(p.from)
			if long == 0 {
				return int((p.x1 + p.x2) / 2)
			}
			return int(p.x1 + inset + (p.x2-p.x1-2*inset)*float64(t.Sub(p.from))/float64(long))
		}
	}
	if len(s.parts) == 0 {
		return 0
	}
	return int(s.parts[len(s.parts)-1].x2)
}

// tick is a time that is written at the axis.
type tick struct {
	x    int
	text string
}

// ticks are round times, not nearer to each other than their texts allow.
func (s scale) ticks() []tick {
	const width = 74
	var out []tick
	for _, p := range s.parts {
		long := p.to.Sub(p.from)
		n := int(p.x2-p.x1-2*inset) / width
		if long == 0 || n < 2 {
			out = append(out, tick{s.x(p.from), p.from.Format("15:04:05")})
			if last := s.x(p.to); last-s.x(p.from) >= width {
				out = append(out, tick{last, p.to.Format("15:04:05")})
			}
			continue
		}
		step := time.Duration(0)
		for _, d := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
			2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 365 * 24 * time.Hour} {
			if step = d; long/d <= time.Duration(n) {
				break
			}
		}
		for t := p.from.Truncate(step).Add(step); !t.After(p.to) && len(out) < 200; t = t.Add(step) {
			if x := s.x(t); len(out) == 0 || x-out[len(out)-1].x >= width-6 {
				out = append(out, tick{x, t.Format("15:04:05")})
			}
		}
	}
	return out
}

// duration is a time span as a person says it.
func duration(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
