package ec2test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"reconcile/providers"
)

// Doc is one document as the AWS CLI prints it: PascalCase keys; values are
// string, bool, json.Number, []any, map[string]any or nil. Keys that begin with
// "_" hold what other calls answer about it (see listings.go) and are never
// printed.
type Doc = map[string]any

// Identity is who an access key speaks for.
type Identity struct {
	Account string // twelve digits
	ARN     string // as GetCallerIdentity prints it
	UserID  string // "AROA…:session"
}

// World is what an AWS holds, by account and region. The zero value is not
// usable: see [NewWorld]. All methods are safe for concurrent use, also while a
// server answers from it.
type World struct {
	home providers.Place

	mu         sync.RWMutex
	documents  map[providers.Place]map[string][]*entry
	records    map[providers.Place][]record
	tables     map[providers.Place]map[string][]Doc
	buckets    map[string]*bucket
	identities map[string]Identity // by access key; "" is everybody else
	stores     lockstores
	// Other places where the records are: see trailstores.go.
	queues       map[string][]string
	hidden       map[string]time.Time // messages, until when
	athena       map[string]Table
	statements   []string
	queries      [2]string // the state that they are in, and why
	trailBuckets []string
	seq          int // numbers records, versions and assumed keys
}

// entry is a stored document. It is never changed: a change stores a new one.
type entry struct {
	doc      Doc
	children map[string][]*entry // by the "_" key that held them
	held     string              // the "_" key of the parent's document that held this one

	once sync.Once
	xml  []byte // its inner XML, written when first asked for
}

// NewWorld gives an empty world. Account and region are the place of calls
// whose access key and region say nothing else.
func NewWorld(account, region string) *World {
	w := &World{
		home:       providers.Place{Account: account, Region: region},
		documents:  map[providers.Place]map[string][]*entry{},
		records:    map[providers.Place][]record{},
		tables:     map[providers.Place]map[string][]Doc{},
		buckets:    map[string]*bucket{},
		identities: map[string]Identity{},
	}
	w.Identify("", Identity{Account: account, ARN: "arn:aws:sts::" + account + ":assumed-role/incident-responder/oncall", UserID: "AROAINCIDENTRESPONDE:oncall"})
	return w
}

// Home is the default place.
func (w *World) Home() providers.Place { return w.home }

// Identify says who an access key speaks for. The key "" stands for every key
// that is not named.
func (w *World) Identify(accessKey string, who Identity) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.identities[accessKey] = who
}

func (w *World) identity(accessKey string) Identity {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if who, ok := w.identities[accessKey]; ok {
		return who
	}
	return w.identities[""]
}

