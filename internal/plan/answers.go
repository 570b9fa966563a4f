package plan

import (
	"cmp"
	"errors"
	"slices"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/match"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// Map is a person's answer: which object is at an address. The id is any by
// which the object is known: its identity, its import id, or the id that
// Terraform records.
type Map struct {
	Address string // as Terraform prints it
	ID      string
}

const byMap = "--map"

// ParseMap reads ADDRESS=ID. A key of the address may hold anything, so the
// address is parsed and not cut at a sign.
func ParseMap(s string) (Map, error) {
	const form = `give --map 'ADDRESS=ID', for example --map 'aws_vpc.main=vpc-0123', the address as "terraform state list" prints it`
	a, rest, err := statefile.CutAddress(s)
	bad, isAddress := errors.AsType[*statefile.AddressError](err)
	switch {
	case isAddress:
		return Map{}, hint.Errorf(form, "--map %q, character %d: %s", shortened(s), bad.Character(), bad.Why)
	case err != nil:
		return Map{}, hint.Errorf(form, "--map %q: %w", shortened(s), err)
	case a.Mode != statefile.Managed:
		return Map{}, hint.Errorf(form, "--map %q names a data source, which is not imported", shortened(s))
	case len(rest) < 2 || rest[0] != '=':
		return Map{}, hint.Errorf(form, "--map %q: an = and the object's id must follow the address", shortened(s))
	}
	return Map{Address: a.String(), ID: rest[1:]}, nil
}

// shortened keeps a line of what is no text from filling the screen.
func shortened(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// answers takes a person's word on which object is at an address. It outranks
// what the trail and a log say: the object is the session's by it, and no other
// word may put it elsewhere. What it cannot be is for Check to say.
func (b *builder) answers() {
	b.mapped = map[string]bool{}
	if b.told == nil {
		b.told = map[string]match.Word{}
	}
	for _, m := range b.in.Maps {
		for _, n := range b.named(m) {
			o := &b.diff.Objects[n]
			id := cmp.Or(o.Kind.StateIDOf(o.Attrs), o.ID)
			for other, word := range b.told {
				if !word.Firm && (word.ID == id || word.ID == o.ID) {
					delete(b.told, other)
				}
			}
			if o.Maker != diff.BySession {
				o.Maker, o.By = diff.BySession, ""
				b.mapped[o.Type+" "+o.ID] = true
			}
			b.told[m.Address] = match.Word{ID: id, Says: byMap, Firm: true}
		}
	}
}

// named are the unrecorded objects that an answer may mean.
func (b *builder) named(m Map) []int {
	typ := typeOf(m.Address)
	var out []int
	for n, o := range b.diff.Objects {
		if o.Type == typ && slices.Contains(b.names(o.Kind, o.Attrs, o.ID, o.Place, m.Address), m.ID) {
			out = append(out, n)
		}
	}
	want, ok := b.in.Subject.Wanted.Find(m.Address)
	if !ok || len(out) < 2 {
		return out
	}
	// AWS shows some objects in two places: the address's own is meant.
	at := b.in.Subject.WantedPlace(*want, b.in.Reading.Caller)
	if here := slices.DeleteFunc(slices.Clone(out), func(n int) bool { return b.diff.Objects[n].Place != at }); len(here) > 0 {
		return here
	}
	return out
}

// names are the ids by which an object is known.
func (b *builder) names(k providers.Kind, a providers.Attrs, id string, at providers.Place, address string) []string {
	all := []string{id, k.ImportIDOf(a), b.importID(k, a, at, address), k.StateIDOf(a)}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func typeOf(address string) string {
	a, err := statefile.ParseAddress(address)
	if err != nil {
		return ""
	}
	return a.Type
}

// answered puts the answers into the report.
func (b *builder) answered() {
	for _, m := range b.in.Maps {
		for _, n := range b.named(m) {
			b.report.Answers = append(b.report.Answers, Answer{Address: m.Address, Type: b.diff.Objects[n].Type, ID: b.diff.Objects[n].ID})
		}
	}
	slices.SortFunc(b.report.Answers, func(x, y Answer) int { return cmp.Or(cmp.Compare(x.Address, y.Address), cmp.Compare(x.ID, y.ID)) })
}

// answerable is what is asked of every candidate, worked out once.
type answerable struct {
	judge  match.Judge
	placed map[string]string // type and id of an object to the address that it has
	shut   map[string]bool   // addresses at which something else keeps an import away
}

// mapping is what follows --map to answer a question with a candidate, "" where
// that would not settle it.
func (b *builder) mapping(o diff.Object, c match.Candidate) string {
	if b.can == nil {
		b.can = &answerable{match.NewJudge(b.problem), map[string]string{}, map[string]bool{}}
		for _, m := range b.match.Matches {
			b.can.placed[m.Object.Type+" "+m.Object.ID] = m.Address.Wanted.Address
		}
	}
	address := c.Address.Wanted.Address
	if _, seen := b.can.shut[address]; !seen {
		b.can.shut[address] = b.told[address].Firm || b.deposedOnly(address) || b.movedAway(address) != "" || lost(c.Address.Wanted, c.Address.Kind) != ""
	}
	switch {
	case c.Refuted, b.can.shut[address], !b.importable(o.Kind), o.Kind.ImportIDOf(o.Attrs) == "":
		return ""
	case b.can.placed[o.Type+" "+o.ID] == address, !b.can.judge.Fits(address, o):
		return ""
	}
	return address + "=" + o.ID
}

// Check holds a person's answers against everything that is known: the address
// is wanted and free, the object is there, of its type, in a place that is read,
// recorded nowhere, and nothing that the create call fixed says otherwise. An
// answer that cannot be is an error: whoever gave it must know before anything
// is made of it.
func Check(in Input) error {
	if len(in.Maps) == 0 {
		return nil
	}
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	b.adopt()
	b.solve()
	taken := map[string]Map{}
	for _, m := range in.Maps {
		if err := b.checkAddress(m); err != nil {
			return err
		}
		n, err := b.checkObject(m)
		if err != nil {
			return err
		}
		o := b.diff.Objects[n]
		for _, k := range []string{m.Address, o.Type + " " + o.ID} {
			if first, twice := taken[k]; twice && first != m {
				return hint.Errorf("give one of them", "--map %s=%s contradicts --map %s=%s", m.Address, m.ID, first.Address, first.ID)
			}
			taken[k] = m
		}
	}
	for _, m := range in.Maps {
		n, err := b.checkObject(m)
		if err != nil {
			return err
		}
		if why := b.contradicted(m, b.diff.Objects[n]); why != "" {
			return hint.Errorf("look at the object and at the address again: an import there would be replaced by the next apply", "--map %s=%s cannot be: %s", m.Address, m.ID, why)
		}
	}
	return nil
}

// CheckAdopt refuses an id that a person gave and that nothing has, where
// everything was read.
func CheckAdopt(in Input) error {
	if len(in.Adopt) == 0 {
		return nil
	}
	b := &builder{in: in, diff: diff.Compare(in.Subject, in.Reading)}
	if slices.ContainsFunc(b.in.Reading.Inventory.Coverage, func(c providers.Coverage) bool {
		return c.Status != providers.Read && c.Status != providers.NotSupported
	}) {
		return nil
	}
	for _, id := range b.in.Adopt {
		if !slices.ContainsFunc(b.in.Reading.Inventory.Objects, func(o providers.Object) bool { return o.ID == id }) &&
			!slices.ContainsFunc(b.diff.Objects, func(o diff.Object) bool { return o.ID == id }) &&
			!slices.ContainsFunc(b.diff.Instances, func(i diff.Instance) bool { return i.ID == id }) {
			return hint.Errorf("check the id: the report's questions name it, and reconcile inventory lists what is there; give --region if it is in another region",
				"--adopt %s: nothing has this id, neither in AWS, where it was looked for, nor in the state", shortened(id))
		}
	}
	return nil
}

func (b *builder) checkAddress(m Map) error {
	fail := func(next, format string, args ...any) error {
		return hint.Errorf(next, "--map %s=%s: "+format, append([]any{m.Address, m.ID}, args...)...)
	}
	if b.in.Subject.Wanted == nil {
		return fail("give --plan-json", "without a plan it cannot be told whether the address is wanted")
	}
	want, ok := b.in.Subject.Wanted.Find(m.Address)
	if !ok || want.Action == wanted.Delete || want.Action == wanted.Forget {
		return fail("the addresses that want an object are the candidates of the report's questions", "no such address is wanted")
	}
	kind, known := b.in.Subject.Kinds.Find(want.Type)
	switch {
	case !known || kind.Unread != "" || !diff.IsAWS(want.Source):
		return fail("import it by hand", "reconcile does not look at %s", want.Type)
	case !b.importable(kind):
		return fail("leave this --map out", "%s", b.notImportable(kind))
	}
	if at, open := b.open[m.Address]; open {
		if at.address.Blocked != "" {
			return fail("run reconcile plan again when that is mended", "nothing can be imported there now: %s", at.address.Blocked)
		}
		return nil
	}
	holder := m.Address
	if from, moves := b.moved[m.Address]; moves {
		holder = from
	}
	if i := b.current(holder); i != nil {
		return fail("leave this --map out", "the state already holds %s at %s", i.ID, i.Address)
	}
	return fail("leave this --map out", "the address wants no object now")
}

// checkObject finds the one object that an answer means.
func (b *builder) checkObject(m Map) (int, error) {
	fail := func(next, format string, args ...any) (int, error) {
		return 0, hint.Errorf(next, "--map %s=%s: "+format, append([]any{m.Address, m.ID}, args...)...)
	}
	typ := typeOf(m.Address)
	switch found := b.named(m); {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return fail("give the id that report.json has for it", "%s of type %s have this id", plural(len(found), "object", "objects"), typ)
	}
	for _, i := range b.diff.Instances {
		if i.Type == typ && i.Attrs != nil && slices.Contains(b.names(i.Kind, i.Attrs, i.ID, i.Place, m.Address), m.ID) {
			if i.Object == nil {
				return fail("leave this --map out", "that object is gone; the state holds it at %s", i.Address)
			}
			return fail("one object belongs at one address", "the state already holds that object at %s", i.Address)
		}
	}
	for _, o := range b.in.Reading.Inventory.Objects {
		if o.Type != typ && o.ID == m.ID {
			return fail("check the id: the report's questions name the objects that fit", "that object is of type %s, and the address wants %s", o.Type, typ)
		}
	}
	at := b.open[m.Address].address.Place
	if s := b.in.Reading.Inventory.Status(typ, at); s != providers.Read {
		return fail("run reconcile plan again with the rights to read it", "%s in %s was not read completely (%s)", typ, at.Region, s)
	}
	return fail("check the id, and give --region if it is in another region", "no living %s with this id was found in %s", typ, cmp.Or(at.Region, "the places that were read"))
}

// contradicted says why an answer was not followed, "" if it was.
func (b *builder) contradicted(m Map, o diff.Object) string {
	same := func(p diff.Object) bool { return p.Type == o.Type && p.ID == o.ID && p.Place == o.Place }
	for _, found := range b.match.Matches {
		if found.Address.Wanted.Address == m.Address && same(found.Object) {
			return ""
		}
	}
	for _, q := range b.match.Questions {
		if same(q.Object) {
			return q.Reason
		}
	}
	return "it fits no such address"
}
