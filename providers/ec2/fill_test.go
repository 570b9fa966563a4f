package ec2_test

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// filler makes documents of the SDK's types in which every field has something,
// every list two things. The same field of the same document has the same value
// wherever it is, so that a subnet's VpcId is a VPC's.
type filler struct {
	prefixes map[string]string         // by field, and by type and field: how ids begin, "VpcId": "vpc-"
	dead     map[reflect.Type][]string // by type of document: lifecycle words that no document begins with
	numbers  map[string]int            // by document and element
	short    bool                      // every list has one thing
}

// tweaks are what no filler can know, by type and field; "" leaves it out.
var tweaks = map[string]func(at spot) string{
	// The sides of a peering: every other attachment is asked for here.
	"PeeringTgwInfo.Region": func(at spot) string {
		if (at.n%2 == 0) == (at.outer == "RequesterTgwInfo") {
			return region
		}
		return "eu-west-1"
	},
	// A rule has one source, each in turn.
	"SecurityGroupRule.CidrIpv4":            turns("10.#.0.0/16", "", "", ""),
	"SecurityGroupRule.CidrIpv6":            turns("", "fd00:#::/64", "", ""),
	"SecurityGroupRule.PrefixListId":        turns("", "", "pl-#", ""),
	"SecurityGroupRule.ReferencedGroupInfo": turns("", "", "", "#"),
	"ReferencedSecurityGroup.GroupId":       always("sg-other-#"),
	"SecurityGroupRule.IpProtocol":          always("tcp"),
	"IpPermission.IpProtocol":               always("tcp"),
	"NetworkAclEntry.Protocol":              always("6"),
	"TransitGatewayRoute.PrefixListId":      always(""),
	// Every other one of what AWS makes by itself is its default.
	"SecurityGroup.GroupName": turns("default", "group-#"),
	"DhcpConfiguration.Key":   turns("domain-name", "domain-name-servers"),
	"AttributeValue.Value": func(at spot) string {
		switch {
		case at.n%2 == 1:
			return "corp-" + at.seed
		case strings.Contains(at.seed, "-dc0"):
			return "ec2.internal"
		}
		return "AmazonProvidedDNS"
	},
	// What plain text hides from the filler.
	"FlowLog.ResourceId":                                               always("vpc-#"),
	"CustomerGateway.Type":                                             always("ipsec.1"),
	"ClientVpnRoute.Type":                                              always("Nat"),
	"ClientVpnRoute.TargetSubnet":                                      func(at spot) string { return "subnet-" + at.seed },
	"VirtualInterface.OwnerAccount":                                    turns(account, "999999999999"),
	"VirtualInterface.VirtualInterfaceType":                            always("transit"),
	"VpcBlockPublicAccessOptions.AwsAccountId":                         always(account),
	"VpcBlockPublicAccessExclusion.ResourceArn":                        always("arn:aws:ec2:" + region + ":" + account + ":vpc/vpc-#"),
	"ResourceShare.OwningAccountId":                                    turns(account, "999999999999"),
	"ResourceShareAssociation.AssociationType":                         turns("RESOURCE", "PRINCIPAL"),
	"ResourceShareAssociation.AssociatedEntity":                        always("arn:aws:ec2:" + region + ":" + account + ":subnet/subnet-#"),
	"DirectConnectGatewayAssociation.DirectConnectGatewayOwnerAccount": always(account),
}

// lengths are of the lists that do not have two things.
var lengths = map[string]int{
	"Vpc.Ipv6CidrBlockAssociationSet": 1, // a VPC of two is none that a configuration describes
	"DhcpConfiguration.Values":        1,
}

// always is the text for every document, with its number for #; turns gives
// each document, and each element of a list, the next one.
func always(text string) func(spot) string { return turns(text) }

func turns(texts ...string) func(spot) string {
	return func(at spot) string {
		n := at.n
		if at.element > 0 || strings.Contains(at.seed, "-") {
			n = at.element
		}
		return strings.ReplaceAll(texts[n%len(texts)], "#", fmt.Sprint(at.n))
	}
}

// alive are lifecycle words of living objects, the usual ones first.
var alive = []string{"available", "active", "in-use", "associated", "attached", "enabled", "create-complete", "provisioned", "succeeded", "accepted", "ok"}

// secret is part of every value that a reading must keep to itself.
const secret = "MUST-NOT-BE-SHOWN"

func isSecret(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for _, word := range []string{"presharedkey", "password", "secret", "customergatewayconfiguration", "customerrouterconfig", "authkey"} {
		if strings.Contains(name, word) && !strings.HasSuffix(name, "arn") {
			return true
		}
	}
	return false
}

// document makes the n-th document of a type. The seed names it; set gives
// fields, by name, the values that they must have.
func (f *filler) document(t reflect.Type, n int, seed string, set map[string]string) any {
	v := reflect.New(t).Elem()
	f.fill(v, spot{of: t, seed: seed, n: n})
	for name, value := range set {
		if field := v.FieldByName(name); field.IsValid() && field.Type() == reflect.TypeFor[*string]() {
			field.Set(reflect.ValueOf(&value))
		}
	}
	return v.Interface()
}

// spot is where in a document a value is.
type spot struct {
	of      reflect.Type // the document's
	in      string       // type and field: "Vpc.VpcId"
	field   string
	outer   string // the field that holds the structure of this one
	seed    string // the document, and which element of each list
	n       int
	element int
	depth   int
}

