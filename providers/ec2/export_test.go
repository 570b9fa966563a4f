package ec2

import (
	"reflect"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// Source shows a row's listing to the tests.
type Source struct {
	Name         string // "ec2:DescribeVpcs"
	Service      string
	Action       string
	Item         reflect.Type
	Fixed        map[string][]string
	ParentMember string
	ParentID     func(item any) string // "" for one that is left out
}

// SourcesOf are a row's listing and those of its parents, itself first. Unread
// rows have none.
func SourcesOf(r Row) []Source {
	var out []Source
	for _, l := range r.source.chain() {
		out = append(out, Source{l.name(), l.service, l.action, l.item, l.fixed, l.parentMember, l.parentID})
	}
	return out
}

// ObjectsOf are what the row makes of one item.
func ObjectsOf(r Row, item any, at providers.Place, parent string) []providers.Object {
	return r.objects(item, place{Place: at, partition: "aws", parent: parent})
}

// LookOf says how a row's objects are read once more by id.
func LookOf(r Row) (filter, ids string, value, count providers.Template) {
	return r.look.filter, r.look.ids, r.look.value, providers.Template(r.look.count)
}

// Joined is what a join takes of whom.
type Joined struct {
	Attr, Type string
	Needs      []string // attributes of that type
}

// JoinsOf are the row's joins.
func JoinsOf(r Row) []Joined {
	var out []Joined
	for _, j := range r.joins {
		needs := append(slices.Clone(j.fields), j.refers)
		if j.take != "" {
			needs = append(needs, j.take)
		}
		out = append(out, Joined{j.attr, j.typ, needs})
	}
	return out
}

// MadeUp is an ordinary kind that does not exist, over a call that does.
func MadeUp() Row {
	list := usual[types.CarrierGateway](sdk.NewDescribeCarrierGatewaysPaginator)
	return one(providers.Kind{
		Type: "aws_made_up", Import: "{id}", Prefix: "made-", Account: "owner_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{"InvalidCarrierGatewayID.NotFound"},
		Parents: []string{"vpc_id"}, Fixed: []string{"vpc_id"}, Compared: []string{"tags_all"},
		Events: []providers.Event{
			{Name: "CreateCarrierGateway", Role: providers.Created, ID: "{res.carrierGateway.carrierGatewayId}"},
			{Name: "DeleteCarrierGateway", Role: providers.Deleted, ID: "{req.carrierGatewayId}"},
		},
		IfSkipped: "nobody knows",
	}, list, look{filter: "carrier-gateway-id", value: "{id}", count: "length(CarrierGateways[?State!='deleted'])"},
		func(g types.CarrierGateway, at place) providers.Object {
			id := text(g.CarrierGatewayId)
			return providers.Object{State: string(g.State), Attrs: providers.Attrs{
				"id": id, "arn": at.arn("carrier-gateway", id), "owner_id": text(g.OwnerId), "vpc_id": text(g.VpcId), "tags_all": tagsAll(g.Tags),
			}}
		})
}
