package ec2test

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"reconcile/providers"
)

// lockstores are what tables and buckets are beside what they hold. The zero
// value is what Terraform wants: tables keyed by LockID without a TTL, buckets
// with versioning in the world's own region.
type lockstores struct {
	keys        map[string]string // of a table, its key's attribute
	ttl         map[string]string // of a table, the attribute
	unversioned map[string]bool
	decisions   map[string]string // of an IAM action, "allowed" for what is not named
}

// SetTableKey gives a table another key than LockID.
func (w *World) SetTableKey(at providers.Place, table, attribute string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.keys = with(w.stores.keys, at.String()+"/"+table, attribute)
}

// SetTTL lets DynamoDB delete a table's rows by an attribute.
func (w *World) SetTTL(at providers.Place, table, attribute string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.ttl = with(w.stores.ttl, at.String()+"/"+table, attribute)
}

// SetVersioning says whether a bucket keeps versions; it does unless told.
func (w *World) SetVersioning(bucket string, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.unversioned = with(w.stores.unversioned, bucket, !on)
}

// SetBucketRegion puts a bucket into another region than the world's own. A call
// for it that is signed for any other region is redirected.
func (w *World) SetBucketRegion(bucketName, region string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b := w.buckets[bucketName]; b != nil {
		moved := *b
		moved.region = region
		w.buckets[bucketName] = &moved
	}
}

// Decide sets what SimulatePrincipalPolicy answers for an action: "allowed",
// "implicitDeny" or "explicitDeny".
func (w *World) Decide(action, decision string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stores.decisions = with(w.stores.decisions, action, decision)
}

// tableCall answers the calls about a table as a whole.
func (s *Server) tableCall(c *call) (answer, error) {
	var in struct {
		TableName         string
		FilterExpression  string
		ExclusiveStartKey Doc
	}
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	s.world.mu.RLock()
	items, exists := s.world.tables[c.place][in.TableName]
	name := c.place.String() + "/" + in.TableName
	key, ttl := s.world.stores.keys[name], s.world.stores.ttl[name]
	s.world.mu.RUnlock()
	if !exists {
		return answer{}, refuse("ResourceNotFoundException", "Requested resource not found")
	}
	if key == "" {
		key = "LockID"
	}
	const kind = "application/x-amz-json-1.0"
	switch c.Action {
	case "DescribeTable":
		return jsonAnswer(kind, map[string]any{"Table": map[string]any{
			"TableName": in.TableName, "TableStatus": "ACTIVE", "ItemCount": len(items),
			"KeySchema":            []any{map[string]any{"AttributeName": key, "KeyType": "HASH"}},
			"AttributeDefinitions": []any{map[string]any{"AttributeName": key, "AttributeType": "S"}},
		}})
	case "DescribeTimeToLive":
		d := map[string]any{"TimeToLiveStatus": "DISABLED"}
		if ttl != "" {
			d = map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": ttl}
		}
		return jsonAnswer(kind, map[string]any{"TimeToLiveDescription": d})
	}
	return s.scan(c, items, in.FilterExpression, in.ExclusiveStartKey)
}

// scan answers Scan. A page is cut before the filter is applied, as DynamoDB
// cuts it, so that pages without any item have a next one.
func (s *Server) scan(c *call, items []Doc, filter string, after Doc) (answer, error) {
	size := c.pageOf(1000)
	latest := map[string]Doc{}
	for _, item := range items { // the last one put wins, as with GetItem
		latest[lockID(item)] = item
	}
	ids := slices.Sorted(maps.Keys(latest))
	from := 0
	if after != nil {
		at, found := slices.BinarySearch(ids, lockID(after))
		if from = at; found {
			from++
		}
	}
	to := min(len(ids), from+size)
	wants, isFilter := strings.CutPrefix(filter, "attribute_exists(")
	out := map[string]any{}
	page := []any{}
	for _, id := range ids[from:to] {
		if _, has := latest[id][strings.TrimSuffix(wants, ")")]; has || !isFilter {
			page = append(page, latest[id])
		}
	}
	out["Items"], out["Count"], out["ScannedCount"] = page, len(page), to-from
	if to < len(ids) && !c.settings.truncated {
		out["LastEvaluatedKey"] = Doc{"LockID": Doc{"S": ids[to-1]}}
	}
	return jsonAnswer("application/x-amz-json-1.0", out)
}

func lockID(item Doc) string {
	id, _ := item["LockID"].(Doc)
	return text(id["S"])
}

// badKey reports whether a key is not the table's.
func (w *World) badKey(at providers.Place, table string, key Doc) bool {
	want := w.stores.keys[at.String()+"/"+table]
	if want == "" {
		want = "LockID"
	}
	_, ok := key[want]
	return !ok || len(key) != 1
}

// customerKeys: nothing here is encrypted, and a key that is given must be one.
func customerKey(c *call) *refusal {
	key := c.header.Get("X-Amz-Server-Side-Encryption-Customer-Key")
	if raw, err := base64.StdEncoding.DecodeString(key); key != "" && (err != nil || len(raw) != 32) {
		return refuse("InvalidArgument", "The secret key was invalid for the specified algorithm.")
	}
	return nil
}
