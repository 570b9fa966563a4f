package cloudtrail_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"reconcile/fixtures"
	"reconcile/providers/cloudtrail"
)

// readEnv names a folder: this test binary then reads it and does nothing else,
// so that its time and memory are those of the reading.
const readEnv = "RECONCILE_BENCH_READ"

func TestMain(m *testing.M) {
	dir := os.Getenv(readEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	b := cloudtrail.Files(dir, nil, index(), nil)
	b.Gather(context.Background(), benchPart())
	got := b.Of(account).Read(context.Background(), benchQuery())
	fmt.Println(got.Scanned, len(got.Records), got.Bytes, len(got.Problems))
	fmt.Println("peak", peak())
}

// peak is the most memory that this process has held, in MB, where the system
// tells. That of a child as its parent sees it begins with the parent's own.
func peak() int {
	status, _ := os.ReadFile("/proc/self/status") // there is none but on Linux
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb := 0
	_, _ = fmt.Sscan(after, &kb) // 0 where nothing is told
	return kb / 1024
}

func benchPart() cloudtrail.Part {
	p := part("ci-prod-7")
	p.Since, p.Until, p.Who.Role = time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), benchRole
	return p
}

func benchQuery() cloudtrail.Query {
	q := query("ci-prod-7")
	q.Who.Role = benchRole
	return q
}

const benchRole = "arn:aws:iam::" + account + ":role/terraform-runner"

// BenchmarkFilesAgainstGzipAndJQ puts reading gzip files beside what else could
// be done with them: unpacking alone, and jq. One record of a thousand matters.
// RECONCILE_BENCH_RECORDS says how many records (5000000 for the large one);
// they are made anew in a temporary folder. Times are of all cores together
// (CPU, the system's part included), and of the clock.
func BenchmarkFilesAgainstGzipAndJQ(b *testing.B) {
	n := 100_000
	if s := os.Getenv("RECONCILE_BENCH_RECORDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	dir := b.TempDir()
	plain, packed := benchFiles(b, dir, n)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	type way struct {
		name string
		run  func() *exec.Cmd
		want string
	}
	ways := []way{{"reconcile", func() *exec.Cmd {
		c := exec.Command(self)
		c.Env = append(os.Environ(), readEnv+"="+dir)
		return c
	}, fmt.Sprintf("%d %d %d 0\n", n, n/1000, plain)}}
	shell := func(command string) func() *exec.Cmd {
		return func() *exec.Cmd { return exec.Command("sh", "-c", command, "sh", dir, benchRole) }
	}
	if _, err := exec.LookPath("gzip"); err == nil {
		ways = append(ways, way{"gzip -dc >/dev/null", shell(`gzip -dc "$1"/*.gz >/dev/null`), ""})
		if _, err := exec.LookPath("jq"); err == nil {
			ways = append(ways, way{"gzip -dc | jq", shell(`gzip -dc "$1"/*.gz | jq -c --arg role "$2" '.Records[] | select(.readOnly == false and .userIdentity.sessionContext.sessionIssuer.arn == $role) | .eventID' | wc -l`),
				strconv.Itoa(n/1000) + "\n"})
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d records, %d MB, gzip %d MB, %d cores\tCPU s\tclock s\tMB/s a core\tMB/s\tpeak MB\t\n", n, plain/1e6, packed/1e6, runtime.GOMAXPROCS(0))
	for b.Loop() {
		for _, way := range ways {
			var out bytes.Buffer
			c := way.run()
			c.Stdout, c.Stderr = &out, os.Stderr
			begun := time.Now()
			if err := c.Run(); err != nil {
				b.Fatalf("%s: %v", way.name, err)
			}
			clock := time.Since(begun).Seconds()
			printed, peak, _ := strings.Cut(out.String(), "peak ")
			if strings.TrimSpace(printed) != strings.TrimSpace(way.want) {
				b.Fatalf("%s printed %q, want %q", way.name, printed, way.want)
			}
			user := c.ProcessState.UserTime().Seconds() + c.ProcessState.SystemTime().Seconds()
			fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.0f\t%.0f\t%s\t\n", way.name, user, clock, float64(plain)/1e6/user, float64(plain)/1e6/clock, strings.TrimSpace(peak))
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	b.Logf("\n%s", table.String())
}

// benchFiles writes n records into files of 50,000, by everybody but for one of
// a thousand, and returns their size unpacked and packed.
func benchFiles(b *testing.B, dir string, n int) (plain, packed int64) {
	b.Helper()
	fsys, err := fixtures.Incident("shared-network-expire-7")
	if err != nil {
		b.Fatal(err)
	}
	raw, err := fs.ReadFile(fsys, "cloudtrail.json")
	if err != nil {
		b.Fatal(err)
	}
	var trail struct{ Records []map[string]any }
	if err := json.Unmarshal(raw, &trail); err != nil {
		b.Fatal(err)
	}
	var reads, writes [][]string // a record cut where what differs goes
	for _, r := range trail.Records {
		r["eventID"], r["requestID"], r["sourceIPAddress"], r["recipientAccountId"], r["awsRegion"] = "@", "@", "@", account, region
		own := r["readOnly"] == false && r["errorCode"] == nil && strings.Contains(fmt.Sprint(r["userIdentity"]), "/ci-prod-7") && strings.Contains(fmt.Sprint(r["userIdentity"]), benchRole)
		if !own && r["readOnly"] == false {
			continue
		}
		text, err := json.Marshal(r)
		if err != nil {
			b.Fatal(err)
		}
		line := string(text)
		if own {
			writes = append(writes, strings.Split(line, "@"))
			continue
		}
		line = strings.NewReplacer("terraform-runner", "some-other-role", "ASIARUNNER", "ASIAOTHERS").Replace(line)
		reads = append(reads, strings.Split(line, "@"))
	}
	random := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	for from := 0; from < n; from += 50_000 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%05d.json.gz", from/50_000)))
		if err != nil {
			b.Fatal(err)
		}
		z := gzip.NewWriter(f)
		out.Reset()
		out.WriteString(`{"Records":[`)
		for i := from; i < min(n, from+50_000); i++ {
			if i > from {
				out.WriteByte(',')
			}
			parts := reads[random.IntN(len(reads))]
			if i%1000 == 999 {
				parts = writes[random.IntN(len(writes))]
			}
			for k, p := range parts {
				if out.WriteString(p); k < len(parts)-1 {
					fmt.Fprintf(&out, "%016x%016x", random.Uint64(), random.Uint64())
				}
			}
		}
		out.WriteString(`]}`)
		plain += int64(out.Len())
		if _, err := z.Write(out.Bytes()); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			b.Fatal(err)
		}
		packed += info.Size()
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return plain, packed
}
