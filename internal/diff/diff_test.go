package diff

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
)

// TestTheTruthTableHolds has a row for each line of the package's table, and
// for each way to get to it.
func TestTheTruthTableHolds(t *testing.T) {
	table := func(m map[string]any) map[string]any {
		out := map[string]any{"id": "rtb-1", "owner_id": account1, "region": "eu-west-1", "vpc_id": "vpc-1", "tags_all": map[string]any{"Name": "a"}}
		for k, v := range m {
			out[k] = v
		}
		return out
	}
	with := func(l providers.Life) []providers.Object {
		o := alive("aws_route_table", "rtb-1", providers.Attrs{"tags_all": map[string]any{"Name": "a"}})
		o.Life, o.State = l, "deleting"
		return []providers.Object{o}
	}
	read := []providers.Coverage{covered("aws_route_table", providers.Read)}
	nothing := Looks{{"aws_route_table", west}: {}}
	for name, c := range map[string]struct {
		instance  statefile.Instance
		objects   []providers.Object
		coverage  []providers.Coverage
		looks     Looks
		own       []providers.Call
		others    []providers.Call
		status    Status
		explained []string
		by        string
	}{
		"not an AWS resource": {instance: statefile.Instance{Address: "random_id.x", Mode: statefile.Managed, Type: "random_id", Provider: statefile.Provider{Source: "registry.terraform.io/hashicorp/random"}}, status: Unknown},
		"kind not known":      {instance: recorded("aws_lambda_function.x", "", map[string]any{"id": "x"}), status: Unknown},
		"attributes not JSON": {instance: func() statefile.Instance {
			i := recorded("aws_route_table.x", "", nil)
			i.Attributes = []byte("[]")
			return i
		}(), status: Unknown},
		"no identity":          {instance: recorded("aws_route_table.x", "", table(map[string]any{"id": ""})), coverage: read, looks: nothing, status: Unknown},
		"region not known":     {instance: recorded("aws_route_table.x", "", table(map[string]any{"region": ""})), coverage: read, looks: nothing, status: Unknown},
		"account not known":    {instance: recorded("aws_route_table.x", "", table(map[string]any{"owner_id": ""})), coverage: read, looks: nothing, status: Unknown},
		"of another account":   {instance: recorded("aws_route_table.x", "", table(map[string]any{"owner_id": account2})), coverage: read, looks: nothing, status: Unknown},
		"of another region":    {instance: recorded("aws_route_table.x", "", table(map[string]any{"region": "us-east-1"})), coverage: read, looks: nothing, status: Unknown},
		"listing denied":       {coverage: []providers.Coverage{covered("aws_route_table", providers.Denied)}, looks: nothing, status: Unknown},
		"listing throttled":    {coverage: []providers.Coverage{covered("aws_route_table", providers.Throttled)}, looks: nothing, status: Unknown},
		"listing failed":       {coverage: []providers.Coverage{covered("aws_route_table", providers.Failed)}, looks: nothing, status: Unknown},
		"listing of no such":   {coverage: []providers.Coverage{covered("aws_route_table", providers.NotSupported)}, looks: nothing, status: Unknown},
		"listing not made":     {looks: nothing, status: Unknown},
		"denied though there":  {objects: with(providers.Alive), coverage: []providers.Coverage{covered("aws_route_table", providers.Denied)}, status: Unknown},
		"there, on its way":    {objects: with(providers.Pending), coverage: read, status: Pending},
		"there, equal":         {objects: with(providers.Alive), coverage: read, status: InSync},
		"there, different":     {objects: []providers.Object{alive("aws_route_table", "rtb-1", providers.Attrs{"tags_all": map[string]any{"Name": "b"}})}, coverage: read, status: Drifted},
		"different by session": {objects: []providers.Object{alive("aws_route_table", "rtb-1", providers.Attrs{"tags_all": map[string]any{}})}, coverage: read, own: []providers.Call{call(1, "ci", "changed aws_route_table rtb-1")}, status: Drifted, explained: []string{"ci-1-changed"}},
		"different by others":  {objects: []providers.Object{alive("aws_route_table", "rtb-1", providers.Attrs{"tags_all": map[string]any{}})}, coverage: read, others: []providers.Call{call(1, "eve", "changed aws_route_table rtb-1")}, status: Drifted, explained: []string{"eve-1-changed"}, by: "role/eve"},
		"no second look":       {coverage: read, status: Unknown},
		"second look failed":   {coverage: read, looks: Looks{{"aws_route_table", west}: {Err: errLater}}, status: Unknown},
		"second look finds it": {coverage: read, looks: Looks{{"aws_route_table", west}: {Objects: with(providers.Alive)}}, status: InSync},
		"second look lingers":  {coverage: read, objects: with(providers.Gone), looks: Looks{{"aws_route_table", west}: {Objects: with(providers.Gone)}}, status: GoneUnexplained},
		"session deleted it":   {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1")}, status: Gone, explained: []string{"ci-1-deleted"}},
		"and its parent":       {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_vpc vpc-1")}, status: Gone, explained: []string{"ci-1-deleted"}},
		"lingers, deleted":     {coverage: read, objects: with(providers.Gone), looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1")}, status: Gone, explained: []string{"ci-1-deleted"}},
		"others deleted it":    {coverage: read, looks: nothing, others: []providers.Call{call(1, "eve", "deleted aws_route_table rtb-1")}, status: GoneUnexplained, explained: []string{"eve-1-deleted"}, by: "role/eve"},
		"others, its parent":   {coverage: read, looks: nothing, others: []providers.Call{call(1, "eve", "deleted aws_vpc vpc-1")}, status: GoneUnexplained, explained: []string{"eve-1-deleted"}, by: "role/eve"},
		"nobody deleted it":    {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-2")}, status: GoneUnexplained},
		"deleted, made again":  {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1"), call(2, "ci", "created aws_route_table rtb-1")}, status: GoneUnexplained},
		"in one second":        {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1"), call(1, "ci", "created aws_route_table rtb-1")}, status: GoneUnexplained},
		"made, then deleted":   {coverage: read, looks: nothing, own: []providers.Call{call(2, "ci", "deleted aws_route_table rtb-1"), call(1, "ci", "created aws_route_table rtb-1")}, status: Gone, explained: []string{"ci-2-deleted"}},
		"remade by others":     {coverage: read, looks: nothing, own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1")}, others: []providers.Call{call(2, "eve", "created aws_route_table rtb-1")}, status: GoneUnexplained},
	} {
		t.Run(name, func(t *testing.T) {
			if c.instance.Address == "" {
				c.instance = recorded("aws_route_table.x", "", table(nil))
			}
			s := NewSubject(state(c.instance), nil, kinds, "", nil)
			got := Compare(s, Reading{Caller: providers.Caller{Account: account1}, Inventory: providers.Inventory{Objects: c.objects, Coverage: c.coverage},
				Looks: c.looks, Trail: providers.Trail{Own: c.own, Others: c.others}})
			i := got.Instances[0]
			if i.Status != c.status {
				t.Errorf("status %s (%s), want %s", i.Status, i.Reason, c.status)
			}
			if i.Reason == "" {
				t.Error("no reason is given")
			}
			if !slices.Equal(i.Events, c.explained) || i.By != c.by {
				t.Errorf("explained by %v of %q, want %v of %q", i.Events, i.By, c.explained, c.by)
			}
		})
	}
}

// TestACallThatTakesAwayWhateverIsThereExplainsThatAlone fails when the absence
// of what it does not name stays unexplained, or when anything else in the same
// place is held to be deleted by it.
func TestACallThatTakesAwayWhateverIsThereExplainsThatAlone(t *testing.T) {
	use := providers.Kind{Type: "aws_use", Identity: "{what}-{vpc_id}", Parents: []string{"vpc_id"}, Facet: true, Swept: "*-{vpc_id}",
		Events: []providers.Event{{Name: "Use", Role: providers.Created}, {Name: "Use", Role: providers.Deleted}}}
	both := func(second int, by, what string) providers.Call {
		c := call(second, by, "created aws_use "+what+"-vpc-1")
		c.Mutations = append(c.Mutations, providers.Mutation{Type: "aws_use", ID: "*-vpc-1", Role: providers.Deleted})
		return c
	}
	for name, c := range map[string]struct {
		own, others []providers.Call
		status      Status
	}{
		"by another use":            {own: []providers.Call{both(1, "ci", "b")}, status: Gone},
		"its own making is none":    {own: []providers.Call{both(1, "ci", "a")}, status: GoneUnexplained},
		"made, then taken away":     {own: []providers.Call{both(1, "ci", "a"), both(2, "ci", "b")}, status: Gone},
		"taken away and made again": {own: []providers.Call{both(1, "ci", "b")}, others: []providers.Call{both(2, "eve", "a")}, status: GoneUnexplained},
		"by somebody else":          {others: []providers.Call{both(1, "eve", "b")}, status: GoneUnexplained},
		"in another place":          {own: []providers.Call{call(1, "ci", "deleted aws_use *-vpc-2")}, status: GoneUnexplained},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSubject(state(recorded("aws_use.x", "", map[string]any{"id": "a-vpc-1", "what": "a", "vpc_id": "vpc-1", "region": "eu-west-1"}),
				recorded("aws_route_table.x", "", map[string]any{"id": "rtb-1", "owner_id": account1, "region": "eu-west-1", "vpc_id": "vpc-1"})), nil, append(slices.Clone(kinds), use), "", nil)
			got := Compare(s, Reading{Caller: providers.Caller{Account: account1}, Trail: providers.Trail{Own: c.own, Others: c.others},
				Inventory: providers.Inventory{Coverage: []providers.Coverage{covered("aws_use", providers.Read), covered("aws_route_table", providers.Read)}},
				Looks:     Looks{{"aws_use", west}: {}, {"aws_route_table", west}: {}}})
			for _, i := range got.Instances {
				want := c.status
				if i.Type == "aws_route_table" {
					want = GoneUnexplained
				}
				if i.Status != want {
					t.Errorf("%s: %s (%s), want %s", i.Address, i.Status, i.Reason, want)
				}
			}
		})
	}
}

func TestSuspectsAreTheInstancesThatACompleteListingDoesNotHold(t *testing.T) {
	at := func(id string) map[string]any {
		return map[string]any{"id": id, "owner_id": account1, "region": "eu-west-1"}
	}
	lingering := alive("aws_vpc", "vpc-3", nil)
	lingering.Life = providers.Gone
	s := NewSubject(state(recorded("aws_vpc.there", "", at("vpc-1")), recorded("aws_vpc.missing", "", at("vpc-2")), recorded("aws_vpc.lingers", "", at("vpc-3")),
		recorded("aws_route_table.unread", "", at("rtb-1"))), nil, kinds, "", nil)
	got := Suspects(s, providers.Inventory{Objects: []providers.Object{alive("aws_vpc", "vpc-1", nil), lingering},
		Coverage: []providers.Coverage{covered("aws_vpc", providers.Read), covered("aws_route_table", providers.Throttled)}})
	var ids []string
	for k, attrs := range got {
		for _, a := range attrs {
			ids = append(ids, k.Type+" "+a.Text("id"))
		}
	}
	slices.Sort(ids)
	if d := cmp.Diff([]string{"aws_vpc vpc-2", "aws_vpc vpc-3"}, ids); d != "" {
		t.Error(d)
	}
}

func TestDriftIsToldOfWhatIsComparedAndHidesWhatIsSensitive(t *testing.T) {
	inline := map[string]any{"id": "rtb-1", "owner_id": account1, "region": "eu-west-1", "vpc_id": "vpc-1", "ignored": "x",
		"route": []any{map[string]any{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "core_network_arn": "written only here"}}}
	route := recorded("aws_route.r", "", map[string]any{"route_table_id": "rtb-1", "destination": "0.0.0.0/0"})
	live := func(gateway string) []providers.Object {
		return []providers.Object{alive("aws_route_table", "rtb-1", providers.Attrs{"ignored": "y", "route": []any{map[string]any{"cidr_block": "0.0.0.0/0", "gateway_id": gateway}}})}
	}
	compareOne := func(objects []providers.Object, w *wanted.Wanted, instances ...statefile.Instance) Instance {
		r := Compare(NewSubject(state(instances...), w, kinds, "", nil), Reading{Caller: providers.Caller{Account: account1},
			Inventory: providers.Inventory{Objects: objects, Coverage: []providers.Coverage{covered("aws_route_table", providers.Read), covered("aws_vpc", providers.Read)}}})
		i := slices.IndexFunc(r.Instances, func(i Instance) bool { return i.Type != "aws_route" })
		return r.Instances[i]
	}
	table := recorded("aws_route_table.t", "", inline)
	if i := compareOne(live("igw-1"), nil, table); i.Status != InSync {
		t.Errorf("a member that no call returns counts as drift: %v", i.Drift)
	}
	if i := compareOne(live("igw-2"), nil, table); len(i.Drift) != 1 || i.Drift[0].Attribute != "route" {
		t.Errorf("drift %v, want that of route alone", i.Drift)
	}
	if i := compareOne(live("igw-2"), nil, table, route); i.Status != InSync {
		t.Errorf("routes that an aws_route manages count as the table's: %v", i.Drift)
	}
	w := &wanted.Wanted{Instances: []wanted.Instance{{Address: "aws_route.r", Type: "aws_route", Values: map[string]wanted.Value{"route_table_id": {Known: "rtb-1"}}}}}
	if i := compareOne(live("igw-2"), w, table); i.Status != InSync {
		t.Errorf("routes that an aws_route is planned for count as the table's: %v", i.Drift)
	}
	secret := recorded("aws_vpc.v", "", map[string]any{"id": "vpc-1", "owner_id": account1, "region": "eu-west-1", "user_data": "hush"})
	secretive := slices.Clone(kinds)
	secretive[0].Compared = []string{"user_data"}
	r := Compare(NewSubject(state(secret), nil, secretive, "", nil), Reading{Caller: providers.Caller{Account: account1}, Inventory: providers.Inventory{
		Objects: []providers.Object{alive("aws_vpc", "vpc-1", providers.Attrs{"user_data": "whisper"})}, Coverage: []providers.Coverage{covered("aws_vpc", providers.Read)}}})
	if d := cmp.Diff([]Drift{{"user_data", "(sensitive)", "(sensitive)"}}, r.Instances[0].Drift); d != "" {
		t.Error(d)
	}
}

func TestWhatAnotherAddressSetsIsNoDrift(t *testing.T) {
	address := recorded("aws_address.a", "", map[string]any{"id": "eip-1", "network_interface": "", "arn": "arn:aws:ec2:eu-west-1:" + account1 + ":x/eip-1"})
	gateway := func(id string) statefile.Instance {
		return recorded("aws_gateway.g", "", map[string]any{"id": "nat-1", "allocation_id": id})
	}
	planned := &wanted.Wanted{Instances: []wanted.Instance{{Address: "aws_gateway.g", Type: "aws_gateway", Source: aws, Values: map[string]wanted.Value{"allocation_id": {Known: "eip-1"}}}}}
	for name, c := range map[string]struct {
		w         *wanted.Wanted
		instances []statefile.Instance
		want      Status
	}{
		"nobody names it":             {nil, []statefile.Instance{address}, Drifted},
		"a gateway of the state does": {nil, []statefile.Instance{address, gateway("eip-1")}, InSync},
		"a planned gateway does":      {planned, []statefile.Instance{address}, InSync},
		"the gateway names another":   {nil, []statefile.Instance{address, gateway("eip-2")}, Drifted},
	} {
		t.Run(name, func(t *testing.T) {
			r := Compare(NewSubject(state(c.instances...), c.w, kinds, "eu-west-1", nil), Reading{Caller: providers.Caller{Account: account1}, Inventory: providers.Inventory{
				Objects:  []providers.Object{alive("aws_address", "eip-1", providers.Attrs{"network_interface": "eni-1"})},
				Coverage: []providers.Coverage{covered("aws_address", providers.Read), covered("aws_gateway", providers.Read)}}})
			if i := r.Instances[0]; i.Status != c.want {
				t.Errorf("%s: %v, want %s", i.Status, i.Drift, c.want)
			}
		})
	}
}

func TestAnObjectIsWhoeverMadeItLast(t *testing.T) {
	table, _ := kinds.Find("aws_route_table")
	adopted, _ := kinds.Find("aws_default_route_table")
	for name, c := range map[string]struct {
		kind  providers.Kind
		trail providers.Trail
		maker Maker
	}{
		"the session's":             {table, providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_route_table rtb-1")}}, BySession},
		"somebody else's":           {table, providers.Trail{Others: []providers.Call{call(1, "eve", "created aws_route_table rtb-1")}}, ByOther},
		"nobody's":                  {table, providers.Trail{Own: []providers.Call{call(1, "ci", "changed aws_route_table rtb-1")}}, ByNobody},
		"made again by another":     {table, providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_route_table rtb-1")}, Others: []providers.Call{call(2, "eve", "created aws_route_table rtb-1")}}, ByOther},
		"in one second":             {table, providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_route_table rtb-1")}, Others: []providers.Call{call(1, "eve", "created aws_route_table rtb-1")}}, ByOther},
		"made again by the session": {table, providers.Trail{Own: []providers.Call{call(3, "ci", "created aws_route_table rtb-1")}, Others: []providers.Call{call(2, "eve", "created aws_route_table rtb-1")}}, BySession},
		"deleted, and there again":  {table, providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_route_table rtb-1"), call(2, "ci", "deleted aws_route_table rtb-1")}}, ByNobody},
		"replaced by the session":   {table, providers.Trail{Own: []providers.Call{call(1, "ci", "deleted aws_route_table rtb-1"), call(2, "ci", "created aws_route_table rtb-1")}}, BySession},
		"of one of several runs":    {table, providers.Trail{Unclear: []providers.Call{call(1, "ci", "created aws_route_table rtb-1")}}, ByUnclear},
		"adopted by the session":    {adopted, providers.Trail{Own: []providers.Call{call(1, "ci", "changed aws_default_route_table rtb-1")}, Others: []providers.Call{call(2, "eve", "changed aws_default_route_table rtb-1")}}, BySession},
		"adopted by another":        {adopted, providers.Trail{Others: []providers.Call{call(2, "eve", "changed aws_default_route_table rtb-1")}}, ByOther},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, _, _ := newHistory(c.trail).maker(c.kind, "rtb-1"); got != c.maker {
				t.Errorf("maker %q, want %q", got, c.maker)
			}
		})
	}
}

// TestWhatAWSMakesWithAnObjectIsItsMakers fails when the first rule of a group
// that the session made is nobody's, or when a rule of its own call is not that
// call's.
func TestWhatAWSMakesWithAnObjectIsItsMakers(t *testing.T) {
	for name, c := range map[string]struct {
		trail providers.Trail
		maker Maker
	}{
		"with the session's":    {providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_vpc vpc-1")}}, BySession},
		"with another's":        {providers.Trail{Others: []providers.Call{call(1, "eve", "created aws_vpc vpc-1")}}, ByOther},
		"of one of some runs":   {providers.Trail{Unclear: []providers.Call{call(1, "ci", "created aws_vpc vpc-1")}}, ByUnclear},
		"made again by another": {providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_vpc vpc-1")}, Others: []providers.Call{call(2, "eve", "created aws_route r-1")}}, ByOther},
		"two made it":           {providers.Trail{Own: []providers.Call{call(1, "ci", "created aws_vpc vpc-1")}, Others: []providers.Call{call(2, "eve", "created aws_vpc vpc-1")}}, ByNobody},
		"no call made it":       {providers.Trail{Own: []providers.Call{call(1, "ci", "changed aws_vpc vpc-1")}}, ByNobody},
	} {
		t.Run(name, func(t *testing.T) {
			o := alive("aws_route", "r-1", nil)
			o.With = "vpc-1"
			r := Compare(NewSubject(state(), nil, kinds, "", nil), Reading{Inventory: providers.Inventory{Objects: []providers.Object{o}}, Trail: c.trail})
			if len(r.Objects) != 1 || r.Objects[0].Maker != c.maker {
				t.Errorf("%+v, want maker %s", r.Objects, c.maker)
			}
		})
	}
}

func TestAThingThatIsRecordedAsAnotherTypeIsNotUnrecorded(t *testing.T) {
	main := recorded("aws_default_route_table.d", "", map[string]any{"id": "rtb-1", "owner_id": account1, "arn": "arn:aws:ec2:eu-west-1:" + account1 + ":route-table/rtb-1", "vpc_id": "vpc-1"})
	r := Compare(NewSubject(state(main), nil, kinds, "", nil), Reading{Caller: providers.Caller{Account: account1}, Inventory: providers.Inventory{
		Objects:  []providers.Object{alive("aws_route_table", "rtb-1", nil), alive("aws_default_route_table", "rtb-1", nil), alive("aws_route_table", "rtb-2", nil), alive("aws_default_route_table", "rtb-2", nil)},
		Coverage: []providers.Coverage{covered("aws_route_table", providers.Read), covered("aws_default_route_table", providers.Read)}}})
	var got []string
	for _, o := range r.Objects {
		got = append(got, o.Type+" "+o.ID)
	}
	if d := cmp.Diff([]string{"aws_default_route_table rtb-2", "aws_route_table rtb-2"}, got); d != "" {
		t.Error(d)
	}
}
