package ec2

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/directconnect"
	dxtypes "github.com/aws/aws-sdk-go-v2/service/directconnect/types"

	"reconcile/providers"
)

// Direct Connect answers a look for what is not there with nothing, and has one
// code for every mistake of a caller, so none of its codes means "gone".

// listDirectConnectGateways answers the same in every region.
func listDirectConnectGateways() *listing {
	return turned((*directconnect.Client).DescribeDirectConnectGateways,
		func(q query) *directconnect.DescribeDirectConnectGatewaysInput {
			return &directconnect.DescribeDirectConnectGatewaysInput{DirectConnectGatewayId: theID(q), MaxResults: q.pageSize(100)}
		},
		func(in *directconnect.DescribeDirectConnectGatewaysInput, o *directconnect.DescribeDirectConnectGatewaysOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *directconnect.DescribeDirectConnectGatewaysOutput) []dxtypes.DirectConnectGateway {
			return o.DirectConnectGateways
		})
}

// theID is the one id that a Direct Connect call can be asked about.
func theID(q query) *string {
	if len(q.ids) == 0 {
		return nil
	}
	return &q.ids[0]
}

func directConnectARN(at place, region, resource string) string {
	return "arn:" + at.partition + ":directconnect:" + region + ":" + at.Account + ":" + resource
}

func dxTags(tags []dxtypes.Tag) map[string]any {
	return tagsOf(tags, func(t dxtypes.Tag) (key, value *string) { return t.Key, t.Value })
}

// directConnectGatewayRow has the name among what is fixed, although a later
// call can change it: most gateways share one ASN, and nothing else tells them
// apart. Tagging names an ARN, which no identity can be cut from.
func directConnectGatewayRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_dx_gateway", Everywhere: true, Import: "{id}", Global: true, Account: "owner_account_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"},
		Telling:  []string{"name"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Fixed:    []string{"amazon_side_asn", "name"},
		Compared: []string{"name", "tags_all"},
		Events: recordedBy(directConnectSource,
			providers.Event{Name: "CreateDirectConnectGateway", Role: providers.Created, ID: "{res.directConnectGateway.directConnectGatewayId}"},
			providers.Event{Name: "UpdateDirectConnectGateway", Role: providers.Changed, ID: "{req.directConnectGatewayId}"},
			providers.Event{Name: "DeleteDirectConnectGateway", Role: providers.Deleted, ID: "{req.directConnectGatewayId}"}),
		IfSkipped: "the next apply makes a second gateway of the same name; the first one stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "direct-connect-gateway-id", value: "{id}", count: "length(directConnectGateways[?directConnectGatewayState!='deleted'])"},
		func(g dxtypes.DirectConnectGateway, at place) providers.Object {
			id := text(g.DirectConnectGatewayId)
			a := providers.Attrs{"id": id, "arn": directConnectARN(at, "", "dx-gateway/"+id), "name": text(g.DirectConnectGatewayName),
				"owner_account_id": text(g.OwnerAccount), "tags_all": dxTags(g.Tags)}
			if g.AmazonSideAsn != nil {
				a["amazon_side_asn"] = strconv.FormatInt(*g.AmazonSideAsn, 10)
			}
			return providers.Object{State: string(g.DirectConnectGatewayState), Attrs: a}
		})
}

// directConnectGatewayAssociationRow: the state's id is made of both gateways'
// ids and is not the import id. A core network's association is not of this type.
func directConnectGatewayAssociationRow(gateways *listing) Row {
	list := turned((*directconnect.Client).DescribeDirectConnectGatewayAssociations,
		func(q query) *directconnect.DescribeDirectConnectGatewayAssociationsInput {
			return &directconnect.DescribeDirectConnectGatewayAssociationsInput{DirectConnectGatewayId: &q.parent, MaxResults: new(int32(100))}
		},
		func(in *directconnect.DescribeDirectConnectGatewayAssociationsInput, o *directconnect.DescribeDirectConnectGatewayAssociationsOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *directconnect.DescribeDirectConnectGatewayAssociationsOutput) []dxtypes.DirectConnectGatewayAssociation {
			return o.DirectConnectGatewayAssociations
		}).perParent(gateways, "DirectConnectGatewayId", func(item any) string {
		g := item.(dxtypes.DirectConnectGateway)
		if g.DirectConnectGatewayState == dxtypes.DirectConnectGatewayStateDeleted {
			return ""
		}
		return text(g.DirectConnectGatewayId)
	})
	const answered = "{res.directConnectGatewayAssociation.associationId}"
	return row(providers.Kind{
		Type: "aws_dx_gateway_association", Everywhere: true, Identity: "{dx_gateway_association_id}", Import: "{dx_gateway_id}/{associated_gateway_id}",
		StateID: func(a providers.Attrs) string {
			if a.Text("dx_gateway_id") == "" || a.Text("associated_gateway_id") == "" {
				return ""
			}
			return "ga-" + a.Text("dx_gateway_id") + a.Text("associated_gateway_id")
		},
		Account: "dx_gateway_owner_account_id",
		Pending: associationPending, Gone: associationGone,
		Wait:     providers.Wait{Call: list.action, Names: "{dx_gateway_association_id}", Times: 1},
		Parents:  []string{"dx_gateway_id", "associated_gateway_id"},
		Fixed:    []string{"dx_gateway_id", "associated_gateway_id", "associated_gateway_owner_account_id"},
		Telling:  []string{"associated_gateway_id"},
		Compared: []string{"allowed_prefixes"},
		Events: recordedBy(directConnectSource,
			providers.Event{Name: "CreateDirectConnectGatewayAssociation", Role: providers.Created, ID: answered},
			providers.Event{Name: "AcceptDirectConnectGatewayAssociationProposal", Role: providers.Created, ID: answered},
			providers.Event{Name: "UpdateDirectConnectGatewayAssociation", Role: providers.Changed, ID: "{req.associationId}"},
			providers.Event{Name: "DeleteDirectConnectGatewayAssociation", Role: providers.Deleted,
				ID: "{req.associationId|res.directConnectGatewayAssociation.associationId}"}),
		IfSkipped: "the next apply asks for the association again, which Direct Connect may refuse",
	}, list, look{value: "{dx_gateway_id}",
		count: "length(directConnectGatewayAssociations[?associationState!='disassociated' && associationId=={dx_gateway_association_id}])"},
		func(m dxtypes.DirectConnectGatewayAssociation, _ place) []providers.Object {
			if m.AssociatedGateway == nil {
				return nil
			}
			a := associatedGateway(m.AssociatedGateway, m.DirectConnectGatewayId, m.DirectConnectGatewayOwnerAccount, m.AllowedPrefixesToDirectConnectGateway)
			a["id"], a["dx_gateway_association_id"] = "ga-"+a.Text("dx_gateway_id")+a.Text("associated_gateway_id"), text(m.AssociationId)
			return []providers.Object{{State: string(m.AssociationState), Attrs: a}}
		})
}

