package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// listNetworkInterfaces is shared by interfaces, their attachments and their
// security groups: AWS answers all three in one document.
func listNetworkInterfaces() *listing {
	return usual[types.NetworkInterface](sdk.NewDescribeNetworkInterfacesPaginator)
}

var interfaceNotFound = []string{"InvalidNetworkInterfaceID.NotFound"}

// isAWSInterface reports whether AWS made the interface for something else: a
// service of its own, or the launch of an instance.
func isAWSInterface(n types.NetworkInterface) bool {
	if a := n.Attachment; a != nil && yes(a.DeleteOnTermination) && a.DeviceIndex != nil && *a.DeviceIndex == 0 {
		return true
	}
	switch n.InterfaceType {
	case "", types.NetworkInterfaceTypeInterface, types.NetworkInterfaceTypeEfa, types.NetworkInterfaceTypeEfaOnly,
		types.NetworkInterfaceTypeBranch, types.NetworkInterfaceTypeTrunk:
		return yes(n.RequesterManaged)
	}
	return true
}

func networkInterfaceRow(list *listing) Row {
	return one(providers.Kind{
		Type: "aws_network_interface", Import: "{id}", Prefix: "eni-", Account: "owner_id",
		Pending: []string{"pending"}, NotFound: interfaceNotFound,
		Telling: []string{"tags_all"},
		Parents: []string{"subnet_id"},
		Fixed:   []string{"subnet_id", "interface_type"},
		Compared: []string{"description", "source_dest_check", "security_groups", "private_ip", "private_ips", "private_ip_list", "private_ips_count",
			"ipv4_prefixes", "ipv4_prefix_count", "ipv6_addresses", "ipv6_address_list", "ipv6_address_count", "ipv6_prefixes", "ipv6_prefix_count",
			"attachment", "tags_all"},
		NotCompared: []string{"enable_primary_ipv6"},
		Inline:      map[string][]string{"security_groups": {"aws_network_interface_sg_attachment"}, "attachment": {"aws_network_interface_attachment"}},
		Events: []providers.Event{
			{Name: "CreateNetworkInterface", Role: providers.Created, ID: "{res.networkInterface.networkInterfaceId}"},
			{Name: "ModifyNetworkInterfaceAttribute", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "ResetNetworkInterfaceAttribute", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "ModifyPublicIpDnsNameOptions", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "AssignPrivateIpAddresses", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "UnassignPrivateIpAddresses", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "AssignIpv6Addresses", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "UnassignIpv6Addresses", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "AttachNetworkInterface", Role: providers.Changed, ID: "{req.networkInterfaceId}"},
			{Name: "DeleteNetworkInterface", Role: providers.Deleted, ID: "{req.networkInterfaceId}"},
		},
		IfSkipped: "the next apply makes a second interface; where the configuration names the private address, it fails with InvalidIPAddress.InUse",
		Again:     providers.Again{Outcome: providers.Second, Code: "InvalidIPAddress.InUse", How: providers.Documented},
	}, list, look{filter: "network-interface-id", value: "{id}", count: "length(NetworkInterfaces)"}, networkInterface)
}

