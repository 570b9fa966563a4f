package cloudtrail_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"reconcile/providers/cloudtrail"
)

// sampleEffects says what each recorded sample that a kind knows did, read off
// the records by eye. Whatever else the samples did is in testdata/samples.golden.
var sampleEffects = map[string][]string{
	"AssociateRouteTable--invictus.json":    {"aws_route_table_association rtbassoc-0b911e98f29251a51 created"},
	"DisassociateRouteTable--invictus.json": {"aws_route_table_association rtbassoc-06c42ea03f0967f18 deleted"},
	"AttachInternetGateway--invictus.json": {
		"aws_internet_gateway igw-02a84e4222d62e16b changed",
		"aws_internet_gateway_attachment igw-02a84e4222d62e16b:vpc-06fe1a64761a0f720 created"},
	"DetachInternetGateway--invictus.json": {
		"aws_internet_gateway igw-02a84e4222d62e16b changed",
		"aws_internet_gateway_attachment igw-02a84e4222d62e16b:vpc-06fe1a64761a0f720 deleted"},
	"CreateInternetGateway--grafiti.json":  {"aws_internet_gateway igw-748c5d13 created"},
	"CreateInternetGateway--invictus.json": {"aws_internet_gateway igw-02a84e4222d62e16b created"},
	"DeleteInternetGateway--invictus.json": {"aws_internet_gateway igw-040b2274c4a167722 deleted"},
	"CreateRoute--awssample-eb.json": {
		"aws_default_route_table rtb-xxx changed",
		"aws_route rtb-xxx_192.1.0.0/16 created",
		"aws_route_table rtb-xxx changed"},
	"CreateRoute--invictus.json": {
		"aws_default_route_table rtb-0c7c2f4aff3677054 changed",
		"aws_route rtb-0c7c2f4aff3677054_0.0.0.0/0 created",
		"aws_route_table rtb-0c7c2f4aff3677054 changed"},
	"CreateRoute--invictus-2.json": {
		"aws_default_route_table rtb-0d4916f528a90fa4e changed",
		"aws_route rtb-0d4916f528a90fa4e_0.0.0.0/0 created",
		"aws_route_table rtb-0d4916f528a90fa4e changed"},
	"DeleteRoute--invictus.json": {
		"aws_default_route_table rtb-08838187a84b2f5bf changed",
		"aws_route rtb-08838187a84b2f5bf_0.0.0.0/0 deleted",
		"aws_route_table rtb-08838187a84b2f5bf changed"},
	// Refused, and placeholders at that: what it would have done is read, and
	// its error says that it did not.
	"CreateRoute--traildiscover-Client.UnauthorizedOperation.json": {
		"aws_default_route_table TrailDiscoverRouteTableId changed",
		"aws_route TrailDiscoverRouteTableId_TrailDiscoverDestinationCidrBlock created",
		"aws_route_table TrailDiscoverRouteTableId changed"},
	"CreateRouteTable--invictus.json":                 {"aws_route_table rtb-0c7c2f4aff3677054 created"},
	"DeleteRouteTable--invictus.json":                 {"aws_route_table rtb-01a1e48796093c514 deleted"},
	"CreateSubnet--grafiti.json":                      {"aws_subnet subnet-77466c10 created"},
	"CreateSubnet--invictus.json":                     {"aws_subnet subnet-01ed430875cff578d created"},
	"DeleteSubnet--invictus.json":                     {"aws_subnet subnet-096553f59d783f082 deleted"},
	"CreateTags--invictus.json":                       {"aws_ec2_tag ami-0aa1d83d0b0985c86,StratusRedTeam created"},
	"LookupEventsRecord-CreateTags--pvcoperator.json": {"aws_ec2_tag vol-02e6465799de7075a,MyTag/Name created"},
	"CreateTransitGateway--awsdocs.json":              {"aws_ec2_transit_gateway tgw-0a13743bd6c1f5fcb created"},
	"CreateVpc--grafiti.json":                         {"aws_vpc vpc-48fae42f created"},
	"CreateVpc--invictus.json":                        {"aws_vpc vpc-06fe1a64761a0f720 created"},
	"CreateVpc--invictus-2.json":                      {"aws_vpc vpc-0255d384b4b458b46 created"},
	"CreateVpc--linuxacademy-eb.json":                 {"aws_vpc vpc-0a71e831cb5152c43 created"},
	"DeleteVpc--invictus.json":                        {"aws_vpc vpc-0255d384b4b458b46 deleted"},
}