// directConnectGatewayAssociationProposalRow: both sides are shown a proposal,
// and the owner of the associated gateway made it. AWS drops an accepted one
// after some days; the provider keeps it for as long as the association lives.
func directConnectGatewayAssociationProposalRow() Row {
	list := turned((*directconnect.Client).DescribeDirectConnectGatewayAssociationProposals,
		func(q query) *directconnect.DescribeDirectConnectGatewayAssociationProposalsInput {
			return &directconnect.DescribeDirectConnectGatewayAssociationProposalsInput{ProposalId: theID(q), MaxResults: q.pageSize(100)}
		},
		func(in *directconnect.DescribeDirectConnectGatewayAssociationProposalsInput, o *directconnect.DescribeDirectConnectGatewayAssociationProposalsOutput) (**string, *string) {
			return &in.NextToken, o.NextToken
		},
		func(o *directconnect.DescribeDirectConnectGatewayAssociationProposalsOutput) []dxtypes.DirectConnectGatewayAssociationProposal {
			return o.DirectConnectGatewayAssociationProposals
		})
	return row(providers.Kind{
		Type: "aws_dx_gateway_association_proposal", Everywhere: true, Import: "{id}", Account: "associated_gateway_owner_account_id",
		Gone:     []string{"deleted"},
		Parents:  []string{"associated_gateway_id"},
		Fixed:    []string{"dx_gateway_id", "dx_gateway_owner_account_id", "associated_gateway_id"},
		Telling:  []string{"dx_gateway_id", "associated_gateway_id"},
		Compared: []string{"allowed_prefixes"},
		Events: recordedBy(directConnectSource,
			providers.Event{Name: "CreateDirectConnectGatewayAssociationProposal", Role: providers.Created,
				ID: "{res.directConnectGatewayAssociationProposal.proposalId}"},
			providers.Event{Name: "AcceptDirectConnectGatewayAssociationProposal", Role: providers.Changed, ID: "{req.proposalId}"},
			providers.Event{Name: "DeleteDirectConnectGatewayAssociationProposal", Role: providers.Deleted, ID: "{req.proposalId}"}),
		IfSkipped: "the next apply makes a second proposal, or Direct Connect refuses it",
	}, list, look{ids: "proposal-id", value: "{id}", count: "length(directConnectGatewayAssociationProposals[?proposalState!='deleted'])"},
		func(p dxtypes.DirectConnectGatewayAssociationProposal, at place) []providers.Object {
			if p.AssociatedGateway == nil || elsewhere(at, p.AssociatedGateway.OwnerAccount, nil) {
				return nil
			}
			a := associatedGateway(p.AssociatedGateway, p.DirectConnectGatewayId, p.DirectConnectGatewayOwnerAccount, p.RequestedAllowedPrefixesToDirectConnectGateway)
			a["id"] = text(p.ProposalId)
			return []providers.Object{{State: string(p.ProposalState), Attrs: a}}
		})
}

// associatedGateway are the attributes that an association and a proposal of
// one have in common.
func associatedGateway(g *dxtypes.AssociatedGateway, gateway, owner *string, prefixes []dxtypes.RouteFilterPrefix) providers.Attrs {
	var allowed []string
	for _, p := range prefixes {
		allowed = append(allowed, text(p.Cidr))
	}
	return providers.Attrs{
		"dx_gateway_id": text(gateway), "dx_gateway_owner_account_id": text(owner), "allowed_prefixes": boxed(allowed),
		"associated_gateway_id": text(g.Id), "associated_gateway_owner_account_id": text(g.OwnerAccount), "associated_gateway_type": string(g.Type),
	}
}
