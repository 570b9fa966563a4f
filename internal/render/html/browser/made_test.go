package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reconcile/internal/backend"
	"reconcile/internal/diff"
	"reconcile/internal/plan"
	"reconcile/internal/render"
	"reconcile/internal/statefile"
	"reconcile/internal/wanted"
	"reconcile/providers"
	"reconcile/providers/ec2"
)

// recorded is the report of a recorded incident, as the program itself makes it.
func recorded(t testing.TB, name string) *plan.Report {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command("go", "run", "reconcile/cmd/reconcile", "demo", "--incident", name, "--out", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	f, err := os.Open(filepath.Join(out, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := render.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	account = "123456789012"
	region  = "eu-west-1"
	source  = "registry.terraform.io/hashicorp/aws"
)

var begin = time.Date(2026, 3, 14, 1, 12, 0, 0, time.UTC)

// network is an incident of many VPCs on one transit gateway, made by code.
type network struct {
	state   statefile.State
	want    wanted.Wanted
	reading diff.Reading
	calls   int
}

func (n *network) id(prefix string, number int) string {
	return fmt.Sprintf("%s%017x", prefix, number*7919+len(prefix))
}

var allKinds = sync.OnceValue(func() providers.Kinds { return ec2.Kinds(ec2.Rows()) })

func (n *network) place() providers.Place { return providers.Place{Account: account, Region: region} }

func (n *network) live(typ string, k providers.Kind, a providers.Attrs) {
	n.reading.Inventory.Objects = append(n.reading.Inventory.Objects, providers.Object{Type: typ, Place: n.place(), ID: k.IdentityOf(a), Attrs: a, State: "available", Life: providers.Alive})
}

func (n *network) call(name, typ, id string, role providers.Role) {
	n.calls++
	n.reading.Trail.Own = append(n.reading.Trail.Own, providers.Call{EventID: fmt.Sprintf("%08x-aaaa-4bbb-8ccc-%012x", n.calls, n.calls), Name: name, Source: providers.EC2, Time: begin.Add(time.Duration(n.calls) * 1700 * time.Millisecond).Truncate(time.Second),
		Place: n.place(), By: providers.Principal{ARN: "arn:aws:iam::" + account + ":role/terraform-runner", Session: "ci-prod-7"}, Mapped: true,
		Mutations: []providers.Mutation{{Type: typ, ID: id, Role: role}}})
}

// thing adds a resource: recorded and alive, made by the run and not recorded,
// or recorded and deleted by the run.
func (n *network) thing(fate, address string, a providers.Attrs) {
	typ := address[strings.Index(address, "aws_"):]
	typ = typ[:strings.Index(typ, ".")]
	k, ok := allKinds().Find(typ)
	if !ok {
		return
	}
	a["owner_id"], a["arn"] = account, "arn:aws:ec2:"+region+":"+account+":x/"+a.Text("id")
	id := k.IdentityOf(a)
	call := ""
	for word := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(typ, "aws_"), "ec2_"), "_") {
		call += strings.ToUpper(word[:1]) + word[1:]
	}
	if fate != "made" {
		text, _ := json.Marshal(a)
		name := address[strings.Index(address, typ)+len(typ)+1:]
		n.state.Instances = append(n.state.Instances, statefile.Instance{Address: address, Mode: statefile.Managed, Type: typ, Name: name, Provider: statefile.Provider{Source: source}, Attributes: text})
	} else {
		n.call("Create"+call, typ, id, providers.Created)
		w := wanted.Instance{Address: address, Type: typ, ProviderKey: "aws", Source: source, Action: wanted.Create, Values: map[string]wanted.Value{}, Unknown: []string{"id"}}
		for _, attr := range append(k.Hard(), "tags_all") {
			if v, ok := a[attr]; ok {
				w.Values[attr] = wanted.Value{Known: v}
			}
		}
		n.want.Instances = append(n.want.Instances, w)
	}
	if fate == "deleted" {
		n.call("Delete"+call, typ, id, providers.Deleted)
		return
	}
	n.live(typ, k, a)
}

// made is an incident of over 500 resources.
var madeOnce = sync.OnceValue(func() *plan.Report { return spokes(14) })

// spokes is an incident of so many VPCs.
func spokes(vpcs int) *plan.Report {
	n := &network{}
	n.want.Providers = map[string]wanted.Provider{"aws": {Source: source, Region: region, RegionSet: true}}
	tgw := n.id("tgw-", 1)
	n.thing("recorded", "module.hub.aws_ec2_transit_gateway.this", providers.Attrs{"id": tgw, "tags_all": map[string]any{"Name": "hub"}})
	for t := range 2 {
		rt := n.id("tgw-rtb-", t)
		n.thing("recorded", fmt.Sprintf(`module.hub.aws_ec2_transit_gateway_route_table.this["%s"]`, []string{"prod", "shared"}[t]), providers.Attrs{"id": rt, "transit_gateway_id": tgw})
		for r := range 12 {
			fate := "recorded"
			if r > 8 {
				fate = "made"
			}
			n.thing(fate, fmt.Sprintf(`module.hub.aws_ec2_transit_gateway_route.this["%d-%d"]`, t, r), providers.Attrs{"transit_gateway_route_table_id": rt,
				"destination_cidr_block": fmt.Sprintf("10.%d.0.0/16", r), "transit_gateway_attachment_id": n.id("tgw-attach-", r)})
		}
	}
	for v := range vpcs {
		// The first eight VPCs were there (or half of fewer); the run was at work on
		// the others.
		fate := func(index int) string {
			switch {
			case v < min(8, vpcs/2) && (v != 3 || index < 3):
				return "recorded"
			case v == 3 && index == 3:
				return "deleted"
			case v == 13 && index > 4:
				return "recorded"
			}
			return "made"
		}
		vpc, module := n.id("vpc-", v), fmt.Sprintf("module.spoke[%q]", fmt.Sprintf("team-%02d", v))
		n.thing(fate(0), module+".aws_vpc.this", providers.Attrs{"id": vpc, "cidr_block": fmt.Sprintf("10.%d.0.0/16", v), "tags_all": map[string]any{"Name": fmt.Sprintf("team-%02d", v)}})
		n.thing(fate(0), module+".aws_internet_gateway.this", providers.Attrs{"id": n.id("igw-", v), "vpc_id": vpc, "tags_all": map[string]any{"Name": fmt.Sprintf("team-%02d", v)}})
		var subnets []any
		for s := range 9 {
			subnet := n.id("subnet-", v*100+s)
			if s < 3 {
				subnets = append(subnets, subnet)
			}
			n.thing(fate(s), fmt.Sprintf("%s.aws_subnet.this[%q]", module, fmt.Sprintf("%s-%d", []string{"public", "private", "data"}[s/3], s%3)), providers.Attrs{"id": subnet, "vpc_id": vpc,
				"cidr_block": fmt.Sprintf("10.%d.%d.0/24", v, s), "availability_zone": region + string(rune('a'+s%3))})
		}
		n.thing(fate(0), module+".aws_ec2_transit_gateway_vpc_attachment.this", providers.Attrs{"id": n.id("tgw-attach-", v), "vpc_id": vpc, "transit_gateway_id": tgw, "subnet_ids": subnets})
		for t := range 3 {
			table := n.id("rtb-", v*100+t)
			name := []string{"public", "private", "data"}[t]
			n.thing(fate(t), fmt.Sprintf("%s.aws_route_table.this[%q]", module, name), providers.Attrs{"id": table, "vpc_id": vpc, "tags_all": map[string]any{"Name": fmt.Sprintf("team-%02d-%s", v, name)}})
			for r := range 4 {
				to := providers.Attrs{"route_table_id": table, "destination_cidr_block": fmt.Sprintf("192.168.%d.0/24", r)}
				if t == 0 && r == 0 {
					to["destination_cidr_block"], to["gateway_id"] = "0.0.0.0/0", n.id("igw-", v)
				} else {
					to["transit_gateway_id"] = tgw
				}
				n.thing(fate(r), fmt.Sprintf("%s.aws_route.this[%q]", module, fmt.Sprintf("%s-%d", name, r)), to)
			}
			for s := range 3 {
				n.thing(fate(s), fmt.Sprintf("%s.aws_route_table_association.this[%q]", module, fmt.Sprintf("%s-%d", name, s)), providers.Attrs{"id": n.id("rtbassoc-", v*100+t*10+s),
					"subnet_id": n.id("subnet-", v*100+t*3+s), "route_table_id": table})
			}
		}
	}
	return n.report("INC-4711")
}

func made(t testing.TB) *plan.Report {
	t.Helper()
	return madeOnce()
}

func (n *network) report(incident string) *plan.Report {
	types := map[string]bool{}
	for _, o := range n.reading.Inventory.Objects {
		types[o.Type] = true
	}
	for _, i := range n.state.Instances {
		types[i.Type] = true
	}
	n.reading.Caller = providers.Caller{Account: account, ARN: "arn:aws:sts::" + account + ":assumed-role/oncall/me", Partition: "aws"}
	n.reading.Looks = diff.Looks{}
	for typ := range types {
		n.reading.Inventory.Coverage = append(n.reading.Inventory.Coverage, providers.Coverage{Type: typ, Place: n.place(), Status: providers.Read, Action: "ec2:Describe", Objects: 1})
		n.reading.Looks[diff.LookKey{Type: typ, Place: n.place()}] = diff.Look{}
	}
	n.reading.Inventory.Sort()
	last := begin.Add(time.Duration(n.calls) * 1700 * time.Millisecond)
	n.reading.Trail.Source, n.reading.Trail.Regions, n.reading.Trail.CompleteUntil = "CloudTrail LookupEvents", []string{region}, last.Add(40*time.Minute)
	n.reading.Trail.Stats = providers.TrailStats{Records: n.calls + 3, Own: n.calls, Refused: 3}
	return plan.Build(plan.Input{
		Incident: incident, Tool: plan.Tool{Name: "reconcile", Version: "v0.0.0-test"}, GeneratedAt: last.Add(55 * time.Minute),
		State:   plan.State{Source: "state.tfstate", Format: "raw", Lineage: "51b35be3-1ed5-5e19-41a8-f60fee5ad5e1", Serial: 41, TerraformVersion: "1.11.4", Instances: len(n.state.Instances)},
		Lock:    backend.Lock{Status: "held", ID: "3d5d8e81-4e91-f9ad-2c37-a62caaa67fd5", Form: "dynamodb", Operation: "OperationTypeApply", Who: "runner@ci-7", Version: "1.11.4", Created: begin.Add(-4 * time.Second)},
		Window:  plan.Window{Since: begin.Add(-time.Minute), Until: last.Add(40 * time.Minute), SinceSource: "the write time of the state", UntilSource: "now"},
		Session: plan.Session{Role: "arn:aws:iam::" + account + ":role/terraform-runner", Name: "ci-prod-7", AccessKeys: []string{"ASIARUNNER0000000007"}, How: "the lock's time"},
		Guard:   plan.Guard{Dir: "/home/ci/network", Account: account, TerraformVersion: "1.11.4", Executable: true},
		Subject: diff.NewSubject(&n.state, &n.want, allKinds(), region, nil), Reading: n.reading,
	})
}

// incomplete is an incident in which much is not known: refused listings, a
// trail that may be late, questions, what is left and what is somebody else's.
func incomplete(t testing.TB) *plan.Report {
	t.Helper()
	js, err := json.Marshal(spokes(5))
	if err != nil {
		t.Fatal(err)
	}
	var r plan.Report
	if err := json.Unmarshal(js, &r); err != nil {
		t.Fatal(err)
	}
	r.Incident, r.Verdict = "INC-4712", plan.NeedsPerson
	r.Incomplete = []string{"CloudTrail is held complete up to 2026-03-14T01:40:00Z: run plan again after 2026-03-14T02:20:00Z",
		"aws_nat_gateway in eu-west-1: UnauthorizedOperation: You are not authorized to perform this operation (ec2:DescribeNatGateways)"}
	r.Coverage = append(r.Coverage, providers.Coverage{Type: "aws_nat_gateway", Place: providers.Place{Account: account, Region: region}, Status: providers.Denied, Action: "ec2:DescribeNatGateways", Error: "UnauthorizedOperation"})
	r.Trail.Complete = false
	// One of each status that the made incident lacks, and a question with an answer.
	statuses := []plan.FindingStatus{plan.Drifted, plan.GoneUnexplained, plan.PendingObject, plan.Unknown, plan.Leftover, plan.Foreign}
	n := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Status != plan.InState || n == len(statuses)*2 || i%2 != 0 {
			continue
		}
		f.Status = statuses[n%len(statuses)]
		f.Reason = "for this test it is " + string(f.Status)
		switch f.Status {
		case plan.Drifted:
			f.Drift = []plan.Drift{{Attribute: "tags_all", State: `{"Name":"a"}`, Live: `{"Name":"b"}`}}
		case plan.Leftover:
			f.Delete = []string{"--region", region, "ec2", "delete-x", "--id", f.ID}
		case plan.Foreign:
			f.By = "user/console-user"
		}
		for k := range r.Topology.Nodes {
			if node := &r.Topology.Nodes[k]; node.Type == f.Type && node.ID == f.ID {
				node.Status = plan.NodeStatus(f.Status)
			}
		}
		n++
	}
	for i := range r.Findings {
		if f := r.Findings[i]; f.Status == plan.Unrecorded && f.Type == "aws_subnet" && len(r.Questions) < 3 {
			r.Questions = append(r.Questions, plan.Question{Type: f.Type, ID: f.ID, Region: region, Text: "made by the session, but it fits two addresses", EventIDs: f.EventIDs,
				Candidates: []plan.Candidate{{Address: f.Address, Tells: []string{"availability_zone = eu-west-1a"}, Map: f.Address + "=" + f.ID}, {Address: f.Address + "_other", Tells: []string{"nothing is known of it"}}}})
			for k := range r.Topology.Nodes {
				if node := &r.Topology.Nodes[k]; node.Type == f.Type && node.ID == f.ID {
					node.Status = plan.NodeQuestion
				}
			}
		}
	}
	r.Held = []string{`module.spoke["team-01"].aws_subnet.this["private-0"]`}
	r.Notes = append(r.Notes, "a note that a reader should know and need not act on")
	r.Rehearsal = &plan.Rehearsal{Schema: plan.RehearsalSchema, At: r.GeneratedAt.Add(5 * time.Minute), Passed: false, WhyNot: "terraform plan would replace what was reconciled", Terraform: "Terraform 1.11.4", Serial: 41, Steps: 40,
		Found: []plan.Change{{Action: "replace", Address: "aws_vpc.x"}}, Updates: []plan.Change{{Action: "update", Address: "aws_subnet.y"}}}
	return &r
}