func (f *filler) fill(v reflect.Value, at spot) {
	t := v.Type()
	switch {
	case at.depth > 9:
	case t == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 1, 1, at.n, 0, 0, 0, time.UTC)))
	case t.Kind() == reflect.Pointer:
		if tweak, ok := tweaks[at.in]; ok && tweak(at) == "" {
			return
		}
		v.Set(reflect.New(t.Elem()))
		f.fill(v.Elem(), at)
	case t.Kind() == reflect.String:
		v.SetString(f.text(t, at))
	case t.Kind() == reflect.Bool:
		v.SetBool((at.n+at.element)%2 == 0)
	case v.CanInt():
		v.SetInt(int64(1000 + f.number(at.seed)))
	case v.CanFloat():
		v.SetFloat(float64(f.number(at.seed)))
	case t.Kind() == reflect.Slice:
		n := cmp.Or(lengths[at.in], 2)
		if f.short {
			n = 1
		}
		v.Set(reflect.MakeSlice(t, n, n))
		for i := range v.Len() {
			e := at
			e.seed, e.element, e.depth = fmt.Sprintf("%s-%s%d", at.seed, initials(at.field), i), i, at.depth+1
			f.fill(v.Index(i), e)
		}
	case t.Kind() == reflect.Struct && t.Name() == "Tag":
		// The second is AWS's own, which belongs to nobody's configuration.
		key := []string{"Name", "aws:cloudformation:stack-name"}[at.element]
		v.FieldByName("Key").Set(reflect.ValueOf(&key))
		v.FieldByName("Value").Set(reflect.ValueOf(new("tag of " + at.seed)))
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			if !field.IsExported() {
				continue
			}
			e := at
			e.outer, e.in, e.field, e.depth = at.field, t.Name()+"."+field.Name, field.Name, at.depth+1
			f.fill(v.Field(i), e)
		}
	}
}

// initials tell two lists of one document apart: "fr" of FilterRules.
func initials(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, name))
}

// number is the same for everything in one element of one document, and another
// one in any other.
func (f *filler) number(seed string) int {
	if _, ok := f.numbers[seed]; !ok {
		f.numbers[seed] = len(f.numbers)
	}
	return f.numbers[seed]
}

func (f *filler) text(t reflect.Type, at spot) string {
	if tweak, ok := tweaks[at.in]; ok {
		return tweak(at)
	}
	if words := wordsOf(t); len(words) > 0 {
		return f.word(words, at)
	}
	name, n := at.field, f.number(at.seed)
	one := strings.TrimSuffix(name, "s")
	switch {
	case isSecret(name):
		return secret + " " + at.seed
	case slices.Contains([]string{"OwnerId", "OwnerAccount"}, name):
		return account
	case strings.HasSuffix(name, "Region") || strings.HasSuffix(name, "RegionName"):
		return region
	case slices.Contains([]string{"State", "Status", "Code"}, name):
		return "available"
	case strings.Contains(name, "Policy") && strings.HasSuffix(name, "Document"):
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	case strings.HasSuffix(one, "Id") && cmp.Or(f.prefixes[at.in], f.prefixes[one]) != "":
		return cmp.Or(f.prefixes[at.in], f.prefixes[one]) + at.seed
	case strings.Contains(name, "Ipv6") && strings.Contains(name, "Cidr"):
		return fmt.Sprintf("fd00:%x::/64", n)
	case strings.Contains(name, "Cidr") && !strings.HasSuffix(one, "Id"):
		return fmt.Sprintf("10.%d.%d.0/24", n/256%256, n%256)
	case strings.Contains(name, "Ipv6") && strings.Contains(name, "Address"):
		return fmt.Sprintf("fd00::%x", n)
	case strings.HasSuffix(one, "IpAddress") || strings.HasSuffix(one, "Ip"):
		return fmt.Sprintf("192.168.%d.%d", n/256%256, n%256)
	case strings.HasSuffix(one, "Arn"):
		return "arn:aws:ec2:" + region + ":" + account + ":thing/" + at.seed
	}
	return one + "-" + at.seed
}

// wordsOf are the words of one of the SDK's enumerations.
func wordsOf(t reflect.Type) []string {
	m := reflect.Zero(t).MethodByName("Values")
	if !m.IsValid() {
		return nil
	}
	var out []string
	for _, v := range m.Call(nil)[0].Seq2() {
		out = append(out, v.String())
	}
	return out
}

// word chooses an enumeration's word: for a lifecycle a living one, else each in
// turn, and not all of them in step, so that most combinations are met.
func (f *filler) word(words []string, at spot) string {
	dead := func(w string) bool { return slices.Contains(f.dead[at.of], strings.ToLower(w)) }
	if lifecycle.MatchString(at.field) || slices.ContainsFunc(words, dead) {
		for _, w := range alive {
			if i := slices.IndexFunc(words, func(word string) bool { return strings.EqualFold(word, w) }); i >= 0 && !dead(w) {
				return words[i]
			}
		}
	}
	living := slices.DeleteFunc(slices.Clone(words), dead)
	if len(living) == 0 {
		living = words
	}
	n := at.n
	switch {
	case len(at.field)%2 == 0:
	case len(living) == 2:
		n += at.n / 2
	default:
		n = at.n / 2
	}
	return living[(n+at.element)%len(living)]
}

// lifecycle is how the fields of lifecycle words are called.
var lifecycle = regexp.MustCompile(`(State|Status|Code)$`)

// texts visits every text of a value, with the names of the fields that lead
// to it and the name of the type that the last one is of. A value that is to be
// changed must be a copy.
func texts(v reflect.Value, path, of string, visit func(path, of string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), path, of, visit)
		}
	case reflect.String:
		visit(path, of, v)
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), path, of, visit)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				texts(v.Field(i), strings.TrimPrefix(path+"."+f.Name, "."), v.Type().Name(), visit)
			}
		}
	}
}
