package ec2_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ram"

	"reconcile/providers"
	"reconcile/providers/ec2"
	"reconcile/providers/ec2/ec2test"
)

// suite is what holds for every kind by its being in Rows(): no kind is named
// in it, and an ordinary new one needs no line anywhere. Each check is one
// subtest a row.
var suite = map[string]func(t *testing.T, f *filled, row ec2.Row){
	"is whole":                                isWhole,
	"is listed page by page":                  isListedPageByPage,
	"has identities and a way into a state":   hasIdentities,
	"shows what the kind names":               showsWhatTheKindNames,
	"shows tags but AWS's own":                showsTags,
	"keeps secrets":                           keepsSecrets,
	"keeps what a broken listing found":       keepsWhatABrokenListingFound,
	"is found again by id":                    isFoundAgainByID,
	"is not called absent for want of a look": isNotAbsentForWantOfALook,
	"is gone by the codes that say so":        isGoneByItsCodes,
	"is not found once it is deleted":         isNotFoundOnceDeleted,
	"knows its lifecycle words":               knowsItsLifecycleWords,
	"knows its events":                        knowsItsEvents,
	"asks the AWS CLI":                        asksTheCLI,
}

func TestEveryRow(t *testing.T) { check(t, everything(), everything().rows) }

// TestAnOrdinaryKindNeedsNoTable runs the suite for a kind that exists nowhere.
func TestAnOrdinaryKindNeedsNoTable(t *testing.T) {
	made := ec2.MadeUp()
	check(t, fillWorld(append(ec2.Rows(), made), made.Type), []ec2.Row{made})
}

func check(t *testing.T, f *filled, rows []ec2.Row) {
	for _, name := range slices.Sorted(maps.Keys(suite)) {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			for _, row := range rows {
				if row.Unread != "" && name != "is whole" && name != "knows its events" {
					continue
				}
				t.Run(row.Type, func(t *testing.T) { suite[name](t, f, row) })
			}
		})
	}
}

// clients are where the SDK's calls are looked up.
var clients = map[string]reflect.Type{
	"ec2": reflect.TypeFor[*sdk.Client](), "ram": reflect.TypeFor[*ram.Client](), "directconnect": reflect.TypeFor[*directconnect.Client](),
}

// call is the SDK's method of an action, "ec2:DescribeVpcs".
func call(action string) (input, output reflect.Type, ok bool) {
	service, name, _ := strings.Cut(action, ":")
	client := clients[service]
	if client == nil {
		return nil, nil, false
	}
	m, ok := client.MethodByName(name)
	if !ok {
		return nil, nil, false
	}
	return m.Type.In(2).Elem(), m.Type.Out(0).Elem(), true
}