func networkInterface(n types.NetworkInterface, at place) providers.Object {
	id := text(n.NetworkInterfaceId)
	if owner := text(n.OwnerId); owner != "" {
		at.Account = owner // an interface in a shared subnet
	}
	var ips, ipv6, prefixes, ipv6Prefixes, groups []any
	for _, p := range n.PrivateIpAddresses {
		ips = append(ips, text(p.PrivateIpAddress))
	}
	for _, p := range n.Ipv6Addresses {
		ipv6 = append(ipv6, text(p.Ipv6Address))
	}
	for _, p := range n.Ipv4Prefixes {
		prefixes = append(prefixes, text(p.Ipv4Prefix))
	}
	for _, p := range n.Ipv6Prefixes {
		ipv6Prefixes = append(ipv6Prefixes, text(p.Ipv6Prefix))
	}
	for _, g := range n.Groups {
		groups = append(groups, text(g.GroupId))
	}
	a := providers.Attrs{
		"id": id, "arn": at.arn("network-interface", id), "owner_id": text(n.OwnerId), "subnet_id": text(n.SubnetId),
		"interface_type": string(n.InterfaceType), "description": text(n.Description), "security_groups": groups, "mac_address": text(n.MacAddress),
		"private_ip": text(n.PrivateIpAddress), "private_ips": ips, "private_ip_list": ips, "private_dns_name": text(n.PrivateDnsName),
		"private_ips_count": float64(len(ips) - 1), // of the secondary ones, as the provider counts
		"ipv4_prefixes":     prefixes, "ipv4_prefix_count": float64(len(prefixes)),
		"ipv6_addresses": ipv6, "ipv6_address_list": ipv6, "ipv6_address_count": float64(len(ipv6)),
		"ipv6_prefixes": ipv6Prefixes, "ipv6_prefix_count": float64(len(ipv6Prefixes)),
		"outpost_arn": text(n.OutpostArn), "attachment": []any(nil), "tags_all": tagsAll(n.TagSet),
	}
	if n.SourceDestCheck != nil {
		a["source_dest_check"] = *n.SourceDestCheck
	}
	if t := n.Attachment; t != nil {
		block := map[string]any{"attachment_id": text(t.AttachmentId), "instance": text(t.InstanceId)}
		putNumber(block, "device_index", t.DeviceIndex)
		a["attachment"] = []any{block}
	}
	return providers.Object{State: string(n.Status), Implicit: isAWSInterface(n), Attrs: a}
}

// networkInterfaceAttachmentRow takes "detached" for not settled: AWS still
// shows the attachment, and so it is there for the provider.
func networkInterfaceAttachmentRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_network_interface_attachment", Import: "{id}", Prefix: "eni-attach-", Facet: true,
		Pending: []string{"attaching", "detaching", "detached"}, NotFound: interfaceNotFound,
		Wait:    providers.Wait{Call: "DescribeNetworkInterfaces", Names: "{id}", Times: 1},
		Telling: []string{"network_interface_id"},
		Parents: []string{"network_interface_id", "instance_id"},
		Fixed:   []string{"network_interface_id", "instance_id", "device_index"},
		Events: []providers.Event{
			{Name: "AttachNetworkInterface", Role: providers.Created, ID: "{res.attachmentId}"},
			{Name: "ModifyNetworkInterfaceAttribute", Role: providers.Changed, ID: "{req.attachment.attachmentId}"},
			{Name: "DetachNetworkInterface", Role: providers.Deleted, ID: "{req.attachmentId}"},
		},
		IfSkipped: "the next apply fails with InvalidNetworkInterface.InUse or InvalidParameterValue: the interface is attached already",
		Again:     providers.Again{Outcome: providers.Refused, Code: "InvalidNetworkInterface.InUse", How: providers.Documented},
	}, list, look{filter: "attachment.attachment-id", value: "{id}", count: "length(NetworkInterfaces)"},
		func(n types.NetworkInterface, _ place) []providers.Object {
			t := n.Attachment
			if t == nil || text(t.InstanceId) == "" {
				return nil // attached to a service of AWS, no instance
			}
			a := providers.Attrs{
				"id": text(t.AttachmentId), "attachment_id": text(t.AttachmentId), "instance_id": text(t.InstanceId),
				"network_interface_id": text(n.NetworkInterfaceId), "status": string(t.Status), "device_index": nil,
			}
			putNumber(a, "device_index", t.DeviceIndex)
			return []providers.Object{{State: string(t.Status), Implicit: isAWSInterface(n), Attrs: a}}
		})
}

