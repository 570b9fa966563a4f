package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

func listManagedPrefixLists() *listing {
	return paged(sdk.NewDescribeManagedPrefixListsPaginator,
		func(q query) *sdk.DescribeManagedPrefixListsInput {
			return &sdk.DescribeManagedPrefixListsInput{Filters: q.filters(), MaxResults: new(int32(100))}
		},
		func(o *sdk.DescribeManagedPrefixListsOutput) []types.ManagedPrefixList { return o.PrefixLists })
}

var prefixListNotFound = []string{"InvalidPrefixListID.NotFound"}

// managedPrefixListRow knows only the caller's own lists: AWS shows its own and
// those that others share as well. The version is left alone: it counts the
// changes of the entries, which may be resources of their own.
func managedPrefixListRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_ec2_managed_prefix_list", Import: "{id}", Prefix: "pl-", Account: "owner_id",
		Pending: []string{"create-in-progress", "delete-in-progress"}, Gone: []string{"delete-complete"}, NotFound: prefixListNotFound,
		Wait:     providers.Wait{Call: list.action, Names: "{id}", Times: 1},
		Telling:  []string{"name"},
		Fixed:    []string{"address_family"},
		Compared: []string{"name", "max_entries", "entry", "tags_all"},
		Inline:   map[string][]string{"entry": {"aws_ec2_managed_prefix_list_entry"}},
		Events: []providers.Event{
			{Name: "CreateManagedPrefixList", Role: providers.Created, ID: "{res.prefixList.prefixListId}"},
			{Name: "ModifyManagedPrefixList", Role: providers.Changed, ID: "{req.prefixListId}"},
			{Name: "RestoreManagedPrefixListVersion", Role: providers.Changed, ID: "{req.prefixListId}"},
			{Name: "DeleteManagedPrefixList", Role: providers.Deleted, ID: "{req.prefixListId}"},
		},
		IfSkipped: "the next apply makes a second list; the first one, with its entries, stays behind unmanaged",
		Again:     providers.Again{Outcome: providers.Second, How: providers.Shown},
	}, list, look{filter: "prefix-list-id", value: "{id}", count: "length(PrefixLists[?State!='delete-complete'])"},
		func(l types.ManagedPrefixList, at place) []providers.Object {
			if text(l.OwnerId) != at.Account {
				return nil
			}
			a := providers.Attrs{
				"id": text(l.PrefixListId), "arn": text(l.PrefixListArn), "owner_id": text(l.OwnerId), "name": text(l.PrefixListName),
				"address_family": text(l.AddressFamily), "max_entries": nil, "version": nil, "tags_all": tagsAll(l.Tags),
			}
			if l.MaxEntries != nil {
				a["max_entries"] = float64(*l.MaxEntries)
			}
			if l.Version != nil {
				a["version"] = float64(*l.Version)
			}
			return []providers.Object{{State: string(l.State), Attrs: a}}
		}).joined(join{attr: "entry", typ: "aws_ec2_managed_prefix_list_entry", refers: "prefix_list_id",
		list: true, fields: []string{"cidr", "description"}, reads: true})
}

func managedPrefixListEntryRow(lists *listing) Row {
	list := paged(sdk.NewGetManagedPrefixListEntriesPaginator,
		func(q query) *sdk.GetManagedPrefixListEntriesInput {
			return &sdk.GetManagedPrefixListEntriesInput{PrefixListId: &q.parent, MaxResults: new(int32(100))}
		},
		func(o *sdk.GetManagedPrefixListEntriesOutput) []types.PrefixListEntry { return o.Entries }).perParent(lists, "PrefixListId", editablePrefixList)
	const added, removed = "{req.prefixListId},{req.addEntry.cidr}", "{req.prefixListId},{req.removeEntry.cidr}"
	return one(providers.Kind{
		Type: "aws_ec2_managed_prefix_list_entry", Identity: "{prefix_list_id},{cidr}", Import: "{prefix_list_id},{cidr}", Facet: true,
		NotFound: prefixListNotFound,
		Wait:     providers.Wait{Call: lists.action, Names: "{prefix_list_id}", Times: 1},
		Parents:  []string{"prefix_list_id"},
		Fixed:    []string{"prefix_list_id", "cidr", "description"},
		Telling:  []string{"cidr"},
		Events: []providers.Event{
			{Name: "CreateManagedPrefixList", Role: providers.Created, ID: "{res.prefixList.prefixListId},{req.entry.cidr}"},
			{Name: "ModifyManagedPrefixList", Role: providers.Created, ID: added},
			{Name: "ModifyManagedPrefixList", Role: providers.Deleted, ID: removed},
		},
		IfSkipped: "the next apply adds the entry once more, which AWS may refuse because the list has it",
	}, list, look{value: "{prefix_list_id}", count: "length(Entries[?Cidr=={cidr}])"},
		func(e types.PrefixListEntry, at place) providers.Object {
			return providers.Object{Attrs: providers.Attrs{
				"id": at.parent + "," + text(e.Cidr), "prefix_list_id": at.parent, "cidr": text(e.Cidr), "description": text(e.Description),
			}}
		})
}

// editablePrefixList leaves out the lists whose entries are nobody's to manage.
func editablePrefixList(item any) string {
	l := item.(types.ManagedPrefixList)
	if text(l.OwnerId) == "AWS" || l.State == types.PrefixListStateDeleteComplete {
		return ""
	}
	return text(l.PrefixListId)
}
