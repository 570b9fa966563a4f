package html

import (
	"strings"

	"reconcile/internal/plan"
)

// word is how a status is shown: a sign for those who do not see the colour, a
// title, and what it means.
type word struct {
	Status, Sign, Title, Meaning string
}

// words in the order in which a reader cares.
func words() []word {
	return []word{
		{string(plan.NodeQuestion), "?", "question", "only a person can say what becomes of it"},
		{string(plan.Unknown), "??", "unknown", "could not be told"},
		{string(plan.Unrecorded), "+", "unrecorded", "the run made it; the state does not hold it"},
		{string(plan.Replaced), "±", "replaced", "the old one is gone, the run made a new one"},
		{string(plan.GoneExplained), "−", "gone", "recorded; the run deleted it"},
		{string(plan.GoneUnexplained), "−?", "gone, unexplained", "recorded; not there, and not by the run"},
		{string(plan.PendingObject), "…", "pending", "on its way in or out"},
		{string(plan.Drifted), "≠", "drifted", "recorded; its attributes differ"},
		{string(plan.Leftover), "!", "leftover", "alive; no command can give it an address"},
		{string(plan.Foreign), "×", "foreign", "looks like a wanted one; somebody else made it"},
		{string(plan.InState), "=", "recorded", "in sync: AWS has what the state says"},
		{string(plan.NodeBeside), "·", "beside", "no part of this state; only referred to"},
	}
}

func wordOf(status string) word {
	for _, w := range words() {
		if w.Status == status {
			return w
		}
	}
	return word{Status: "unknown", Sign: "??", Title: clean(status)}
}

// rank orders statuses as words does.
func rank(status string) int {
	for i, w := range words() {
		if w.Status == status {
			return i
		}
	}
	return len(words())
}

// plainType is a resource type as a person says it: "subnet" for aws_subnet.
func plainType(t string) string {
	for _, prefix := range []string{"aws_ec2_", "aws_vpc_", "aws_"} {
		if rest, ok := strings.CutPrefix(t, prefix); ok && rest != "" {
			t = rest
			break
		}
	}
	t = strings.ReplaceAll(t, "_", " ")
	for _, w := range []struct{ long, short string }{{"vpc", "VPC"}, {"eip", "elastic IP"}, {"transit gateway", "TGW"}, {"nat gateway", "NAT gateway"},
		{"network acl", "network ACL"}, {"vpn", "VPN"}, {"dhcp", "DHCP"}, {"ipam", "IPAM"}} {
		t = strings.ReplaceAll(t, w.long, w.short)
	}
	return t
}

// many is the plural of a plain type.
func many(t string) string {
	switch {
	case strings.HasSuffix(t, "s"), strings.HasSuffix(t, "IP"), strings.HasSuffix(t, "VPC"), strings.HasSuffix(t, "TGW"), strings.HasSuffix(t, "ACL"):
		if strings.HasSuffix(t, "s") {
			return t
		}
		return t + "s"
	case strings.HasSuffix(t, "y") && !strings.HasSuffix(t, "ay"):
		return strings.TrimSuffix(t, "y") + "ies"
	}
	return t + "s"
}
