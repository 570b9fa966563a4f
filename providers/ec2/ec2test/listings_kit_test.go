package ec2test_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

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

// prepared is a world that holds documents of one listing.
type prepared struct {
	srv    *ec2test.Server
	client any
	docs   []any          // each full, with an id of its own
	in     map[string]any // asks for all of them
}

func prepare(t *testing.T, l ec2test.Row, n int) prepared {
	t.Helper()
	w := ec2test.NewWorld(account, region)
	p := prepared{srv: serve(t, w), in: map[string]any{}}
	p.client = caller(p.srv, l.Service)
	for i := range n {
		typ := answer(t, p.client, l)
		if !l.Structure {
			typ = typ.Elem()
		}
		v := full(typ, fmt.Sprintf("n%02d", i), 0)
		if l.OneOf != "" { // all documents are of the one that is asked about
			param := strings.Fields(l.OneOf)[0]
			_, typ := input(t, p.client, l.Action, param)
			p.in[param] = value(typ, "OTHER-ACCOUNTS")
			if f := v.FieldByName(param); l.By[param] != nil && f.Kind() == reflect.String {
				f.SetString("OTHER-ACCOUNTS")
			}
			if param == "AssociationId" {
				delete(p.in, param)
				p.in["DirectConnectGatewayId"] = aws.String("all")
				v.FieldByName("DirectConnectGatewayId").Set(reflect.ValueOf(aws.String("all")))
			}
		}
		if l.Also != "" { // both families, so that both lists are used
			v.FieldByName("Cidr").Set(reflect.ValueOf(aws.String([]string{"10.0.0.0/28", "fd00::/80"}[i*2/max(n, 2)])))
		}
		p.docs = append(p.docs, v.Interface())
	}
	action := l.Action
	if l.Service != "" {
		action = l.Service + ":" + action
	}
	switch {
	case l.Action == "DescribeTags":
		for i := range p.docs {
			tag := p.docs[i].(types.TagDescription)
			tag.ResourceType = types.ResourceTypeVpc
			put(t, w, here, "Vpcs", types.Vpc{VpcId: tag.ResourceId, Tags: []types.Tag{{Key: tag.Key, Value: tag.Value}}})
			p.docs[i] = tag
		}
		return p
	case l.Parent != "":
		put(t, w, here, l.Parent, map[string]any{l.ParentID: "parent"})
		if l.ParentParam != "" {
			p.in[l.ParentParam] = aws.String("parent")
		}
		if l.Action == "SearchTransitGatewayRoutes" {
			p.in["Filters"] = []types.Filter{{Name: aws.String("type"), Values: []string{"*"}}}
		}
		if l.ParentParam == "" {
			action = "GetIpamPoolAllocations" // puts what this one sees of every parent
		}
	}
	if err := w.Answer(here, action, "parent", p.docs...); err != nil {
		t.Fatal(err)
	}
	return p
}

// answer is the type of what a listing answers: a list, or the one structure.
func answer(t *testing.T, c any, l ec2test.Row) reflect.Type {
	t.Helper()
	out := reflect.ValueOf(c).MethodByName(l.Action).Type().Out(0).Elem()
	f, ok := out.FieldByName(exported(l.Key))
	if !ok {
		t.Fatalf("the answer of %s has no %s", l.Action, l.Key)
	}
	return f.Type
}

// got is everything of one answer, its lists one after the other.
func got(l ec2test.Row, out reflect.Value) reflect.Value {
	all := out.FieldByName(exported(l.Key))
	if l.Structure {
		return reflect.Append(reflect.MakeSlice(reflect.SliceOf(all.Type()), 0, 1), all)
	}
	if l.Also != "" {
		all = reflect.AppendSlice(all, out.FieldByName(l.Also))
	}
	return all
}
