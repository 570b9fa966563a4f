package cloudtrail

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"reconcile/providers"
)

// A trail with log file validation writes a digest file every hour that names
// the files it delivered in that hour, with their hashes. So it can be told
// whether a file is missing, and whether the trail recorded all the time.

// digest is one such file.
type digest struct {
	series   string // the trail's: several may write into one bucket
	from, to time.Time
	files    []digested
}

type digested struct {
	Key       string `json:"s3Object"`
	Hash      string `json:"hashValue"`
	Algorithm string `json:"hashAlgorithm"`
}

// digestName is the name of a digest: the trail's stem, and when its hour ended.
var digestName = regexp.MustCompile(`/(\d+_CloudTrail-Digest_[^/]+)_(\d{8}T\d{6}Z)\.json(?:\.gz)?$`)

const digestTime = "20060102T150405Z"

// mostDigest bounds a digest file, unpacked.
const mostDigest = 64 << 20

// digested holds a place's files against the digests of the window. What is
// missing is a problem. A trail without digests has no such proof: an hour
// without any file is then only noted.
func (f *bucketFeed) digested(ctx context.Context, org string, at providers.Place, p Part, files []string, hashes map[string]string, to *sink) {
	names, err := f.digestNames(ctx, org, at, p)
	if err != nil {
		to.note("%s: the digest files of account %s in %s: %s", f.name(), at.Account, at.Region, f.cause(err, "s3:ListBucket"))
	}
	all, bad := f.digests(ctx, names)
	if len(bad) > 0 {
		to.note("%s: %d digest files could not be read, the first %s", f.name(), len(bad), bad[0])
	}
	if len(all) == 0 {
		if from, until := silence(files, p); !from.IsZero() {
			to.note("%s: no file of account %s in %s was delivered between %s and %s, and there are no digest files to tell whether one is missing",
				f.name(), at.Account, at.Region, from.Format(time.RFC3339), until.Format(time.RFC3339))
		}
		return
	}
	there := map[string]bool{}
	for _, key := range files {
		there[key] = true
	}
	var missing []string
	for _, d := range all {
		for _, file := range d.files {
			if m := delivered.FindStringSubmatch(file.Key); m == nil || m[1] < p.from().UTC().Add(-beforehand).Format(minute) || m[1] > p.to().UTC().Add(afterwards).Format(minute) {
				continue
			}
			if !there[file.Key] {
				missing = append(missing, file.Key)
			} else if file.Algorithm == "SHA-256" {
				hashes[file.Key] = strings.ToLower(file.Hash)
			}
		}
	}
	if missing = unique(missing); len(missing) > 0 {
		to.problem("%s: the trail's digest names %d files of account %s in %s that are not there, the first %s: what they held is not known",
			f.name(), len(missing), at.Account, at.Region, missing[0])
	}
	for _, gap := range gaps(all, p) {
		to.problem("%s: the trail of account %s in %s has no digest of the time from %s to %s: whether it recorded then is not known",
			f.name(), at.Account, at.Region, gap[0].Format(time.RFC3339), gap[1].Format(time.RFC3339))
	}
}

// digestNames are the digests of the hours in which the window's files came.
func (f *bucketFeed) digestNames(ctx context.Context, org string, at providers.Place, p Part) ([]string, error) {
	from, until := p.Since.UTC().Add(-beforehand), p.Until.UTC().Add(pad+afterwards+time.Hour)
	prefix := f.root + org + at.Account + "/CloudTrail-Digest/" + at.Region + "/"
	var out []string
	err := f.keys(ctx, prefix, prefix+from.Format(day)+"/", until, func(key string, _ int64) {
		if m := digestName.FindStringSubmatch(key); m != nil && m[2] >= from.Format(digestTime) && m[2] <= until.Format(digestTime) {
			out = append(out, key)
		}
	})
	return out, err
}

// digests reads digest files, and says which could not be read.
func (f *bucketFeed) digests(ctx context.Context, names []string) ([]digest, []string) {
	var out []digest
	var bad []string
	var mu sync.Mutex
	var group sync.WaitGroup
	next := make(chan string)
	for range min(atOnce, len(names)) {
		group.Go(func() {
			for name := range next {
				body, err := f.get(ctx, name)
				var d digest
				if err == nil {
					d, err = readDigest(name, body)
				}
				mu.Lock()
				if err != nil {
					bad = append(bad, name+": "+cause(err))
				} else {
					out = append(out, d)
				}
				mu.Unlock()
			}
		})
	}
	for _, name := range names {
		next <- name
	}
	close(next)
	group.Wait()
	slices.Sort(bad)
	slices.SortFunc(out, func(a, b digest) int {
		if c := strings.Compare(a.series, b.series); c != 0 {
			return c
		}
		return a.to.Compare(b.to)
	})
	return out, bad
}

// readDigest reads one digest file, packed or not.
func readDigest(name string, body []byte) (digest, error) {
	var in io.Reader = bytes.NewReader(body)
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return digest{}, err
		}
		in = z
	}
	plain, err := io.ReadAll(io.LimitReader(in, mostDigest))
	if err != nil {
		return digest{}, err
	}
	var raw struct {
		From  text       `json:"digestStartTime"`
		To    text       `json:"digestEndTime"`
		Files []digested `json:"logFiles"`
	}
	if json.Unmarshal(plain, &raw) != nil {
		return digest{}, errors.New("it is no digest")
	}
	from, err := moment(string(raw.From))
	until, errTo := moment(string(raw.To))
	if err != nil || errTo != nil || until.Before(from) {
		return digest{}, errors.New("it does not say of which hour it is")
	}
	series := ""
	if m := digestName.FindStringSubmatch(name); m != nil {
		series = m[1]
	}
	return digest{series: series, from: from, to: until, files: raw.Files}, nil
}

// gaps are the times of the window of which no trail has a digest, between two
// that there are. What came after the last is not older than an hour, and no gap.
func gaps(all []digest, p Part) [][2]time.Time {
	byTime := slices.SortedFunc(slices.Values(all), func(a, b digest) int { return a.from.Compare(b.from) })
	var out [][2]time.Time
	end := byTime[0].to
	for _, d := range byTime[1:] {
		if d.from.After(end.Add(time.Minute)) && d.from.After(p.Since) && end.Before(p.Until) {
			out = append(out, [2]time.Time{end, d.from})
		}
		if d.to.After(end) {
			end = d.to
		}
	}
	return out
}

// silence is the longest time within the window in which no file was delivered,
// between two that were; zero if it is no longer than an hour.
func silence(files []string, p Part) (from, until time.Time) {
	var last time.Time
	for _, key := range files {
		m := delivered.FindStringSubmatch(key)
		if m == nil {
			continue
		}
		at, err := time.Parse(minute, m[1])
		if err != nil {
			continue
		}
		if !last.IsZero() && at.Sub(last) > time.Hour && at.Sub(last) > until.Sub(from) && at.After(p.Since) && last.Before(p.Until) {
			from, until = last, at
		}
		last = at
	}
	return from, until
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}
