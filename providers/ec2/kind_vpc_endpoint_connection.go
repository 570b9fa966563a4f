package ec2

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"reconcile/providers"
)

// endpointConnectionAccepterRow is the service's side of a connection. The
// endpoint may be another account's, so it is no parent that shares the place.
// A connection that nobody has accepted yet has no accepter.
func endpointConnectionAccepterRow() Row {
	list := usual[types.VpcEndpointConnection](sdk.NewDescribeVpcEndpointConnectionsPaginator)
	const id = "{req.serviceId}_{req.vpcEndpointId}"
	return one(providers.Kind{
		Type: "aws_vpc_endpoint_connection_accepter", Facet: true,
		Identity: "{vpc_endpoint_service_id}_{vpc_endpoint_id}", Import: "{vpc_endpoint_service_id}_{vpc_endpoint_id}",
		Pending: endpointPending, Gone: []string{"pendingacceptance", "deleted"},
		Parents:  []string{"vpc_endpoint_service_id"},
		Compared: []string{"vpc_endpoint_state"},
		Events: []providers.Event{
			{Name: "AcceptVpcEndpointConnections", Role: providers.Created, ID: id},
			{Name: "RejectVpcEndpointConnections", Role: providers.Deleted, ID: id},
		},
		IfSkipped: "the next apply accepts the connection once more, which AWS may refuse",
	}, list, look{filter: "service-id", value: "{vpc_endpoint_service_id}",
		count: "length(VpcEndpointConnections[?VpcEndpointState!='deleted' && VpcEndpointState!='Deleted' && VpcEndpointId=={vpc_endpoint_id}])"},
		func(c types.VpcEndpointConnection, _ place) providers.Object {
			return providers.Object{State: string(c.VpcEndpointState), Attrs: providers.Attrs{
				"id": text(c.ServiceId) + "_" + text(c.VpcEndpointId), "vpc_endpoint_service_id": text(c.ServiceId),
				"vpc_endpoint_id": text(c.VpcEndpointId), "vpc_endpoint_state": string(c.VpcEndpointState),
			}}
		})
}

func endpointConnectionNotificationRow() Row {
	list := paged(sdk.NewDescribeVpcEndpointConnectionNotificationsPaginator,
		func(q query) *sdk.DescribeVpcEndpointConnectionNotificationsInput {
			return &sdk.DescribeVpcEndpointConnectionNotificationsInput{Filters: q.filters()} // the API names no limit of a page
		},
		func(o *sdk.DescribeVpcEndpointConnectionNotificationsOutput) []types.ConnectionNotification {
			return o.ConnectionNotificationSet
		})
	return one(providers.Kind{
		Type: "aws_vpc_endpoint_connection_notification", Import: "{id}", Prefix: "vpce-nfn-", NotFound: []string{"InvalidConnectionNotification"},
		Parents:  []string{"vpc_endpoint_service_id", "vpc_endpoint_id"},
		Fixed:    []string{"vpc_endpoint_service_id", "vpc_endpoint_id"},
		Telling:  []string{"vpc_endpoint_service_id", "vpc_endpoint_id", "connection_notification_arn"},
		Compared: []string{"connection_events", "connection_notification_arn", "notification_type", "state"},
		Events: []providers.Event{
			{Name: "CreateVpcEndpointConnectionNotification", Role: providers.Created, ID: "{res.connectionNotification.connectionNotificationId}"},
			{Name: "ModifyVpcEndpointConnectionNotification", Role: providers.Changed, ID: "{req.connectionNotificationId}"},
			{Name: "DeleteVpcEndpointConnectionNotifications", Role: providers.Deleted, ID: "{req.connectionNotificationId}"},
		},
		IfSkipped: "the next apply asks for a second notification of the same topic, which AWS may refuse; the first one stays behind unmanaged",
	}, list, look{filter: "connection-notification-id", value: "{id}", count: "length(ConnectionNotificationSet)"},
		func(n types.ConnectionNotification, _ place) providers.Object {
			return providers.Object{State: string(n.ConnectionNotificationState), Attrs: providers.Attrs{
				"id": text(n.ConnectionNotificationId), "connection_events": boxed(n.ConnectionEvents),
				"connection_notification_arn": text(n.ConnectionNotificationArn), "notification_type": string(n.ConnectionNotificationType),
				"state": string(n.ConnectionNotificationState), "vpc_endpoint_id": text(n.VpcEndpointId),
				"vpc_endpoint_service_id": text(n.ServiceId),
			}}
		})
}
