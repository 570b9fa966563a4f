package cloudtrail

import (
	"io"
	"regexp"
	"strings"

	"reconcile/internal/hint"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Source is where the records are taken from: what --trail says.
type Source struct {
	Kind           string // "lookup", "file", "s3", "athena", "lake", "eventbridge"
	Path           string // of a file
	Bucket, Prefix string // of s3
	Table          Athena // of athena
	Store          string // of lake
	Queue          string // of eventbridge
}

// forms are the ways to say a source.
const forms = "lookup, file:PATH (or - for standard input), s3://BUCKET[/PREFIX], athena:DATABASE.TABLE, lake:EVENT-DATA-STORE or eventbridge:QUEUE-URL"

var (
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	tableName  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	storeName  = regexp.MustCompile(`^(arn:[a-z-]+:cloudtrail:[a-z0-9-]+:\d{12}:eventdatastore/)?[A-Za-z0-9-]+$`)
	queueName  = regexp.MustCompile(`^https?://[^/\s]+/.+$`)
)

// ParseSource reads what --trail says. "" is lookup.
func ParseSource(s string) (Source, error) {
	kind, rest, _ := strings.Cut(s, ":")
	switch kind {
	case "", "lookup":
		if rest == "" {
			return Source{Kind: "lookup"}, nil
		}
	case "-":
		return Source{Kind: "file", Path: "-"}, nil
	case "file":
		if rest != "" {
			return Source{Kind: kind, Path: rest}, nil
		}
	case "s3":
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
		if strings.HasPrefix(rest, "//") && bucketName.MatchString(bucket) {
			return Source{Kind: kind, Bucket: bucket, Prefix: prefix}, nil
		}
	case "athena":
		database, table, _ := strings.Cut(rest, ".")
		if tableName.MatchString(database) && tableName.MatchString(table) {
			return Source{Kind: kind, Table: Athena{Database: database, Table: table}}, nil
		}
	case "lake":
		if storeName.MatchString(rest) {
			return Source{Kind: kind, Store: rest}, nil
		}
	case "eventbridge":
		if queueName.MatchString(rest) {
			return Source{Kind: kind, Queue: rest}, nil
		}
	}
	return Source{}, hint.Errorf("give "+forms, "--trail %q names no source of CloudTrail records", s)
}

// Open returns the source that is read through once, nil for lookup, which is
// asked account by account. cfg is that of whoever may read it; a file needs
// none.
func (s Source) Open(cfg aws.Config, stdin io.Reader, x Index, progress func(done, total, items int)) *Bulk {
	switch s.Kind {
	case "file":
		return Files(s.Path, stdin, x, progress)
	case "s3":
		return Bucket(cfg, s.Bucket, s.Prefix, x, progress)
	case "athena":
		return Table(cfg, s.Table, x, progress)
	case "lake":
		return Lake(cfg, s.Store, x, progress)
	case "eventbridge":
		return Queue(cfg, s.Queue, x, progress)
	}
	return nil
}
