package ec2

import (
	"cmp"
	"slices"
	"strings"
)

// StateAt says where a workspace's state and its lock are, for a policy that
// reaches no other. The zero value means any: nothing tells.
type StateAt struct {
	Known           bool
	Bucket, Key     string
	LockFile, Mutex string // keys beside the state; "" where there is none
	Table, Region   string // the lock table, "" where there is none
	Role            string // the backend's own role, "" for none
	// Quarantine is where a snapshot's copies go: "BUCKET/PREFIX/".
	Quarantine string
	// Uses are the commands that read them (see Uses), none for plan alone.
	Uses []string
}

// target is what a permission is about.
type target int

const (
	anything target = iota
	stateObject
	lockFile
	mutexFile
	bucket
	table
	backendRole
	anyLockFile
	quarantine
	trailBucket
	trailFiles
	trailTable
	queryBucket
	queryResults
	eventStore
	eventQueue
)

// permission is an IAM action, and what it is needed on.
type permission struct {
	action string
	on     target
	script bool
}

// scriptNeeds is what the own commands of the generated scripts send besides:
// Terraform's to the state and its lock, reconcile.sh's to its mutex,
// snapshot.sh's to the quarantine, restore.sh's to the state and its digest,
// unlock.sh's to the lock. The AWS provider's reads of the workspace's resources
// are not in it.
var scriptNeeds = []permission{
	{"dynamodb:DeleteItem", table, true},
	{"dynamodb:GetItem", table, true},
	{"dynamodb:PutItem", table, true},
	{"dynamodb:UpdateItem", table, true},
	{"s3:DeleteObject", lockFile, true},
	{"s3:DeleteObject", mutexFile, true},
	{"s3:GetBucketVersioning", bucket, true},
	{"s3:GetObject", lockFile, true},
	{"s3:GetObject", mutexFile, true},
	{"s3:GetObject", quarantine, true},
	{"s3:GetObject", stateObject, true},
	{"s3:GetObjectVersion", stateObject, true},
	{"s3:ListBucket", bucket, true},
	{"s3:PutObject", lockFile, true},
	{"s3:PutObject", mutexFile, true},
	{"s3:PutObject", quarantine, true},
	{"s3:PutObject", stateObject, true},
	{"sts:AssumeRole", backendRole, true},
	{"sts:GetCallerIdentity", anything, true},
}

// permissionsOf are the IAM actions of one operation of the allow-list
// ("EC2:DescribeVpcs").
func permissionsOf(operation string) []permission {
	service, action, _ := strings.Cut(operation, ":")
	return []permission{{action: strings.ToLower(strings.ReplaceAll(service, " ", "")) + ":" + action}}
}

// Policy is the least policy for reading these types of the rows, all without
// any: their listings, the fixed reads and the source of CloudTrail records;
// with script what the generated script needs too.
func Policy(rows []Row, types []string, at StateAt, trail TrailAt, script bool) Document {
	if len(types) > 0 {
		rows = (&Reader{rows: rows}).wanted(types)
	}
	var needs []permission
	for _, operation := range AllowList(rows) {
		if !slices.Contains(lookups, operation) {
			needs = append(needs, permissionsOf(operation)...)
		}
	}
	needs = append(needs, trail.permissions()...)
	needs = append(needs, at.permissions()...)
	if at.Role != "" {
		needs = append(needs, permission{action: "sts:AssumeRole", on: backendRole})
	}
	if script {
		for _, p := range scriptNeeds {
			reads := slices.ContainsFunc(needs, func(n permission) bool { return n.action == p.action && n.on == p.on })
			if !reads && (p.on != backendRole || at.Role != "") {
				needs = append(needs, p)
			}
		}
	}
	var out []Statement
	for _, p := range needs {
		resources := trail.resources(p.on)
		if p.on < trailBucket {
			resources = at.resources(p.on)
		}
		if len(resources) == 0 {
			continue
		}
		sid := p.sid()
		i := slices.IndexFunc(out, func(s Statement) bool { return s.Sid == sid })
		if i < 0 {
			out = append(out, Statement{Sid: sid, Effect: "Allow", Resource: resources})
			i = len(out) - 1
		}
		if !slices.Contains(out[i].Action, p.action) {
			out[i].Action = append(out[i].Action, p.action)
		}
	}
	for i := range out {
		slices.Sort(out[i].Action)
	}
	slices.SortFunc(out, func(a, b Statement) int { return strings.Compare(a.Sid, b.Sid) })
	return Document{Version: "2012-10-17", Statement: out}
}

// services are how a Sid spells the services.
var services = map[string]string{"cloudtrail": "CloudTrail", "directconnect": "DirectConnect", "dynamodb": "DynamoDB",
	"ec2": "EC2", "iam": "IAM", "ram": "RAM", "s3": "S3", "sqs": "SQS", "sts": "STS"}

// sid names the statement that a permission belongs to.
func (p permission) sid() string {
	service, _, _ := strings.Cut(p.action, ":")
	name := services[service]
	if name == "" {
		name = strings.ToUpper(service[:1]) + service[1:]
	}
	verb := "Read"
	if p.script {
		verb = "Script"
	}
	return verb + name + map[target]string{stateObject: "State", lockFile: "Lock", mutexFile: "Mutex", bucket: "Bucket", table: "LockTable", backendRole: "Role", anyLockFile: "LockFiles", quarantine: "Quarantine",
		trailBucket: "TrailBucket", trailFiles: "TrailFiles", trailTable: "TrailTable", queryBucket: "QueryBucket", queryResults: "QueryResults",
		eventStore: "EventStore", eventQueue: "Queue"}[p.on]
}

// resources are the ARNs of a target, none where the workspace has no such thing.
func (at StateAt) resources(on target) []string {
	if on == anything {
		return []string{"*"}
	}
	if on == backendRole {
		return []string{at.Role}
	}
	if !at.Known {
		return map[target][]string{
			stateObject: {"arn:*:s3:::*/*"}, bucket: {"arn:*:s3:::*"}, table: {"arn:*:dynamodb:*:*:table/*"},
			lockFile: {"arn:*:s3:::*/*.tflock"}, anyLockFile: {"arn:*:s3:::*/*.tflock"}, mutexFile: {"arn:*:s3:::*/*.tflock-reconcile"},
			quarantine: {"arn:*:s3:::*/*"},
		}[on]
	}
	s3 := "arn:" + partitionOf(at.Region) + ":s3:::" + literally(at.Bucket)
	object := func(key string) []string {
		if key == "" {
			return nil
		}
		return []string{s3 + "/" + literally(key)}
	}
	switch on {
	case stateObject:
		return object(at.Key)
	case lockFile:
		return object(at.LockFile)
	case mutexFile:
		return object(at.Mutex)
	case bucket:
		return []string{s3}
	case quarantine:
		if at.Quarantine == "" {
			return nil
		}
		return []string{"arn:" + partitionOf(at.Region) + ":s3:::" + literally(at.Quarantine) + "*"}
	case anyLockFile:
		if at.LockFile == "" {
			return nil
		}
		return []string{s3 + "/*.tflock"}
	}
	if at.Table == "" {
		return nil
	}
	return []string{"arn:" + partitionOf(at.Region) + ":dynamodb:" + cmp.Or(at.Region, "*") + ":*:table/" + literally(at.Table)}
}

// literally keeps IAM from taking a name's own characters for wildcards or
// variables.
func literally(s string) string {
	return strings.NewReplacer("$", "${$}", "*", "${*}", "?", "${?}").Replace(s)
}

// partitionOf is the partition of a region.
func partitionOf(region string) string {
	for _, p := range [][2]string{{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"}} {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}
