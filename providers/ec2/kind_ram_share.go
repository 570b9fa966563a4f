package ec2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ram"
	ramtypes "github.com/aws/aws-sdk-go-v2/service/ram/types"

	"reconcile/providers"
)

// shareNotFound is RAM's code for a share that is not there.
const shareNotFound = "UnknownResourceException"

// listResourceShares lists the account's own shares, or those that others share with it.
func listResourceShares(owner ramtypes.ResourceOwner) *listing {
	return paged(ram.NewGetResourceSharesPaginator,
		func(q query) *ram.GetResourceSharesInput {
			return &ram.GetResourceSharesInput{ResourceOwner: owner, ResourceShareArns: q.ids, MaxResults: new(int32(500))}
		},
		func(o *ram.GetResourceSharesOutput) []ramtypes.ResourceShare { return o.ResourceShares })
}

// listResourceShareAssociations lists what is in the account's own shares.
func listResourceShareAssociations(typ ramtypes.ResourceShareAssociationType) *listing {
	return paged(ram.NewGetResourceShareAssociationsPaginator,
		func(q query) *ram.GetResourceShareAssociationsInput {
			return &ram.GetResourceShareAssociationsInput{AssociationType: typ, ResourceShareArns: q.ids, MaxResults: new(int32(500))}
		},
		func(o *ram.GetResourceShareAssociationsOutput) []ramtypes.ResourceShareAssociation {
			return o.ResourceShareAssociations
		})
}

// resourceShareRow has the name among what is fixed, although a later call can
// change it: nothing else of a share tells it from another, and the call that
// makes one names it. The permissions cost a call each share and are left out.
func resourceShareRow() Row {
	list := listResourceShares(ramtypes.ResourceOwnerSelf)
	return one(providers.Kind{
		Type: "aws_ram_resource_share", Import: "{id}",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"},
		NotFound: []string{shareNotFound, "ResourceArnNotFoundException"},
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Fixed:    []string{"name"},
		Compared: []string{"allow_external_principals", "name", "tags_all"}, NotCompared: []string{"permission_arns"},
		Events: recordedBy(ramSource,
			providers.Event{Name: "CreateResourceShare", Role: providers.Created, ID: "{res.resourceShare.resourceShareArn}"},
			providers.Event{Name: "UpdateResourceShare", Role: providers.Changed, ID: "{req.resourceShareArn}"},
			providers.Event{Name: "PromoteResourceShareCreatedFromPolicy", Role: providers.Changed, ID: "{req.resourceShareArn}"},
			providers.Event{Name: "AssociateResourceSharePermission", Role: providers.Changed, ID: "{req.resourceShareArn}"},
			providers.Event{Name: "DisassociateResourceSharePermission", Role: providers.Changed, ID: "{req.resourceShareArn}"},
			providers.Event{Name: "TagResource", Role: providers.Changed, ID: "{req.resourceShareArn|req.resourceArn}"},
			providers.Event{Name: "UntagResource", Role: providers.Changed, ID: "{req.resourceShareArn|req.resourceArn}"},
			providers.Event{Name: "DeleteResourceShare", Role: providers.Deleted, ID: "{req.resourceShareArn}"}),
		IfSkipped: "the next apply makes a second share of the same name; the first one keeps sharing and stays unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Source},
	}, list, look{ids: "resource-share-arns", value: "{id}", count: "length(resourceShares[?status!='DELETED'])"},
		func(s ramtypes.ResourceShare, _ place) providers.Object {
			return providers.Object{State: string(s.Status), Attrs: providers.Attrs{
				"id": text(s.ResourceShareArn), "arn": text(s.ResourceShareArn), "name": text(s.Name),
				"allow_external_principals": yes(s.AllowExternalPrincipals), "tags_all": ramTags(s.Tags),
			}}
		}).asking("--resource-owner", string(ramtypes.ResourceOwnerSelf))
}

func ramTags(tags []ramtypes.Tag) map[string]any {
	return tagsOf(tags, func(t ramtypes.Tag) (key, value *string) { return t.Key, t.Value })
}

func resourceShareResourceRow() Row {
	return shareMembershipRow("aws_ram_resource_association", "resource_arn", "resourceArns", ramtypes.ResourceShareAssociationTypeResource)
}

func resourceSharePrincipalRow() Row {
	return shareMembershipRow("aws_ram_principal_association", "principal", "principals", ramtypes.ResourceShareAssociationTypePrincipal)
}

