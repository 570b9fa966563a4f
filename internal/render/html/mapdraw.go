package html

import (
	"fmt"
	"slices"
)

// draw adds a card's shapes.
func (a *atlas) draw(c *card) {
	status := "beside"
	if c.item.first() != nil {
		status = wordOf(c.item.status()).Status
		if c.item.status() == "" {
			status = "mixed"
		}
	}
	if c.item.stack != nil {
		a.add(rect("card behind s-"+status, c.x+4, c.y+4, c.w-4, c.h, 6))
		c.w -= 4
	}
	a.add(rect("card s-"+status, c.x, c.y, c.w, c.h, 6))
	a.title(c, status)
	lx, lw := c.x+padding, c.w-2*padding
	rx, rw := lx, lw
	if !a.narrow && len(c.right) > 0 {
		gap := 40
		if len(c.joins) == 0 {
			gap = 16
		}
		lw = (c.w - 2*padding - gap) / 2
		rx, rw = lx+lw+gap, lw
	}
	a.joins(c, lx+lw, rx)
	for _, r := range c.left {
		a.row(c, r, lx, lw)
	}
	for _, r := range c.right {
		a.row(c, r, rx, rw)
	}
}

func (a *atlas) add(s ...shape) { a.shapes = append(a.shapes, s...) }

func (a *atlas) title(c *card, status string) {
	x, room := c.x+padding, c.w-2*padding
	var kids []shape
	if c.item.first() != nil && status != "mixed" {
		kids = append(kids, sign(status, x, c.y+7)...)
		x, room = x+22, room-22
	}
	tail := fit(c.tail, room/2, little)
	kids = append(kids, text("cardtitle", x, c.y+19, fit(c.title, room-wide(tail, little)-10, glyph+0.2)))
	if tail != "" {
		kids = append(kids, end("faint", c.x+c.w-padding, c.y+19, tail))
	}
	if c.item.first() == nil {
		a.add(kids...)
		return
	}
	// The whole line can be hit, not only its letters.
	kids = append([]shape{rect("hit", c.x+3, c.y+3, c.w-6, titleHeight-6, 4)}, kids...)
	a.add(group(hrefOf(c.item), c.item.title(), kids...))
}

func hrefOf(i item) string {
	if i.stack != nil {
		return ""
	}
	return i.href
}

func (a *atlas) row(c *card, r row, x, w int) {
	y := c.y + r.y
	if r.head != "" {
		a.add(text("head", x, y+14, fit(r.head, w, little)))
		return
	}
	in := min(r.depth, 3) * 16
	x, w = x+in, w-in
	status := wordOf(r.item.status()).Status
	kids := []shape{rect("hit", x, y+1, w, rowHeight-2, 3)}
	if in > 0 {
		kids = append(kids, line("twig", x-8, y-2, x-8, y+10), line("twig", x-8, y+10, x-2, y+10))
	}
	if r.item.stack != nil {
		kids = append(kids, rect("sign s-"+status, x+3, y+5, 16, 15, 3))
	}
	if r.item.status() == "" {
		kids = append(kids, rect("sign s-mixed", x, y+2, 16, 16, 3), middle("signtext s-mixed", x+8, y+14, "#"))
	} else {
		kids = append(kids, sign(status, x, y+2)...)
	}
	room := w - 24
	label := fit(r.label, room, glyph)
	kids = append(kids, text("label", x+22, y+14, label))
	if left := room - wide(label, glyph) - 8; r.tail != "" && left > 40 {
		kids = append(kids, text("faint", x+22+wide(label, glyph)+6, y+14, fit(r.tail, left, little)))
	}
	a.add(group(hrefOf(r.item), r.title(), kids...))
}

// title is the item's, with where it leads.
func (r row) title() string {
	t := r.item.title()
	if r.tail != "" {
		t += ", " + r.tail
	}
	return t
}

// joins draws the lines between a card's two columns.
func (a *atlas) joins(c *card, left, right int) {
	at := func(rows []row, key string) (int, bool) {
		for _, r := range rows {
			if r.head != "" {
				continue
			}
			if r.item.stack == nil && r.item.Key == key || slices.ContainsFunc(r.item.stack, func(b *branch) bool { return b.Key == key }) {
				return c.y + r.y + rowHeight/2, true
			}
		}
		return 0, false
	}
	type ends struct {
		from, to int
		status   string
	}
	lines, order := map[ends][]join{}, []ends{}
	for _, j := range c.joins {
		y1, ok1 := at(c.left, j.from)
		y2, ok2 := at(c.right, j.to)
		if !ok1 || !ok2 {
			continue
		}
		e := ends{y1, y2, wordOf(j.item.status()).Status}
		if lines[e] == nil {
			order = append(order, e)
		}
		lines[e] = append(lines[e], j)
	}
	slices.SortStableFunc(order, func(a, b ends) int { return rank(b.status) - rank(a.status) })
	dotted := map[int]bool{} // where lines begin that have a sign already
	for _, e := range order {
		js := lines[e]
		title := js[0].item.title()
		if len(js) > 1 {
			title = fmt.Sprintf("%d associations, %s", len(js), wordOf(e.status).Title)
		}
		mid := (left + right) / 2
		d := fmt.Sprintf("M%d %dC%d %d %d %d %d %d", left+2, e.from, mid, e.from, mid, e.to, right-3, e.to)
		kids := []shape{{Kind: "path", Class: "join s-" + e.status, D: d}}
		if e.status != "in_sync" && !dotted[e.from] {
			dotted[e.from] = true
			// Its sign stands where the line begins, so that signs do not meet in the middle.
			kids = append(kids, shape{Kind: "circle", Class: "dot s-" + e.status, X: left + 5, Y: e.from, R: 6},
				middle("dottext s-"+e.status, left+5, e.from+4, wordOf(e.status).Sign))
		}
		href := ""
		if len(js) == 1 {
			href = js[0].item.href
		}
		a.add(group(href, title, kids...))
	}
}

// buses draws the lines from the hubs on top to the attachments in the cards:
// down the gutter and across to the row.
func (a *atlas) buses(hubs, cards []*card, gutter int) {
	for n, hub := range hubs {
		offset := 6 + 6*(min(n, 2))
		if a.narrow {
			offset = 5 + 4*min(n, 1)
		}
		lowest := map[int]int{} // by the x of the line down
		var ticks []shape
		for _, c := range cards {
			for _, r := range c.left {
				if r.head != "" || !leads(r.item, hub.item.Key) {
					continue
				}
				x, y := c.x-gutter+offset, c.y+r.y+rowHeight/2
				lowest[x] = max(lowest[x], y)
				ticks = append(ticks, line("bus s-"+wordOf(r.item.status()).Status, x, y, c.x+padding-2, y))
			}
		}
		for _, x := range slices.Sorted(func(yield func(int) bool) {
			for x := range lowest {
				if !yield(x) {
					return
				}
			}
		}) {
			a.add(line("bus trunk", x, hub.y+hub.h, x, lowest[x]))
		}
		a.add(ticks...)
	}
}

func leads(i item, to string) bool {
	bs := i.stack
	if bs == nil {
		bs = []*branch{i.branch}
	}
	for _, b := range bs {
		for _, e := range b.uses {
			if e.To == to {
				return true
			}
		}
	}
	return false
}
