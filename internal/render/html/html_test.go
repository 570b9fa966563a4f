package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"reconcile/internal/plan"
	"reconcile/providers"
)

func page(t interface {
	Helper()
	Fatal(...any)
}, r *plan.Report, s Story) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePolicyIsThatOfThePage(t *testing.T) {
	text := page(t, &plan.Report{}, Story{})
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src &#39;none&#39;;") {
		t.Fatalf("the policy is %v", policy)
	}
	for _, part := range []string{"style", "script"} {
		inner := regexp.MustCompile(`(?s)<`+part+`>(.*?)</`+part+`>`).FindAllStringSubmatch(text, -1)
		if len(inner) != 1 {
			t.Fatalf("%d elements %s", len(inner), part)
		}
		sum := sha256.Sum256([]byte(inner[0][1]))
		if hash := base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(strings.ReplaceAll(policy[1], "&#43;", "+"), hash) {
			t.Errorf("the policy does not know the %s's hash %s: %s", part, hash, policy[1])
		}
	}
}

func TestThePageNamesNothingToLoad(t *testing.T) {
	for what, expr := range map[string]string{"a source": `(?i)\ssrc=`, "a link away": `(?i)href="[^#]`, "a style's url": `(?i)url\(`, "an import": `(?i)@import`, "a link element": `(?i)<link\b`} {
		if hit := regexp.MustCompile(expr).FindString(page(t, &plan.Report{}, Story{})); hit != "" {
			t.Errorf("the page has %s: %s", what, hit)
		}
	}
}

// anyName draws what nobody should call anything.
func anyName() *rapid.Generator[string] {
	bits := rapid.SampledFrom([]string{"<script>alert(1)</script>", `"`, "'", "&lt;", "</style>", "</title>", "-->", "{{.}}", "javascript:x", "\u202e", "\u200b", "\x00", "\x1b[1m", "\xff", "\n", "é", "漢", "a", " "})
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(bits, 0, 4).Draw(t, "bits"), "") })
}

func anyTopology(t *rapid.T) *plan.Topology {
	out := &plan.Topology{}
	kinds := []string{"aws_vpc", "aws_subnet", "aws_route_table", "aws_route", "aws_route_table_association", "aws_ec2_transit_gateway", "aws_ec2_transit_gateway_vpc_attachment", "aws_eip", "x"}
	statuses := []string{"in_sync", "unrecorded", "gone", "drifted", "foreign", "beside", "question", "unknown", "odd"}
	n := rapid.IntRange(0, 40).Draw(t, "nodes")
	for i := range n {
		node := plan.Node{Key: fmt.Sprint(i), Type: rapid.SampledFrom(kinds).Draw(t, "type"), ID: anyName().Draw(t, "id"), Address: anyName().Draw(t, "address"), Name: anyName().Draw(t, "name"),
			Range: anyName().Draw(t, "range"), Status: plan.NodeStatus(rapid.SampledFrom(statuses).Draw(t, "status")), Region: anyName().Draw(t, "region")}
		if rapid.Bool().Draw(t, "held") {
			node.In = fmt.Sprint(rapid.IntRange(0, n).Draw(t, "in")) // a ring or nothing at all too
		}
		out.Nodes = append(out.Nodes, node)
		if rapid.Bool().Draw(t, "uses") {
			out.Edges = append(out.Edges, plan.Edge{From: node.Key, To: fmt.Sprint(rapid.IntRange(0, n).Draw(t, "to")), By: "x_id"})
		}
	}
	return out
}

func TestWhateverItHoldsThePageIsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string) string { return anyName().Draw(t, what) }
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0)
		r := &plan.Report{Incident: draw("incident"), Notes: []string{draw("note")}, Incomplete: []string{draw("incomplete")}, GeneratedAt: at, Topology: anyTopology(t),
			Findings:  []plan.Finding{{Status: plan.FindingStatus(draw("status")), Address: draw("address"), Type: draw("type"), ID: draw("id"), EventIDs: []string{draw("event")}, Delete: []string{draw("delete")}}},
			Actions:   []plan.Action{{N: 1, Op: plan.Op(draw("op")), Address: draw("a"), Argv: []string{"import", draw("argv")}, Why: draw("why")}},
			Questions: []plan.Question{{Type: draw("qt"), ID: draw("qi"), Text: draw("text"), Candidates: []plan.Candidate{{Address: draw("ca"), Map: draw("map")}}}},
			Mutations: []plan.Accounted{{Call: providers.Call{EventID: draw("mid"), Name: draw("call"), Time: at}, Outcome: draw("outcome")}},
			Timeline:  []plan.Moment{{Time: at, Kind: plan.MomentKind(draw("kind")), What: draw("what"), Call: draw("mc")}},
			Coverage:  []providers.Coverage{{Type: draw("ck"), Error: draw("error")}}}
		text := page(t, r, Story{Happened: []string{draw("happened")}, Next: []Step{{Say: draw("say"), Command: draw("command")}}, Risks: []string{draw("risk")}})
		if again := page(t, r, Story{}); again != page(t, r, Story{}) {
			t.Fatal("the same report gives other bytes")
		}
		for _, c := range text {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Fatalf("%U gets through", c)
			}
		}
		for _, element := range []string{"<script", "<style", "<title>"} {
			most := 1
			if element == "<title>" {
				most = 1 + strings.Count(text, "<g><title>") + strings.Count(text, `"><title>`)
			}
			if n := strings.Count(text, element); n > most {
				t.Fatalf("%d elements %s", n, element)
			}
		}
		if strings.Contains(text, "ZgotmplZ") {
			t.Fatal("the template engine refused a value")
		}
	})
}

func TestTheMapCountsEveryObjectOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyTopology(t)
		// Rings are for the other test: here each is in one that comes before it.
		for i := range m.Nodes {
			if n := m.Nodes[i].In; n != "" && len(n) >= len(fmt.Sprint(i)) && (len(n) > len(fmt.Sprint(i)) || n >= fmt.Sprint(i)) {
				m.Nodes[i].In = ""
			}
		}
		f := grow(m, nil)
		n := 0
		for _, i := range fold(f.roots, rapid.IntRange(1, 6).Draw(t, "calm"), rapid.IntRange(1, 6).Draw(t, "others")) {
			n += i.objects()
		}
		if n != len(m.Nodes) {
			t.Fatalf("%d of %d objects are told", n, len(m.Nodes))
		}
	})
}

func TestNoMarkLeavesThePictureOrTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var times []time.Time
		for _, s := range rapid.SliceOfN(rapid.Int64Range(0, 1e6), 1, 30).Draw(t, "seconds") {
			times = append(times, time.Unix(s*s/1e3, 0).UTC())
		}
		s := newScale(times, 100, 700)
		slices.SortFunc(times, time.Time.Compare)
		last := 0
		for _, at := range times {
			x := s.x(at)
			if x < last || x < 100 || x > 700 {
				t.Fatalf("%v is at %d after %d", at, x, last)
			}
			last = x
		}
		ticks := s.ticks()
		for i := 1; i < len(ticks); i++ {
			if ticks[i].x-ticks[i-1].x < 50 {
				t.Fatalf("the times at %d and %d lie on each other", ticks[i-1].x, ticks[i].x)
			}
		}
	})
}

func TestNumbersAreOrderedAsPeopleCount(t *testing.T) {
	in := []string{"10.10.0.0/16", "10.9.0.0/16", "a[10]", "a[2]", "a", "", "007", "7"}
	slices.SortStableFunc(in, natural)
	if got := strings.Join(in, " "); got != " 007 7 10.9.0.0/16 10.10.0.0/16 a a[2] a[10]" {
		t.Errorf("ordered %s", got)
	}
}

func TestEveryStatusHasAWord(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []plan.FindingStatus{plan.InState, plan.Drifted, plan.GoneExplained, plan.GoneUnexplained, plan.Replaced, plan.PendingObject, plan.Unknown, plan.Unrecorded, plan.Leftover, plan.Foreign,
		plan.FindingStatus(plan.NodeQuestion), plan.FindingStatus(plan.NodeBeside)} {
		w := wordOf(string(s))
		if w.Meaning == "" || seen[w.Sign] {
			t.Errorf("%s has no word or another's sign: %+v", s, w)
		}
		seen[w.Sign] = true
		if !strings.Contains(style, ".s-"+w.Status) {
			t.Errorf("%s has no colour", s)
		}
	}
}
