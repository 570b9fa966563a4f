package providers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestADeletionIsToldOnlyWhereOneIDSaysAll(t *testing.T) {
	kind := func(identity Template, events ...Event) Kind {
		return Kind{Type: "aws_x", Identity: identity, Events: events}
	}
	deletion := func(name, id string) Event { return Event{Name: name, Role: Deleted, ID: Template(id)} }
	for name, c := range map[string]struct {
		kind Kind
		id   string
		want []string
	}{
		"one id":                     {kind("", Event{Name: "CreateVpc", Role: Created, ID: "{res.vpc.vpcId}"}, deletion("DeleteVpc", "{req.vpcId}")), "vpc-1", []string{"ec2", "delete-vpc", "--vpc-id", "vpc-1"}},
		"a list of ids":              {kind("", deletion("DeleteFlowLogs", "{req.flowLogId}")), "fl-1", []string{"ec2", "delete-flow-logs", "--flow-log-ids", "fl-1"}},
		"a name that ends so":        {kind("", deletion("DeleteDhcpOptions", "{req.dhcpOptionsId}")), "dopt-1", []string{"ec2", "delete-dhcp-options", "--dhcp-options-id", "dopt-1"}},
		"an address is no list":      {kind("", deletion("ReleaseAddress", "{req.allocationId}")), "eipalloc-1", []string{"ec2", "release-address", "--allocation-id", "eipalloc-1"}},
		"another service":            {kind("", Event{Name: "DeleteResourceShare", Role: Deleted, ID: "{req.resourceShareArn}", Source: "ram.amazonaws.com"}), "arn:x", []string{"ram", "delete-resource-share", "--resource-share-arn", "arn:x"}},
		"two names":                  {kind("{a}_{id}", deletion("DeleteRoute", "{req.a}_{req.b}")), "x", nil},
		"what is taken apart":        {kind("", deletion("DisassociateAddress", "{req.associationId}")), "x", nil},
		"what the answer alone says": {kind("", deletion("DeleteThing", "{res.thingId}")), "x", nil},
		"nothing deletes it":         {kind(""), "x", nil},
		"an id that is an option":    {kind("", deletion("DeleteVpc", "{req.vpcId}")), "--all", nil},
		"an id that is a file":       {kind("", deletion("DeleteVpc", "{req.vpcId}")), "file:///etc/passwd", nil},
		"no id":                      {kind("", deletion("DeleteVpc", "{req.vpcId}")), "", nil},
	} {
		a := Attrs{"id": c.id, "a": "1"}
		if d := cmp.Diff(c.want, c.kind.DeleteArgv(a)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