// shareMembershipRow is what a share's resources and principals have in common:
// member is the attribute, and named the request's member, that holds one. What
// failed or is suspended is there. So is an account that has not accepted yet,
// which stays associating for days: the provider records it at once.
func shareMembershipRow(typ, member, named string, of ramtypes.ResourceShareAssociationType) Row {
	list := listResourceShareAssociations(of)
	identity := providers.Template("{resource_share_arn},{" + member + "}")
	recorded := providers.Template("{req.resourceShareArn},{req." + named + "}")
	return one(providers.Kind{
		Type: typ, Identity: identity, Import: identity, Facet: true,
		Pending: []string{"associating", "disassociating", "suspending", "restoring"}, Gone: []string{"disassociated"}, NotFound: []string{shareNotFound},
		Wait:    providers.Wait{Call: list.action, Names: providers.Template("{" + member + "}"), Times: 1},
		Parents: []string{"resource_share_arn"},
		Fixed:   []string{"resource_share_arn", member},
		Telling: []string{member},
		Events: recordedBy(ramSource,
			providers.Event{Name: "CreateResourceShare", Role: providers.Created,
				ID: providers.Template("{res.resourceShare.resourceShareArn},{req." + named + "}")},
			providers.Event{Name: "AssociateResourceShare", Role: providers.Created, ID: recorded},
			providers.Event{Name: "DisassociateResourceShare", Role: providers.Deleted, ID: recorded}),
		IfSkipped: "the next apply fails: the provider looks first, and says that the association already exists",
		Again:     providers.Again{Outcome: providers.Refused, How: providers.Source},
	}, list, look{ids: "resource-share-arns", value: "{resource_share_arn}",
		count: "length(resourceShareAssociations[?status!='DISASSOCIATED' && associatedEntity=={" + member + "}])"},
		func(m ramtypes.ResourceShareAssociation, _ place) providers.Object {
			o := providers.Object{State: string(m.Status), Attrs: providers.Attrs{
				"id": text(m.ResourceShareArn) + "," + text(m.AssociatedEntity), "resource_share_arn": text(m.ResourceShareArn),
				member: text(m.AssociatedEntity),
			}}
			if m.Status == ramtypes.ResourceShareAssociationStatusAssociating && isAccount(text(m.AssociatedEntity)) {
				o.Life = providers.Alive
			}
			return o
		}).asking("--association-type", string(of))
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// resourceShareAccepterRow does not tell which invitation a share came by, if
// any: a share within the organization needs none. Its identity names the
// receiver too, because the call by which one leaves a share is also how an
// owner puts others out. It is no facet: no configuration knows its receiver,
// so its identity alone could never prove where it belongs.
func resourceShareAccepterRow() Row {
	list := listResourceShares(ramtypes.ResourceOwnerOtherAccounts)
	return one(providers.Kind{
		Type: "aws_ram_resource_share_accepter", Accepter: true, Identity: "{share_arn},{receiver_account_id}", Import: "{id}", Account: "receiver_account_id",
		Pending: []string{"pending", "deleting"}, Gone: []string{"deleted"}, NotFound: []string{shareNotFound},
		Telling:  []string{"share_arn"},
		Wait:     providers.Wait{Call: list.action, Names: "{share_arn}", Times: 1},
		Fixed:    []string{"share_arn"},
		Compared: []string{"sender_account_id", "share_name", "status"},
		Events: recordedBy(ramSource,
			providers.Event{Name: "AcceptResourceShareInvitation", Role: providers.Created,
				ID: "{res.resourceShareInvitation.resourceShareArn},{res.resourceShareInvitation.receiverAccountId}"},
			providers.Event{Name: "RejectResourceShareInvitation", Role: providers.Deleted,
				ID: "{res.resourceShareInvitation.resourceShareArn},{res.resourceShareInvitation.receiverAccountId}"},
			providers.Event{Name: "DisassociateResourceShare", Role: providers.Deleted, ID: "{req.resourceShareArn},{req.principals}"}),
		IfSkipped: "the next apply fails: it finds no pending invitation to accept",
		Again:     providers.Again{Outcome: providers.Refused, How: providers.Source},
	}, list, look{ids: "resource-share-arns", value: "{share_arn}", count: "length(resourceShares[?status!='DELETED'])"},
		func(s ramtypes.ResourceShare, at place) providers.Object {
			arn := text(s.ResourceShareArn)
			return providers.Object{State: string(s.Status), Attrs: providers.Attrs{
				"id": arn, "share_arn": arn, "share_id": "rs-" + strings.TrimPrefix(arn[strings.LastIndexByte(arn, ':')+1:], "resource-share/"),
				"share_name": text(s.Name), "status": string(s.Status),
				"sender_account_id": text(s.OwningAccountId), "receiver_account_id": at.Account,
			}}
		}).asking("--resource-owner", string(ramtypes.ResourceOwnerOtherAccounts))
}
