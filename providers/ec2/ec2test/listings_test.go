package ec2test_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers/ec2/ec2test"
)

func TestEveryFieldOfEveryKindReachesTheClient(t *testing.T) {
	for _, l := range ec2test.Rows() {
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 2)
			if l.Structure {
				p.docs = p.docs[1:] // a place has one
			}
			out, err := ask(t, p.client, l.Action, p.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asJSON(t, p.docs), asJSON(t, got(l, out).Interface())); diff != "" {
				t.Errorf("fields were lost or changed on the way:\n%s", diff)
			}
			if l.Also != "" && out.FieldByName(l.Also).Len() != 1 {
				t.Errorf("%s holds %d", l.Also, out.FieldByName(l.Also).Len())
			}
		})
	}
}

func TestWhatHasTagsHasAnID(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.Taggable && l.ID == "" {
			t.Errorf("%s: whose tags does DescribeTags show?", l.Action)
		}
	}
}

func TestEveryDocumentedFilterFindsItsField(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.Service != "" || len(l.Filters) == 0 && !l.Taggable {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 1)
			filters := l.Filters
			if l.Taggable {
				filters = append(slices.Clone(filters), "tag-key")
			}
			field, _ := input(t, p.client, l.Action, "Filters", "Filter")
			for _, name := range filters {
				if slices.Contains([]string{"route-search.longest-prefix-match", "route-search.subnet-of-match", "route-search.supernet-of-match"}, name) {
					continue // compares networks: see TestRouteSearchComparesNetworks
				}
				for value, want := range map[string]int{"*": len(p.docs), "nothing has this": 0} {
					p.in[field] = []types.Filter{{Name: aws.String(name), Values: []string{value}}}
					out, err := ask(t, p.client, l.Action, p.in)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if n := got(l, out).Len(); n != want {
						t.Errorf("filter %s=%s gave %d of %d documents, want %d", name, value, n, len(p.docs), want)
					}
				}
			}
			p.in[field] = []types.Filter{{Name: aws.String("made-up"), Values: []string{"*"}}}
			if _, err := ask(t, p.client, l.Action, p.in); err == nil || code(t, err) != "InvalidParameterValue" {
				t.Errorf("a filter that does not exist: %v", err)
			}
		})
	}
}

func TestEveryChoosingParameterFindsItsField(t *testing.T) {
	for _, l := range ec2test.Rows() {
		for param, path := range l.By {
			t.Run(l.Action+"/"+param, func(t *testing.T) {
				t.Parallel()
				p := prepare(t, l, 2)
				if _, given := p.in[param]; given {
					return // every document of the test is of the one asked about
				}
				v := reflect.ValueOf(p.docs[1])
				for _, field := range path {
					v = reflect.Indirect(v).FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field) })
				}
				name, typ := input(t, p.client, l.Action, param, param+"s")
				p.in[name] = value(typ, reflect.Indirect(v).String())
				out, err := ask(t, p.client, l.Action, p.in)
				if err != nil {
					t.Fatal(err)
				}
				if n := got(l, out).Len(); n != 1 {
					t.Errorf("%s gave %d documents, want 1", param, n)
				}
			})
		}
	}
}

func TestNoPageIsLostOrRepeated(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.Max == 0 {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 12)
			in := maps.Clone(p.in)
			in["MaxResults"] = aws.Int32(5)
			if l.Min > 5 {
				in["MaxResults"] = aws.Int32(int32(l.Min))
				p.srv.PageSize(5)
			}
			all := reflect.MakeSlice(reflect.SliceOf(element(t, p.client, l.Action, l.Key)), 0, 12)
			var sizes []int
			for {
				out, err := ask(t, p.client, l.Action, in)
				if err != nil {
					t.Fatal(err)
				}
				page := got(l, out)
				sizes = append(sizes, page.Len())
				all = reflect.AppendSlice(all, page)
				next, _ := out.FieldByName("NextToken").Interface().(*string)
				if next == nil {
					break
				}
				in["NextToken"] = next
			}
			if want := []int{5, 5, 2}; !slices.Equal(sizes, want) {
				t.Errorf("pages of %v, want %v", sizes, want)
			}
			if diff := cmp.Diff(asJSON(t, p.docs), asJSON(t, all.Interface())); diff != "" {
				t.Errorf("the pages together are not the whole:\n%s", diff)
			}
		})
	}
}

func TestMaxResultsOutsideOfTheLimitsIsRefused(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.Max == 0 {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 1)
			for n, ok := range map[int]bool{0: false, l.Min - 1: false, l.Min: true, l.Max: true, l.Max + 1: l.Capped} {
				p.in["MaxResults"] = aws.Int32(int32(n))
				_, err := ask(t, p.client, l.Action, p.in)
				if ok && err != nil {
					t.Errorf("MaxResults %d: %v", n, err)
				}
				want := map[string]string{"": "InvalidParameterValue", "ram": "InvalidParameterException", "directconnect": "DirectConnectClientException"}[l.Service]
				if !ok && (err == nil || code(t, err) != want) {
					t.Errorf("MaxResults %d gave %v, want %s", n, err, want)
				}
			}
		})
	}
}

func TestAnIDThatIsNotThereFailsTheWholeCall(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.IDParam == "" {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 3)
			id := func(v reflect.Value) string {
				return reflect.Indirect(v).FieldByName(exported(l.ID)).Elem().String()
			}
			param, typ := input(t, p.client, l.Action, l.IDParam+"s", l.IDParam)
			want := id(reflect.ValueOf(p.docs[1]))
			p.in[param] = value(typ, want)
			out, err := ask(t, p.client, l.Action, p.in)
			if err != nil {
				t.Fatal(err)
			}
			if list := got(l, out); list.Len() != 1 || id(list.Index(0)) != want {
				t.Errorf("asked for %s, got %s", want, asJSON(t, list.Interface()))
			}
			left := 1
			if p.in[param] = value(typ, want, "absent"); typ.Kind() != reflect.Slice {
				p.in[param], left = value(typ, "absent"), 0
			}
			out, err = ask(t, p.client, l.Action, p.in)
			switch {
			case l.NotFound == "" && (err != nil || got(l, out).Len() != left):
				t.Errorf("an absent id should be left out, got %v", err)
			case l.NotFound != "" && (err == nil || code(t, err) != l.NotFound):
				t.Errorf("got %v, want %s", err, l.NotFound)
			}
			if l.Alone {
				p.in[param], p.in["MaxResults"] = value(typ, want), aws.Int32(1000)
				if _, err := ask(t, p.client, l.Action, p.in); err == nil || code(t, err) != "InvalidParameterCombination" {
					t.Errorf("ids and MaxResults together: %v", err)
				}
			}
		})
	}
}

func TestAParentThatIsNotThereIsAnError(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.ParentParam == "" {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			p := prepare(t, l, 1)
			p.in[l.ParentParam] = aws.String("absent")
			if _, err := ask(t, p.client, l.Action, p.in); err == nil || code(t, err) != l.NoParent {
				t.Errorf("got %v, want %s", err, l.NoParent)
			}
		})
	}
}

func TestAParameterThatIsNotServedIsAnError(t *testing.T) {
	w := ec2test.NewWorld(account, region)
	put(t, w, here, "PrefixLists", ec2test.Doc{"PrefixListId": "pl-1"})
	c := caller(serve(t, w), "")
	_, err := ask(t, c, "GetManagedPrefixListEntries", map[string]any{"PrefixListId": aws.String("pl-1"), "TargetVersion": aws.Int64(2)})
	if err == nil || code(t, err) != "UnknownParameter" {
		t.Errorf("an older version's entries: %v", err)
	}
}
