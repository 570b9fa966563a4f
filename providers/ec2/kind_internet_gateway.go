package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listInternetGateways() *listing {
	return usual[types.InternetGateway](sdk.NewDescribeInternetGatewaysPaginator)
}

func internetGatewayRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_internet_gateway", Import: "{id}", Prefix: "igw-", Account: "owner_id", NotFound: []string{"InvalidInternetGatewayID.NotFound"},
		Telling:  []string{"vpc_id"},
		Compared: []string{"vpc_id", "tags_all"},
		Events: []providers.Event{
			{Name: "CreateInternetGateway", Role: providers.Created, ID: "{res.internetGateway.internetGatewayId}"},
			{Name: "AttachInternetGateway", Role: providers.Changed, ID: "{req.internetGatewayId}"},
			{Name: "DetachInternetGateway", Role: providers.Changed, ID: "{req.internetGatewayId}"},
			{Name: "DeleteInternetGateway", Role: providers.Deleted, ID: "{req.internetGatewayId}"},
		},
		IfSkipped: "the next apply makes a second gateway and fails to attach it: the VPC has one already",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "internet-gateway-id", value: "{id}", count: "length(InternetGateways)"},
		func(g types.InternetGateway, at place) providers.Object {
			id, vpc := text(g.InternetGatewayId), ""
			for _, a := range g.Attachments {
				vpc = text(a.VpcId)
			}
			return providers.Object{Attrs: providers.Attrs{
				"id": id, "arn": at.arn("internet-gateway", id), "owner_id": text(g.OwnerId), "vpc_id": vpc, "tags_all": tagsAll(g.Tags),
			}}
		})
}

func internetGatewayAttachmentRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_internet_gateway_attachment", Identity: "{internet_gateway_id}:{vpc_id}", Import: "{internet_gateway_id}:{vpc_id}", Facet: true,
		Pending: []string{"attaching", "detaching"}, Gone: []string{"detached"}, NotFound: []string{"InvalidInternetGatewayID.NotFound"},
		Wait:    providers.Wait{Call: "DescribeInternetGateways", Names: "{internet_gateway_id}", Times: 1},
		Parents: []string{"internet_gateway_id", "vpc_id"},
		Events: []providers.Event{
			{Name: "AttachInternetGateway", Role: providers.Created, ID: "{req.internetGatewayId}:{req.vpcId}"},
			{Name: "DetachInternetGateway", Role: providers.Deleted, ID: "{req.internetGatewayId}:{req.vpcId}"},
		},
		IfSkipped: "the next apply fails with Resource.AlreadyAssociated",
		Again:     providers.Again{Outcome: providers.Refused, Code: "Resource.AlreadyAssociated", How: providers.Shown},
	}, list, look{filter: "internet-gateway-id", value: "{internet_gateway_id}",
		count: "length(InternetGateways[].Attachments[?VpcId=={vpc_id}][])"},
		func(g types.InternetGateway, _ place) []providers.Object {
			var out []providers.Object
			for _, a := range g.Attachments {
				out = append(out, providers.Object{State: string(a.State),
					Attrs: providers.Attrs{
						"id":                  text(g.InternetGatewayId) + ":" + text(a.VpcId),
						"internet_gateway_id": text(g.InternetGatewayId), "vpc_id": text(a.VpcId),
					}})
			}
			return out
		})
}
