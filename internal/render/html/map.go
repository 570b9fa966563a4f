package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"reconcile/internal/plan"
)

// The measures of the map, in pixels.
const (
	rowHeight   = 21
	titleHeight = 30
	headHeight  = 19
	padding     = 8
	apart       = 12 // between cards
)

// row is a line of a card.
type row struct {
	item  item
	head  string // a heading instead
	depth int
	label string
	tail  string // what it leads to
	y     int
}

// card is a box: a VPC, a transit gateway, or what is in neither.
type card struct {
	item        item
	title       string
	tail        string
	left, right []row
	joins       []join
	x, y, w, h  int
}

// join is a line between a row of the left and one of the right column.
type join struct {
	from, to string // keys
	item     item
}

// atlas lays the map out for one width.
type atlas struct {
	f      forest
	gutter int // beside each column of cards, for the lines to the hubs
	narrow bool
	dense  bool // so much that what has one status is not told one by one
	shapes []shape
}

// crowd is how many objects that ask for something make a map dense.
const crowd = 250

// mapFor draws the map of the network.
func mapFor(t *plan.Topology, f forest, id string, width, columns int) picture {
	a := &atlas{f: f, gutter: 26, narrow: width < 500}
	if a.narrow {
		a.gutter = 14
	}
	loud := 0
	for _, n := range t.Nodes {
		if !quiet(n.Status) {
			loud++
		}
	}
	a.dense = loud > crowd
	var hubs, cards []*card
	loose := []*branch{}
	shown := fold(f.roots, 6, 40)
	for _, i := range shown {
		b := i.first()
		switch {
		case b.Type == "aws_ec2_transit_gateway" && i.stack == nil:
			hubs = append(hubs, a.card(i))
		case strings.HasSuffix(b.Type, "_vpc") || i.stack != nil || len(b.kids) > 0:
			cards = append(cards, a.card(i))
		default:
			loose = append(loose, b)
		}
	}
	// What asks for something comes first, the fuller card before the emptier.
	slices.SortStableFunc(cards, func(x, y *card) int {
		calm := func(c *card) int {
			if c.item.stack != nil {
				return 2
			}
			if c.item.calm {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(calm(x), calm(y)), cmp.Compare(isVPC(y), isVPC(x)))
	})
	if len(loose) > 0 {
		c := &card{title: "in no VPC"}
		c.left = a.rows(loose, 0, true, "")
		cards = append(cards, c)
	}
	y := 1
	for _, c := range hubs {
		c.x, c.y, c.w = 1, y, width-2
		a.measure(c)
		y += c.h + apart
	}
	bottoms := make([]int, columns)
	each := (width - 2 - (columns-1)*apart) / columns
	for n := range bottoms {
		bottoms[n] = y
	}
	gutter := a.gutter
	if len(hubs) == 0 {
		gutter = 0
	}
	for _, c := range cards {
		at := 0
		for n := range bottoms {
			if bottoms[n] < bottoms[at] {
				at = n
			}
		}
		c.x, c.y, c.w = 1+at*(each+apart)+gutter, bottoms[at], each-gutter
		a.measure(c)
		bottoms[at] += c.h + apart
	}
	a.buses(hubs, cards, gutter)
	for _, c := range slices.Concat(hubs, cards) {
		a.draw(c)
	}
	return picture{ID: id, W: width, H: max(slices.Max(bottoms)-apart, 20) + 6, Label: mapLabel(t), Shapes: a.shapes}
}

func isVPC(c *card) int {
	if c.item.first() != nil && strings.HasSuffix(c.item.first().Type, "_vpc") {
		return 1
	}
	return 0
}

func mapLabel(t *plan.Topology) string {
	n, all := map[string]int{}, 0
	for _, node := range t.Nodes {
		n[string(node.Status)] += max(1, node.Count)
		all += max(1, node.Count)
	}
	var parts []string
	for _, w := range words() {
		if n[w.Status] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[w.Status], w.Title))
		}
	}
	return fmt.Sprintf("Map of %d objects: %s. The table of findings says the same.", all, strings.Join(parts, ", "))
}

func (a *atlas) card(i item) *card {
	b := i.first()
	c := &card{item: i}
	switch {
	case i.stack != nil:
		c.title = fmt.Sprintf("%d %s", i.count(), many(plainType(b.Type)))
		if inner := i.objects() - i.count(); inner > 0 {
			c.title += fmt.Sprintf(" that hold %d more", inner)
		}
		c.tail = wordOf(i.status()).Title
		return c
	default:
		c.title = b.called("")
		c.tail = b.Range
		if a.f.far && b.Region != "" {
			c.tail = strings.TrimSpace(c.tail + " " + b.Region)
		}
		c.tail = cmp.Or(c.tail, map[bool]string{true: b.ID}[b.Address != ""])
	}
	var left, right []*branch
	for _, k := range b.kids {
		if strings.Contains(k.Type, "route_table") && !strings.Contains(k.Type, "association") {
			right = append(right, k)
		} else {
			left = append(left, k)
		}
	}
	c.left = a.rows(left, 0, true, b.module())
	if !a.narrow {
		c.joins = a.joinsOf(left, right)
	}
	c.right = a.rowsWithout(right, c.joins, b.module())
	return c
}

// measure places the rows of a card and finds its height.
func (a *atlas) measure(c *card) {
	if !a.narrow && len(c.left) == 0 {
		c.left, c.right = c.right, nil
	}
	if !a.narrow && len(c.right) == 0 && len(c.left) > 3 {
		c.left, c.right = halves(c.left)
	}
	place := func(rows []row, y int) int {
		for n := range rows {
			rows[n].y = y
			if rows[n].head != "" {
				y += headHeight
			} else {
				y += rowHeight
			}
		}
		return y
	}
	top := titleHeight
	bottom := place(c.left, top)
	if a.narrow {
		bottom = place(c.right, bottom)
	} else {
		bottom = max(bottom, place(c.right, top))
	}
	c.h = bottom
	if len(c.left)+len(c.right) > 0 {
		c.h += padding
	}
}

// halves splits rows where a group begins, as evenly as that allows.
func halves(rows []row) (left, right []row) {
	for n := (len(rows) + 1) / 2; n < len(rows); n++ {
		if rows[n].head != "" || rows[n].depth == 0 {
			if rows[n].head == "" {
				for k := n; k >= 0; k-- {
					if rows[k].head != "" {
						return rows[:n], slices.Concat([]row{{head: rows[k].head + ", more"}}, rows[n:])
					}
				}
			}
			return rows[:n], rows[n:]
		}
	}
	return rows, nil
}