// hostileTexts are names that somebody else gave, as the page has to show them.
func hostileTexts() []string {
	return []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `'; alert(3); '`, `</style><svg onload=alert(4)>`, `{{.Policy}}`, `javascript:alert(5)`, `\u{202e}gnp.exe`, `\u{2066}a\u{200b}b`, `&lt;b&gt;`, `\u{1b}[31mred`}
}

// hostile is an incident in which everything that has a name has a bad one.
func hostile(t testing.TB) *plan.Report {
	t.Helper()
	bad := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `'; alert(3); '`, `</style><svg onload=alert(4)>`, `{{.Policy}}`, `javascript:alert(5)`, "\u202egnp.exe", "\u2066a\u200bb", `&lt;b&gt;`, "\x1b[31mred", "</title></text><rect>", "עברית العربية 漢字 😀", "#x\" onfocus=\"alert(6)", "`|@everyone"}
	js, err := json.Marshal(recorded(t, "shared-network-expire-15"))
	if err != nil {
		t.Fatal(err)
	}
	var r plan.Report
	if err := json.Unmarshal(js, &r); err != nil {
		t.Fatal(err)
	}
	k := 0
	name := func() string { k++; return bad[k%len(bad)] }
	r.Incident = "INC " + bad[0] + bad[6]
	r.Lock.Who, r.Session.Name, r.Session.Role, r.Caller.ARN, r.Guard.Dir, r.State.Source = name(), name(), name(), name(), name(), name()
	r.Incomplete, r.Notes, r.Held = bad, bad, bad
	for i := range r.Findings {
		f := &r.Findings[i]
		was := f.Type + " " + f.ID
		if i%3 == 0 {
			f.ID = "vpc-" + name()
		}
		f.Reason, f.By, f.Region = name(), name(), name()
		f.Drift = []plan.Drift{{Attribute: name(), State: name(), Live: name()}}
		f.Delete = []string{"ec2", name()}
		f.EventIDs = append(f.EventIDs, name())
		if f.Address != "" {
			f.Address = f.Type + `.x["` + name() + `"]`
		}
		for n := range r.Topology.Nodes {
			if node := &r.Topology.Nodes[n]; node.Key == was {
				node.ID, node.Address, node.Name, node.Range, node.Region = f.ID, f.Address, name(), name(), name()
			}
		}
	}
	for i := range r.Actions {
		a := &r.Actions[i]
		a.Address, a.ID, a.Why, a.IfSkipped = a.Type+`.x["`+name()+`"]`, name(), name(), name()
		a.Argv, a.Undo, a.Needs = []string{"import", a.Address, a.ID}, []string{"state", "rm", a.Address}, []string{name()}
	}
	for i := range r.Mutations {
		r.Mutations[i].Name, r.Mutations[i].EventID, r.Mutations[i].Address = name(), name(), name()
	}
	for i := range r.Coverage {
		r.Coverage[i].Error = name()
	}
	r.Questions = []plan.Question{{Type: "aws_vpc", ID: name(), Text: name(), EventIDs: []string{name()}, Candidates: []plan.Candidate{{Address: name(), ID: name(), Tells: bad, Map: name()}}}}
	return &r
}