// Put adds documents under the AWS CLI's name of their list ("Vpcs"), or
// replaces those with the same id. Besides a Doc it takes anything that encodes
// to the same JSON, such as a value of the SDK's types.
func (w *World) Put(at providers.Place, key string, docs ...any) error {
	entries := make([]*entry, 0, len(docs))
	for i, d := range docs {
		doc, err := normal(d)
		if err != nil {
			return fmt.Errorf("document %d of %s: %w", i+1, key, err)
		}
		if ofList(key).service != "" {
			doc = renamed(doc, lowerFirst).(Doc) // the SDK's types encode as EC2's do
		}
		entries = append(entries, newEntry(doc))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.merge(at, key, entries)
	return nil
}

// merge needs the lock. It copies the list, because a reader may hold the old one.
func (w *World) merge(at providers.Place, key string, entries []*entry) {
	if w.documents[at] == nil {
		w.documents[at] = map[string][]*entry{}
	}
	list, id := slices.Clone(w.documents[at][key]), ofList(key).id
	position := map[string]int{}
	for i, e := range list {
		position[text(e.doc[id])] = i
	}
	for _, e := range entries {
		name := text(e.doc[id])
		if i, known := position[name]; known && name != "" {
			list[i] = e
			continue
		}
		position[name] = len(list)
		list = append(list, e)
	}
	w.documents[at][key] = list
}

// Delete removes the document with this id and reports whether it was there.
func (w *World) Delete(at providers.Place, key, id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.documents[at][key]
	after := slices.DeleteFunc(slices.Clone(before), func(e *entry) bool { return text(e.doc[ofList(key).id]) == id })
	if len(after) == len(before) {
		return false
	}
	w.documents[at][key] = after
	return true
}

// Docs gives copies of the documents of one list.
func (w *World) Docs(at providers.Place, key string) []Doc {
	var out []Doc
	for _, e := range w.entries(at, key) {
		out = append(out, renamed(e.doc, func(name string) string { return name }).(Doc))
	}
	return out
}

func (w *World) entries(at providers.Place, key string) []*entry {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.documents[at][key]
}

// regions lists the regions in which an account has anything, the home region
// included.
func (w *World) regions(account string) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := []string{w.home.Region}
	for at := range w.documents {
		if at.Account == account {
			out = append(out, at.Region)
		}
	}
	for at := range w.records {
		if at.Account == account {
			out = append(out, at.Region)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// PutItem adds an item, in DynamoDB's typed JSON, to a table. Naming a table
// without items makes an empty one.
func (w *World) PutItem(at providers.Place, table string, items ...Doc) error {
	var docs []Doc
	for i, item := range items {
		doc, err := normal(item)
		if err != nil {
			return fmt.Errorf("item %d of table %s: %w", i+1, table, err)
		}
		docs = append(docs, doc)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tables[at] == nil {
		w.tables[at] = map[string][]Doc{}
	}
	w.tables[at][table] = append(slices.Clone(w.tables[at][table]), docs...)
	return nil
}

// PutObject adds a version of an S3 object and returns its version id. Naming a
// bucket with an empty key makes an empty bucket.
func (w *World) PutObject(bucketName, key string, body []byte, modified time.Time) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.buckets[bucketName]
	if b == nil {
		b = &bucket{region: w.home.Region, versions: map[string][]object{}}
		w.buckets[bucketName] = b
	}
	if key == "" {
		return ""
	}
	w.seq++
	o := object{body: bytes.Clone(body), modified: modified.UTC(), version: fmt.Sprintf("v%08d", w.seq)}
	// Oldest first, and the last one is current, whatever order they came in.
	at, _ := slices.BinarySearchFunc(b.versions[key], o, func(x, y object) int {
		return cmp.Or(x.modified.Compare(y.modified), cmp.Compare(x.version, y.version))
	})
	b.versions[key] = slices.Insert(slices.Clone(b.versions[key]), at, o)
	return o.version
}

func newEntry(doc Doc) *entry {
	e := &entry{doc: doc}
	for k, v := range doc {
		list, ok := v.([]any)
		if !ok || !strings.HasPrefix(k, "_") {
			continue
		}
		if e.children == nil {
			e.children = map[string][]*entry{}
		}
		for _, child := range list {
			if d, ok := child.(Doc); ok {
				c := newEntry(d)
				c.held = k
				e.children[k] = append(e.children[k], c)
			}
		}
	}
	return e
}

// normal turns any JSON-encodable value into a Doc that shares nothing with it.
func normal(v any) (Doc, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc Doc
	if err := decode(raw, &doc); err != nil {
		return nil, err
	}
	return doc, nil
}

func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // account ids and ASNs keep every digit
	return d.Decode(into)
}

// renamed copies a value, with the names of its fields spelled otherwise.
func renamed(v any, spell func(string) string) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[spell(k)] = renamed(e, spell)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = renamed(e, spell)
		}
		return out
	}
	return v
}

// text is a scalar as EC2 prints it, "" for anything else.
func text(v any) string {
	switch v.(type) {
	case nil, []any, map[string]any:
		return ""
	}
	return fmt.Sprint(v)
}