// sampleTags are the tags that some of the samples ask for: both dialects, and
// a value that the wrapped one retyped.
var sampleTags = map[string]string{
	"CreateTransitGateway--awsdocs.json": "Name=my-tgw",
	"CreateRouteTable--invictus.json":    "Name=stratus-red-team-ec2-steal-credentials-vpc-public StratusRedTeam=true",
	"CreateVpc--invictus-2.json":         "StratusRedTeam=true",
	"CreateVpc--grafiti.json":            "",
}

func TestEveryRecordedSampleIsUnderstood(t *testing.T) {
	dir := os.Getenv("RECONCILE_SAMPLES")
	if dir == "" {
		t.Skip("RECONCILE_SAMPLES names no folder of recorded CloudTrail events; they are other people's and not part of the project")
	}
	x := index()
	var others []string
	known := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%s holds %d samples (%v), 104 were expected", dir, len(files), err)
	}
	errorCodes := indexedErrors(t, filepath.Join(dir, "INDEX.tsv"))
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := cloudtrail.Decode(innerRecord(t, data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		event, _, _ := strings.Cut(strings.TrimPrefix(name, "LookupEventsRecord-"), "--")
		if r.Name != event {
			t.Errorf("%s: the event is %s", name, r.Name)
		}
		if r.Place.Region == "" || r.Time.IsZero() {
			t.Errorf("%s: no region or no time: %+v", name, r)
		}
		if n := len(r.Place.Account); n != 12 && n != 0 && !strings.Contains(name, "eb") {
			t.Errorf("%s: the account %q does not have twelve digits", name, r.Place.Account)
		}
		if want := errorCodes[name]; r.Error != strings.TrimPrefix(want, "Client.") {
			t.Errorf("%s: error %q, the index says %q", name, r.Error, want)
		}
		c := x.Call(r)
		for _, want := range sampleEffects[name] {
			if !slices.Contains(effects(c), want) {
				t.Errorf("%s did\n%s\nand not %s", name, lines(effects(c)), want)
			}
		}
		for _, e := range effects(c) {
			if !slices.Contains(sampleEffects[name], e) {
				others = append(others, name+"\t"+e)
			}
		}
		if c.Mapped != (len(effects(c)) > 0) {
			t.Errorf("%s: mapped is %v", name, c.Mapped)
		}
		if want, ok := sampleTags[name]; ok {
			known[name] = true
			if got := tagText(c.Mutations[0].Tags); got != want {
				t.Errorf("%s asks for the tags %q, want %q", name, got, want)
			}
		}
	}
	slices.Sort(others)
	golden(t, "samples.golden", lines(others)+"\n")
	if len(known) != len(sampleTags) {
		t.Errorf("of the samples with tags only %v were there", known)
	}
}

// innerRecord takes the record out of LookupEvents' envelope or EventBridge's.
func innerRecord(t *testing.T, data []byte) []byte {
	t.Helper()
	var envelope struct {
		CloudTrailEvent string
		Detail          json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(data, &envelope); err != nil {
		t.Fatal(err)
	}
	switch {
	case envelope.CloudTrailEvent != "":
		return []byte(envelope.CloudTrailEvent)
	case envelope.Detail != nil:
		return envelope.Detail
	}
	return data
}

func indexedErrors(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(data), "\n")[1:] {
		if f := strings.Split(line, "\t"); len(f) > 7 {
			out[f[0]] = f[7]
		}
	}
	return out
}

func tagText(tags map[string]string) string {
	var out []string
	for k, v := range tags {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
