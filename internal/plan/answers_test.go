package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

func TestAnAnswerIsReadByTheAddressItBeginsWith(t *testing.T) {
	for in, want := range map[string]Map{
		"aws_vpc.a=vpc-1":                             {"aws_vpc.a", "vpc-1"},
		`aws_vpc.a["k=v"]=vpc-1`:                      {`aws_vpc.a["k=v"]`, "vpc-1"},
		`module.m["]=\"x"].aws_route.r[0]=rtb-1_::/0`: {`module.m["]=\"x"].aws_route.r[0]`, "rtb-1_::/0"},
		`aws_ec2_tag.t=vpc-1,a=b`:                     {"aws_ec2_tag.t", "vpc-1,a=b"},
	} {
		if got, err := ParseMap(in); err != nil || got != want {
			t.Errorf("ParseMap(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "aws_vpc.a", "aws_vpc.a=", "=vpc-1", "aws_vpc=vpc-1", `aws_vpc.a["k=vpc-1`, "aws_vpc.a vpc-1", "data.aws_vpc.a=vpc-1", "aws_vpc.a =vpc-1"} {
		if got, err := ParseMap(in); err == nil || hint.Of(err) == "" {
			t.Errorf("ParseMap(%q) = %v, %v; want an error with a hint", in, got, err)
		}
	}
}

func FuzzParseMap(f *testing.F) {
	for _, s := range []string{"aws_vpc.a=vpc-1", `module.m["]="].aws_x.y[3]=a=b`, `aws_x.y["\u00`, "=", `aws_x.y["$${x}"]=1`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMap(s)
		if err != nil {
			return
		}
		again, err := ParseMap(m.Address + "=" + m.ID)
		if err != nil || again != m {
			t.Errorf("ParseMap(%q) = %v, and what it spells is read as %v, %v", s, m, again, err)
		}
	})
}

// look is one object that two addresses want, and a table in it.
func look() *incident {
	c := newIncident()
	for _, name := range []string{"a", "b"} {
		c.wanted("aws_vpc."+name, wanted.Create, "", "cidr_block", "10.0.0.0/16", "tags_all", map[string]any{"Name": name})
		c.wanted("aws_route_table."+name, wanted.Create, "", "vpc_id", "=aws_vpc."+name+".id")
	}
	c.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
	c.made(2, "aws_route_table", "rtb-1", attrs("vpc_id", "vpc-1"))
	return c
}

func TestAnAnswerSettlesItsQuestionAndWhatDependsOnIt(t *testing.T) {
	c := look()
	before := c.build()
	if len(before.Questions) != 2 || len(before.Actions) != 0 {
		t.Fatalf("without an answer: %+v", before.Questions)
	}
	var typed []string
	for _, candidate := range before.Questions[1].Candidates {
		typed = append(typed, candidate.Map)
	}
	if d := cmp.Diff([]string{"aws_vpc.a=vpc-1", "aws_vpc.b=vpc-1"}, typed); d != "" {
		t.Fatal(d)
	}
	c.in.Maps = []Map{{"aws_vpc.b", "vpc-1"}}
	r := c.build()
	var argv []string
	for _, a := range r.Actions {
		argv = append(argv, strings.Join(a.Argv, " "))
	}
	if d := cmp.Diff([]string{"import -input=false aws_vpc.b vpc-1", "import -input=false aws_route_table.b rtb-1"}, argv); d != "" {
		t.Error(d)
	}
	if len(r.Questions) != 0 || !strings.Contains(r.Actions[0].Why, "--map says that it is this address's") {
		t.Errorf("%+v, why %q", r.Questions, r.Actions[0].Why)
	}
	if d := cmp.Diff([]Answer{{"aws_vpc.b", "aws_vpc", "vpc-1"}}, r.Answers); d != "" {
		t.Error(d)
	}
}

func TestAnAnswerIsAWordOnWhoMadeIt(t *testing.T) {
	for _, by := range []string{"", "eve", "unclear"} {
		c := newIncident()
		c.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16")
		c.live("aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
		if by != "" {
			c.event(by, 1, "Created aws_vpc vpc-1")
		}
		c.in.Maps = []Map{{"aws_vpc.a", "vpc-1"}}
		r := c.build()
		if len(r.Actions) != 1 || !strings.Contains(r.Actions[0].Why, "the session's, by --map") {
			t.Errorf("made by %q: %+v", by, r.Actions)
		}
	}
}

func TestAnAnswerStandsAgainstTheTagsOfTheRequest(t *testing.T) {
	c := newIncident()
	c.wanted("aws_vpc.a", wanted.Create, "", "cidr_block", "10.0.0.0/16", "tags_all", map[string]any{"Name": "a"})
	c.made(1, "aws_vpc", "vpc-1", attrs("cidr_block", "10.0.0.0/16"))
	c.reading.Trail.Own[0].Mutations[0].Tags = map[string]string{"Name": "z"}
	if r := c.build(); len(r.Questions) != 1 || r.Questions[0].Candidates[0].Map != "aws_vpc.a=vpc-1" {
		t.Fatalf("%+v", r.Questions)
	}
	c.in.Maps = []Map{{"aws_vpc.a", "vpc-1"}}
	if r := c.build(); len(r.Actions) != 1 {
		t.Errorf("%+v", r.Questions)
	}
}

func (c *incident) check(maps ...Map) error {
	in := c.in
	w := &c.want
	if c.noPlan {
		w = nil
	}
	in.Maps, in.Subject, in.Reading = maps, diff.NewSubject(&c.state, w, kinds, west.Region, nil), c.reading
	return Check(in)
}

func TestAnAnswerThatCannotBeIsAnError(t *testing.T) {
	base := func() *incident {
		c := look()
		c.recorded("aws_vpc.held", "", attrs("id", "vpc-8", "cidr_block", "10.8.0.0/16"))
		c.live("aws_vpc", "vpc-8", attrs("cidr_block", "10.8.0.0/16"))
		c.wanted("aws_vpc.held", wanted.NoOp, "vpc-8", "cidr_block", "10.8.0.0/16")
		c.recorded("aws_vpc.lost", "", attrs("id", "vpc-9", "cidr_block", "10.9.0.0/16"))
		c.event("ci", 3, "Deleted aws_vpc vpc-9")
		c.wanted("aws_vpc.leaving", wanted.Delete, "vpc-7")
		c.wanted("aws_vpc.other", wanted.Create, "", "cidr_block", "10.5.0.0/16")
		c.wanted("aws_subnet.s", wanted.Create, "", "vpc_id", "=aws_vpc.held.id", "cidr_block", "10.8.1.0/24")
		c.made(5, "aws_subnet", "subnet-1", attrs("vpc_id", "vpc-1", "cidr_block", "10.8.1.0/24"))
		c.wanted("aws_main_route_table_association.m", wanted.Create, "", "vpc_id", "vpc-8")
		c.wanted("aws_lb.x", wanted.Create, "")
		return c
	}
	if err := base().check(Map{"aws_vpc.a", "vpc-1"}, Map{"aws_vpc.a", "vpc-1"}); err != nil {
		t.Fatalf("a right answer, given twice: %v", err)
	}
	for name, c := range map[string]struct {
		maps []Map
		says string
		also func(c *incident)
	}{
		"no such address":              {[]Map{{"aws_vpc.nosuch", "vpc-1"}}, "no such address is wanted", nil},
		"an address that leaves":       {[]Map{{"aws_vpc.leaving", "vpc-1"}}, "no such address is wanted", nil},
		"an address that has its own":  {[]Map{{"aws_vpc.held", "vpc-1"}}, "the state already holds vpc-8 at aws_vpc.held", nil},
		"a type that is not looked at": {[]Map{{"aws_lb.x", "lb-1"}}, "reconcile does not look at aws_lb", nil},
		"a type without import":        {[]Map{{"aws_main_route_table_association.m", "rtbassoc-1"}}, "Terraform cannot import this type", nil},
		"no such object":               {[]Map{{"aws_vpc.a", "vpc-404"}}, "no living aws_vpc with this id was found in eu-west-1", nil},
		"an object of another type":    {[]Map{{"aws_vpc.a", "rtb-1"}}, "that object is of type aws_route_table, and the address wants aws_vpc", nil},
		"an object that is recorded":   {[]Map{{"aws_vpc.a", "vpc-8"}}, "the state already holds that object at aws_vpc.held", nil},
		"an object that is gone":       {[]Map{{"aws_vpc.a", "vpc-9"}}, "that object is gone; the state holds it at aws_vpc.lost", nil},
		"two objects at one address": {[]Map{{"aws_vpc.a", "vpc-1"}, {"aws_vpc.a", "vpc-2"}}, "--map aws_vpc.a=vpc-2 contradicts --map aws_vpc.a=vpc-1",
			func(c *incident) { c.made(9, "aws_vpc", "vpc-2", attrs("cidr_block", "10.0.0.0/16")) }},
		"one object at two addresses": {[]Map{{"aws_vpc.a", "vpc-1"}, {"aws_vpc.b", "vpc-1"}}, "--map aws_vpc.b=vpc-1 contradicts --map aws_vpc.a=vpc-1", nil},
		"another range":               {[]Map{{"aws_vpc.other", "vpc-1"}}, "its cidr_block is 10.0.0.0/16, and the address wants 10.5.0.0/16", nil},
		"another parent":              {[]Map{{"aws_subnet.s", "subnet-1"}}, "its vpc_id is vpc-1, and the address wants aws_vpc.held.id = vpc-8", nil},
		"a place that was not read": {[]Map{{"aws_vpc.a", "vpc-404"}}, "could not be read completely",
			func(c *incident) { c.coverage("aws_vpc", providers.Denied) }},
		"no plan": {[]Map{{"aws_vpc.a", "vpc-1"}}, "without a plan", func(c *incident) { c.noPlan = true }},
		"an address that a moved block has filled": {[]Map{{"aws_vpc.new", "vpc-1"}}, "the state already holds vpc-8 at aws_vpc.held", func(c *incident) {
			c.wanted("aws_vpc.new", wanted.NoOp, "vpc-8", "cidr_block", "10.8.0.0/16").PreviousAddress = "aws_vpc.held"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			i := base()
			if c.also != nil {
				c.also(i)
			}
			err := i.check(c.maps...)
			if err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "" {
				t.Errorf("got %v (%q), want %q and a hint", err, hint.Of(err), c.says)
			}
		})
	}
}

// TestWhatIsToBeTypedIsAccepted types each candidate's answer in any incident:
// it is accepted, its object has that address, and no import speaks against it.
func TestWhatIsToBeTypedIsAccepted(t *testing.T) {
	typed := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawIncident(t)
		for _, q := range c.build().Questions {
			for _, candidate := range q.Candidates {
				if candidate.Map == "" {
					continue
				}
				typed++
				m, err := ParseMap(candidate.Map)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.check(m); err != nil {
					t.Fatalf("the report says to type --map %s: %v", candidate.Map, err)
				}
				again := *c
				again.in.Maps = []Map{m}
				r := again.build()
				if !slices.Contains(r.Answers, Answer{Address: m.Address, Type: q.Type, ID: q.ID}) {
					t.Fatalf("--map %s is not in the report: %v", candidate.Map, r.Answers)
				}
				for _, a := range r.Actions {
					if a.Op == Import && ((a.Address == m.Address) != (a.ID == m.ID)) {
						t.Fatalf("after --map %s, %s is imported at %s", candidate.Map, a.ID, a.Address)
					}
				}
				for _, left := range r.Questions {
					if left.Type == q.Type && left.ID == q.ID && slices.ContainsFunc(left.Candidates, func(c Candidate) bool { return c.Address != m.Address || c.Map != "" }) {
						t.Fatalf("after --map %s the question is still there: %+v", candidate.Map, left)
					}
				}
			}
		}
	})
	if typed == 0 {
		t.Error("no question of any incident could be answered")
	}
}