func isRead(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return slices.ContainsFunc([]string{"Describe", "Get", "Search", "List"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

func isWhole(t *testing.T, f *filled, row ec2.Row) {
	k := row.Kind
	same := slices.DeleteFunc(f.types(), func(typ string) bool { return typ != k.Type })
	switch {
	case !strings.HasPrefix(k.Type, "aws_") || len(same) != 1:
		t.Errorf("there are %d rows of this type", len(same))
	case (k.Import == "") != (k.NoImport != ""):
		t.Errorf("import %q, and why not: %q", k.Import, k.NoImport)
	case k.IfSkipped == "" && k.NoImport == "" && k.Unread == "":
		t.Error("it does not say what happens if its import is skipped")
	case k.Since > k.ImportSince && k.ImportSince > 0:
		t.Errorf("it can be imported since version %d and exists since %d", k.ImportSince, k.Since)
	}
	for _, word := range slices.Concat(k.Pending, k.Gone) {
		if word != strings.ToLower(word) || slices.Contains(k.Pending, word) == slices.Contains(k.Gone, word) {
			t.Errorf("%q is not in lower case, or both pending and gone", word)
		}
	}
	for _, w := range []providers.Wait{k.Wait, k.Takes} {
		if w.Call == "" {
			continue
		}
		if _, _, ok := call("ec2:" + w.Call); (!ok && len(k.Actions) > 0 && strings.HasPrefix(k.Actions[0], "ec2:")) || !isRead("ec2:"+w.Call) || w.Times < 1 || w.Names == "" {
			t.Errorf("it looks with %+v, which is no read of the SDK's, of nothing or not once", w)
		}
	}
	if k.Takes.Call != "" && k.Makes() && !k.Accepter {
		t.Error("a call makes it, so no look takes it")
	}
	for attr, types := range k.Inline {
		if !slices.Contains(k.Compared, attr) {
			t.Errorf("it spells %s inline and does not compare it", attr)
		}
		for _, typ := range types {
			if !slices.Contains(f.types(), typ) {
				t.Errorf("it spells %s inline, of which there is no row", typ)
			}
		}
	}
	for attr, arguments := range k.SetBy {
		if !slices.Contains(k.Compared, attr) {
			t.Errorf("%s is set by others, and it does not compare it", attr)
		}
		for _, by := range arguments {
			if !slices.Contains(f.types(), by.Type) {
				t.Errorf("%s sets %s, and there is no row of it", by.Type, attr)
			}
		}
	}
	if k.Unread != "" {
		if len(k.Actions) > 0 {
			t.Error("it is listed, and there is a reason why it is not")
		}
		return
	}
	if len(k.Actions) == 0 || k.Confirm == nil || (len(k.Events) == 0 && !k.Facet) {
		t.Error("it has no listing, no look by id or no events")
	}
	// A list that is made of a map must be sorted: it decides the order of what
	// a report says.
	for range 3 {
		i := slices.IndexFunc(ec2.Rows(), func(r ec2.Row) bool { return r.Type == k.Type })
		if i >= 0 && !slices.Equal(ec2.Rows()[i].Compared, k.Compared) {
			t.Error("it compares its attributes in another order on each run")
		}
	}
	for _, s := range ec2.SourcesOf(row) {
		if !isRead(s.Name) || !slices.Contains(allowed(f.rows), s.Service+":"+s.Action) {
			t.Errorf("it is listed by %s, which is no read, or which the guard would refuse", s.Name)
		}
		if !slices.Contains(ec2test.Actions(), strings.TrimPrefix(s.Name, "ec2:")) {
			t.Errorf("it is listed by %s, which the stand-in does not serve yet: %s", s.Name, makeStandIn)
		}
	}
}

// allowed are the operations that the guard lets through, by the name of the
// service's package: "ec2:DescribeVpcs".
func allowed(rows []ec2.Row) []string {
	var out []string
	for _, a := range ec2.AllowList(rows) {
		service, action, _ := strings.Cut(a, ":")
		out = append(out, strings.ToLower(strings.ReplaceAll(service, " ", ""))+":"+action)
	}
	return out
}

func isListedPageByPage(t *testing.T, f *filled, row ec2.Row) {
	want := f.objects(t, row.Type)
	got := only(f.paged(), row.Type)
	for _, inv := range []providers.Inventory{f.whole(), f.paged()} {
		if c := coverage(t, inv, row.Type); c.Status != providers.Read || c.Error != "" || c.Objects != len(only(inv, row.Type)) || c.Action != row.Actions[0] {
			t.Errorf("coverage %+v for %d objects", c, len(only(inv, row.Type)))
		}
	}
	if !slices.Equal(identities(got), identities(want)) {
		t.Errorf("page by page there are %v, at once %v", identities(got), identities(want))
	}
	_, out, ok := call(row.Actions[0])
	if !ok {
		t.Fatalf("the SDK has no %s", row.Actions[0])
	}
	if _, turns := out.FieldByName("NextToken"); turns && f.pages()[row.Actions[0]] < 2 {
		t.Errorf("%s was read in %d pages", row.Actions[0], f.pages()[row.Actions[0]])
	}
}

func hasIdentities(t *testing.T, f *filled, row ec2.Row) {
	k := row.Kind
	seen, imports := map[string]bool{}, map[string]bool{}
	for _, o := range f.objects(t, k.Type) {
		if o.ID == "" || o.ID != k.IdentityOf(o.Attrs) || seen[o.ID] {
			t.Errorf("identity %q is empty, not the kind's or used twice", o.ID)
		}
		seen[o.ID] = true
		if o.Place != here || o.Life != providers.Alive {
			t.Errorf("%s: place %s, life %q of %q", o.ID, o.Place, o.Life, o.State)
		}
		id := k.ImportIDOf(o.Attrs)
		if (id == "") != (k.NoImport != "") || (id != "" && imports[id]) {
			t.Errorf("%s: import id %q, again or not, and why there is none: %q", o.ID, id, k.NoImport)
		}
		imports[id] = true
		// Types of the plugin framework may have no id.
		if _, has := o.Attrs["id"]; k.StateIDOf(o.Attrs) == "" && !k.NoID && (k.Identity == "" || (has && k.StateID == nil)) {
			t.Errorf("%s: no id for the state", o.ID)
		}
		if k.Account != "" && o.Attrs.Text(k.Account) != account {
			t.Errorf("%s: its own account is %q by %s", o.ID, o.Attrs.Text(k.Account), k.Account)
		}
	}
}

func showsWhatTheKindNames(t *testing.T, f *filled, row ec2.Row) {
	k := row.Kind
	objects := f.objects(t, k.Type)
	_, _, value, count := ec2.LookOf(row)
	every := slices.Concat(k.Parents, k.Fixed)
	for _, o := range objects {
		for _, name := range every {
			if _, ok := o.Attrs[name]; !ok {
				t.Errorf("%s: the kind names the attribute %s, which the reading does not have", o.ID, name)
			}
		}
	}
	// What is compared, or is one of several ways to tell, may be in some only.
	some := slices.Concat(k.Compared, k.Telling, k.Identity.Names(), k.Import.Names(), k.Wait.Names.Names(), k.Takes.Names.Names(), value.Names(), count.Names())
	if k.Account != "" {
		some = append(some, k.Account)
	}
	for _, name := range some {
		if !slices.ContainsFunc(objects, func(o providers.Object) bool { _, ok := o.Attrs[name]; return ok }) {
			t.Errorf("the kind names the attribute %s, which no object has", name)
		}
	}
	for _, j := range ec2.JoinsOf(row) {
		joined := only(f.whole(), j.Type)
		if len(joined) == 0 {
			t.Errorf("%s is joined from %s, of which there is nothing", j.Attr, j.Type)
			continue
		}
		for _, name := range j.Needs {
			if _, ok := joined[0].Attrs[name]; !ok {
				t.Errorf("%s is joined by %s of %s, which has none", j.Attr, name, j.Type)
			}
		}
	}
}

func showsTags(t *testing.T, f *filled, row ec2.Row) {
	if !slices.Contains(row.Compared, "tags_all") {
		t.Skip("it compares no tags")
	}
	for _, o := range f.objects(t, row.Type) {
		tags, ok := o.Attrs["tags_all"].(map[string]any)
		if !ok || len(tags) != 1 || !strings.HasPrefix(fmt.Sprint(tags["Name"]), "tag of n") {
			t.Errorf("%s: of a tag Name and one of AWS's own there is %v", o.ID, o.Attrs["tags_all"])
		}
	}
}

func keepsSecrets(t *testing.T, f *filled, row ec2.Row) {
	for _, o := range f.objects(t, row.Type) {
		for name, v := range o.Attrs {
			if isSecret(name) || strings.Contains(fmt.Sprint(v), secret) {
				t.Errorf("%s: %s is %v", o.ID, name, v)
			}
		}
	}
}

func TestATypeThatReconcileDoesNotKnowIsAnError(t *testing.T) {
	if _, err := reader(serve(t, small())).Look(t.Context(), "aws_instance", here, nil); err == nil || err.Error() != "reconcile does not know aws_instance" {
		t.Errorf("an unknown type: %v", err)
	}
	for _, row := range ec2.Rows() {
		if _, err := reader(serve(t, small())).Look(t.Context(), row.Type, here, nil); row.Unread != "" && (err == nil || err.Error() != row.Unread) {
			t.Errorf("%s, which cannot be read: %v", row.Type, err)
		}
	}
}

func TestTwoRegionsDoNotMix(t *testing.T) {
	w := small()
	there := providers.Place{Account: account, Region: "eu-west-1"}
	if err := w.Put(there, "Vpcs", ec2test.Doc{"VpcId": "vpc-there", "OwnerId": account, "State": "available", "CidrBlock": "10.0.0.0/16"}); err != nil {
		t.Fatal(err)
	}
	inv := reader(serve(t, w)).Inventory(t.Context(), []string{"aws_vpc"}, []string{region, "eu-west-1"})
	if inv.Status("aws_vpc", there) != providers.Read || inv.Status("aws_vpc", here) != providers.Read {
		t.Errorf("coverage %+v", inv.Coverage)
	}
	for _, o := range inv.Objects {
		if (o.ID == "vpc-there") != (o.Place == there) || !strings.Contains(o.Attrs.Text("arn"), ":"+o.Place.Region+":") {
			t.Errorf("%s is in %s with %s", o.ID, o.Place, o.Attrs.Text("arn"))
		}
	}
}
