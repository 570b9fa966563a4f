package ec2test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// LoadIncident makes the world of a recorded incident: live.json is what EC2
// holds, cloudtrail.json its trail, lock-table.json the lock table that
// config/backend.tf names, state.tfstate the object that the lock row points
// to, and truth.json says account, region and when the apply began.
func LoadIncident(fsys fs.FS) (*World, error) {
	var truth struct {
		Account string
		Regions []string
		Start   time.Time
	}
	if err := readJSON(fsys, "truth.json", &truth); err != nil {
		return nil, err
	}
	if truth.Account == "" || len(truth.Regions) == 0 {
		return nil, errors.New("truth.json names no account or no region")
	}
	w := NewWorld(truth.Account, truth.Regions[0])
	var trail struct{ Records []json.RawMessage }
	if err := readJSON(fsys, "cloudtrail.json", &trail); err != nil {
		return nil, err
	}
	for i, r := range trail.Records {
		var line bytes.Buffer // AWS gives each record as one line
		if err := json.Compact(&line, r); err != nil {
			return nil, fmt.Errorf("cloudtrail.json: record %d: %w", i+1, err)
		}
		trail.Records[i] = line.Bytes()
	}
	if err := w.PutRecords(trail.Records...); err != nil {
		return nil, fmt.Errorf("cloudtrail.json: %w", err)
	}
	if err := loadLive(w, fsys, trail.Records); err != nil {
		return nil, err
	}
	return w, loadBackend(w, fsys, truth.Start)
}

func readJSON(fsys fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read the incident's %s: %w", name, err)
	}
	if err := decode(raw, into); err != nil {
		return fmt.Errorf("read the incident's %s: %w", name, err)
	}
	return nil
}

func loadLive(w *World, fsys fs.FS, records []json.RawMessage) error {
	var live map[string][]Doc
	if err := readJSON(fsys, "live.json", &live); err != nil {
		return err
	}
	if _, ok := live["TransitGatewayVpcAttachments"]; !ok {
		details, err := attachmentDetails(fsys, records)
		if err != nil {
			return err
		}
		live["TransitGatewayVpcAttachments"] = vpcAttachments(live["TransitGatewayAttachments"], details)
	}
	for _, key := range slices.Sorted(maps.Keys(live)) {
		docs := make([]any, len(live[key]))
		for i, d := range live[key] {
			docs[i] = d
		}
		if err := w.Put(w.home, key, docs...); err != nil {
			return fmt.Errorf("live.json: %w", err)
		}
	}
	return nil
}

// details is what a VPC attachment has beyond what DescribeTransitGatewayAttachments says.
type details struct {
	subnets []any
	options Doc
}

// vpcAttachments gives the same attachments as DescribeTransitGatewayVpcAttachments would.
func vpcAttachments(attachments []Doc, known map[string]details) []Doc {
	var out []Doc
	for _, a := range attachments {
		if text(a["ResourceType"]) != "vpc" {
			continue
		}
		d := known[text(a["TransitGatewayAttachmentId"])]
		doc := Doc{
			"TransitGatewayAttachmentId": a["TransitGatewayAttachmentId"], "TransitGatewayId": a["TransitGatewayId"],
			"VpcId": a["ResourceId"], "VpcOwnerId": a["ResourceOwnerId"], "State": a["State"],
			"CreationTime": a["CreationTime"], "Tags": a["Tags"], "SubnetIds": d.subnets, "Options": d.options,
		}
		if d.subnets == nil { // nobody told: an empty list, as AWS has for a deleted one
			doc["SubnetIds"] = []any{}
		}
		out = append(out, doc)
	}
	return out
}

// attachmentDetails reads subnets and options from the state, then from each
// call that CloudTrail recorded, the oldest first: the last word is the truth.
func attachmentDetails(fsys fs.FS, records []json.RawMessage) (map[string]details, error) {
	out := map[string]details{}
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	if err := readJSON(fsys, "state.tfstate", &state); err != nil {
		return nil, err
	}
	for _, r := range state.Resources {
		if r.Type != "aws_ec2_transit_gateway_vpc_attachment" {
			continue
		}
		for _, i := range r.Instances {
			a := i.Attributes
			subnets, _ := a["subnet_ids"].([]any)
			out[text(a["id"])] = details{subnets, Doc{
				"DnsSupport": a["dns_support"], "Ipv6Support": a["ipv6_support"], "ApplianceModeSupport": a["appliance_mode_support"],
				"SecurityGroupReferencingSupport": a["security_group_referencing_support"]}}
		}
	}
	for _, raw := range records {
		id, d, err := recordedDetails(raw)
		if err != nil {
			return nil, err
		}
		if id != "" {
			out[id] = d
		}
	}
	return out, nil
}

// recordedDetails reads the response of one call about a VPC attachment, which
// CloudTrail wraps in <Event>Response with XML element names.
func recordedDetails(raw json.RawMessage) (string, details, error) {
	var r struct {
		EventName        string
		ResponseElements map[string]any
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return "", details{}, fmt.Errorf("cloudtrail.json: %w", err)
	}
	response, _ := r.ResponseElements[r.EventName+"Response"].(map[string]any)
	attachment, _ := response["transitGatewayVpcAttachment"].(map[string]any)
	set, _ := attachment["subnetIds"].(map[string]any)
	options, _ := attachment["options"].(map[string]any)
	if set == nil || options == nil {
		return "", details{}, nil
	}
	d := details{options: Doc{}}
	switch v := set["item"].(type) { // one is not a list in this dialect
	case []any:
		d.subnets = v
	default:
		d.subnets = []any{v}
	}
	for k, v := range options {
		if k == "" {
			continue
		}
		d.options[strings.ToUpper(k[:1])+k[1:]] = v
	}
	return text(attachment["transitGatewayAttachmentId"]), d, nil
}

var tableName = regexp.MustCompile(`(?m)^\s*dynamodb_table\s*=\s*"([^"]+)"`)

func loadBackend(w *World, fsys fs.FS, start time.Time) error {
	var rows []Doc
	if err := readJSON(fsys, "lock-table.json", &rows); err != nil {
		return err
	}
	config, err := fs.ReadFile(fsys, "config/backend.tf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the incident's backend configuration: %w", err)
	}
	table := "tf-locks"
	if m := tableName.FindSubmatch(config); m != nil {
		table = string(m[1])
	}
	if err := w.PutItem(w.home, table, rows...); err != nil {
		return fmt.Errorf("lock-table.json: %w", err)
	}
	return loadState(w, fsys, rows, start)
}

// loadState puts the state where the lock row says it is. Before a first apply
// there is none, and what `terraform state pull` prints then has no lineage.
func loadState(w *World, fsys fs.FS, rows []Doc, start time.Time) error {
	raw, err := fs.ReadFile(fsys, "state.tfstate")
	if err != nil {
		return fmt.Errorf("read the incident's state: %w", err)
	}
	var state struct{ Lineage string }
	if err := json.Unmarshal(raw, &state); err != nil {
		return fmt.Errorf("read the incident's state.tfstate: %w", err)
	}
	for _, row := range rows {
		lockID, _ := row["LockID"].(map[string]any)
		bucket, key, ok := strings.Cut(text(lockID["S"]), "/")
		if !ok || strings.HasSuffix(key, "-md5") {
			continue
		}
		w.PutObject(bucket, "", nil, start)
		if state.Lineage != "" {
			// The pull ends with a newline of its own, which the object, and so
			// the digest in the table, does not have.
			w.PutObject(bucket, key, append(bytes.TrimRight(raw, "\n"), '\n'), start)
		}
	}
	return nil
}