// networkInterfaceSGAttachmentRow is a security group of an interface. The call
// that sets them lists all that are to stay, so it tells which ones are there
// and never which one it took away.
func networkInterfaceSGAttachmentRow(list *listing) Row {
	return row(providers.Kind{
		Type: "aws_network_interface_sg_attachment", Identity: "{network_interface_id}_{security_group_id}", Facet: true,
		Import: "{network_interface_id}_{security_group_id}",
		StateID: func(a providers.Attrs) string {
			return a.Text("security_group_id") + "_" + a.Text("network_interface_id")
		},
		Telling: []string{"security_group_id"},
		Parents: []string{"network_interface_id", "security_group_id"},
		Fixed:   []string{"network_interface_id", "security_group_id"},
		Events: []providers.Event{
			{Name: "CreateNetworkInterface", Role: providers.Created, ID: "{res.networkInterface.networkInterfaceId}_{res.networkInterface.groupSet.groupId}"},
			{Name: "ModifyNetworkInterfaceAttribute", Role: providers.Created, ID: "{req.networkInterfaceId}_{req.groupSet.groupId|req.securityGroupId}"},
		},
		IfSkipped: "the next apply fails: the provider finds that the group is attached to the interface already",
		Again:     providers.Again{Outcome: providers.Refused, How: providers.Shown},
	}, list, look{filter: "network-interface-id", value: "{network_interface_id}",
		count: "length(NetworkInterfaces[].Groups[?GroupId=={security_group_id}][])"},
		func(n types.NetworkInterface, _ place) []providers.Object {
			var out []providers.Object
			for _, g := range n.Groups {
				out = append(out, providers.Object{Implicit: isAWSInterface(n), Attrs: providers.Attrs{
					"id":                   text(g.GroupId) + "_" + text(n.NetworkInterfaceId),
					"network_interface_id": text(n.NetworkInterfaceId), "security_group_id": text(g.GroupId),
				}})
			}
			return out
		})
}

func networkInterfacePermissionRow() Row {
	list := paged(sdk.NewDescribeNetworkInterfacePermissionsPaginator,
		func(q query) *sdk.DescribeNetworkInterfacePermissionsInput {
			return &sdk.DescribeNetworkInterfacePermissionsInput{Filters: q.filters(), MaxResults: new(int32(255))}
		},
		func(o *sdk.DescribeNetworkInterfacePermissionsOutput) []types.NetworkInterfacePermission {
			return o.NetworkInterfacePermissions
		})
	return one(providers.Kind{
		Type: "aws_network_interface_permission", NoID: true, Identity: "{network_interface_permission_id}", Import: "{network_interface_permission_id}",
		Prefix: "eni-perm-", Facet: true, NotFound: []string{"InvalidPermissionID.NotFound"},
		// The provider takes a revoked one for present as long as AWS shows it.
		Pending: []string{"pending", "revoking", "revoked"},
		Wait:    providers.Wait{Call: "DescribeNetworkInterfacePermissions", Names: "{network_interface_permission_id}", Times: 1},
		Telling: []string{"aws_account_id"},
		Parents: []string{"network_interface_id"},
		Fixed:   []string{"network_interface_id", "aws_account_id", "permission"},
		Events: []providers.Event{
			{Name: "CreateNetworkInterfacePermission", Role: providers.Created, ID: "{res.interfacePermission.networkInterfacePermissionId}"},
			{Name: "DeleteNetworkInterfacePermission", Role: providers.Deleted, ID: "{req.networkInterfacePermissionId}"},
		},
		IfSkipped: "the next apply grants the same permission again; AWS may refuse that or make a second one",
	}, list, look{filter: "network-interface-permission.network-interface-permission-id", value: "{network_interface_permission_id}",
		count: "length(NetworkInterfacePermissions)"},
		func(p types.NetworkInterfacePermission, _ place) providers.Object {
			id := text(p.NetworkInterfacePermissionId)
			o := providers.Object{Attrs: providers.Attrs{
				"id": id, "network_interface_permission_id": id, "network_interface_id": text(p.NetworkInterfaceId),
				"aws_account_id": text(p.AwsAccountId), "permission": string(p.Permission),
			}}
			if s := p.PermissionState; s != nil {
				o.State = string(s.State)
			}
			return o
		})
}

// putNumber sets a number that AWS shows. One that it leaves out is not zero.
func putNumber[N int32 | int64](to map[string]any, name string, n *N) {
	if n != nil {
		to[name] = float64(*n)
	}
}
