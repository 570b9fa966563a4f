package ec2test_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"reconcile/providers/ec2/ec2test"
)

// full makes a value in which every field has something, lists two of it.
func full(t reflect.Type, seed string, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	switch {
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 11, 21, 21, 17, 22, 0, time.UTC)))
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(full(t.Elem(), seed, depth))
	case t.Kind() == reflect.String:
		v.SetString(seed + " <&>")
	case t.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(len(seed)) + 64512)
	case v.CanFloat():
		v.SetFloat(1.5)
	case t.Kind() == reflect.Slice && depth < 6:
		for i := range 2 {
			v.Set(reflect.Append(v, full(t.Elem(), fmt.Sprintf("%s-%d", seed, i), depth+1)))
		}
	case t.Kind() == reflect.Struct && depth < 6:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				v.Field(i).Set(full(f.Type, seed+"."+f.Name, depth+1))
			}
		}
	}
	return v
}

// prepare fills a world with n documents of a listing and gives the input that
// asks for all of them. Each document is full, with an id of its own.
func prepare(t *testing.T, l ec2test.Row, n int) (*ec2test.World, []any, map[string]any) {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	in := map[string]any{}
	typ := element(t, l.Action, l.Key)
	var docs []any
	for i := range n {
		v := full(typ, fmt.Sprintf("n%02d", i), 0)
		docs = append(docs, v.Interface())
	}
	switch {
	case l.Action == "DescribeTags":
		for i := range docs {
			tag := docs[i].(types.TagDescription)
			tag.ResourceType = types.ResourceTypeVpc
			put(t, w, here, "Vpcs", types.Vpc{VpcId: tag.ResourceId, Tags: []types.Tag{{Key: tag.Key, Value: tag.Value}}})
			docs[i] = tag
		}
	case l.Parent != "":
		put(t, w, here, l.Parent, map[string]any{l.ParentParam: "parent", l.Child: docs})
		in[l.ParentParam] = aws.String("parent")
		if l.Action == "SearchTransitGatewayRoutes" {
			in["Filters"] = []types.Filter{{Name: aws.String("type"), Values: []string{"*"}}}
		}
	default:
		put(t, w, here, l.Key, docs...)
	}
	return w, docs, in
}

func TestEveryFieldOfEveryKindReachesTheClient(t *testing.T) {
	for _, l := range ec2test.Rows() {
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			w, docs, in := prepare(t, l, 2)
			out, err := ask(t, client(serve(t, w)), l.Action, in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asJSON(t, docs), asJSON(t, out.FieldByName(l.Key).Interface())); diff != "" {
				t.Errorf("fields were lost or changed on the way:\n%s", diff)
			}
		})
	}
}

func TestEveryDocumentedFilterFindsItsField(t *testing.T) {
	for _, l := range ec2test.Rows() {
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			w, docs, in := prepare(t, l, 1)
			c := client(serve(t, w))
			filters := l.Filters
			if l.Taggable {
				filters = append(slices.Clone(filters), "tag-key")
			}
			for _, name := range filters {
				if l.Action == "SearchTransitGatewayRoutes" && slices.Contains([]string{"route-search.longest-prefix-match", "route-search.subnet-of-match", "route-search.supernet-of-match"}, name) {
					continue // compares networks: see TestRouteSearchComparesNetworks
				}
				field := "Filters"
				if l.Action == "DescribeNatGateways" || l.Action == "DescribeFlowLogs" {
					field = "Filter"
				}
				for value, want := range map[string]int{"*": len(docs), "nothing has this": 0} {
					in[field] = []types.Filter{{Name: aws.String(name), Values: []string{value}}}
					out, err := ask(t, c, l.Action, in)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if got := out.FieldByName(l.Key).Len(); got != want {
						t.Errorf("filter %s=%s gave %d of %d documents, want %d", name, value, got, len(docs), want)
					}
				}
			}
		})
	}
}

func TestNoPageIsLostOrRepeated(t *testing.T) {
	for _, l := range ec2test.Rows() {
		if l.Max == 0 {
			continue
		}
		t.Run(l.Action, func(t *testing.T) {
			t.Parallel()
			w, docs, in := prepare(t, l, 12)
			c := client(serve(t, w))
			in["MaxResults"] = aws.Int32(5)
			got := reflect.MakeSlice(reflect.SliceOf(element(t, l.Action, l.Key)), 0, 12)
			var sizes []int
			for {
				out, err := ask(t, c, l.Action, in)
				if err != nil {
					t.Fatal(err)
				}
				page := out.FieldByName(l.Key)
				sizes = append(sizes, page.Len())
				got = reflect.AppendSlice(got, page)
				next, _ := out.FieldByName("NextToken").Interface().(*string)
				if next == nil {
					break
				}
				in["NextToken"] = next
			}
			if want := []int{5, 5, 2}; !slices.Equal(sizes, want) {
				t.Errorf("pages of %v, want %v", sizes, want)
			}
			if diff := cmp.Diff(asJSON(t, docs), asJSON(t, got.Interface())); diff != "" {
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
			w, _, in := prepare(t, l, 1)
			c := client(serve(t, w))
			for n, ok := range map[int32]bool{1: false, 4: false, 5: true, int32(l.Max): true, int32(l.Max) + 1: false} {
				in["MaxResults"] = aws.Int32(n)
				_, err := ask(t, c, l.Action, in)
				if ok && err != nil {
					t.Errorf("MaxResults %d: %v", n, err)
				}
				if !ok && (err == nil || code(t, err) != "InvalidParameterValue") {
					t.Errorf("MaxResults %d gave %v, want InvalidParameterValue", n, err)
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
			w, docs, in := prepare(t, l, 3)
			c := client(serve(t, w))
			id := reflect.ValueOf(docs[1]).FieldByName(l.ID).Elem().String()
			plural := l.IDParam + "s"
			if l.IDParam[len(l.IDParam)-1] == 's' && l.IDParam != "DhcpOptionsId" {
				plural = l.IDParam
			}
			in[plural] = []string{id}
			out, err := ask(t, c, l.Action, in)
			if err != nil {
				t.Fatal(err)
			}
			if list := out.FieldByName(l.Key); list.Len() != 1 || list.Index(0).FieldByName(l.ID).Elem().String() != id {
				t.Errorf("asked for %s, got %s", id, asJSON(t, list.Interface()))
			}
			in[plural] = []string{id, "absent"}
			out, err = ask(t, c, l.Action, in)
			switch {
			case l.NotFound == "" && (err != nil || out.FieldByName(l.Key).Len() != 1):
				t.Errorf("an absent id should be left out, got %v", err)
			case l.NotFound != "" && (err == nil || code(t, err) != l.NotFound):
				t.Errorf("got %v, want %s", err, l.NotFound)
			}
		})
	}
}
