package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reconcile/internal/need"
	"reconcile/providers"
	"reconcile/providers/ec2/ec2test"
)

const hostileKey = "env/it's $(touch pwned) `x`\n\"k\".tfstate"

// TestABrokenStateIsSaidAndPutBack breaks the state object in each way, and
// mends it with the one script, on conditions, twice without harm.
func TestABrokenStateIsSaidAndPutBack(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	need.Tools(t, "bash")
	state := func(lineage string, serial int) string {
		return fmt.Sprintf("{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": %d,\n  \"lineage\": %q,\n  \"outputs\": {},\n  \"resources\": [],\n  \"check_results\": null\n}\n", serial, lineage)
	}
	sum := func(text string) string { h := md5.Sum([]byte(text)); return hex.EncodeToString(h[:]) }
	place := providers.Place{Account: bookAccount, Region: bookRegion}
	for _, c := range []struct {
		name, broken, digest, says string
		serial                     int  // that is in place at the end
		whole                      bool // what it refuses and what it says when run again, which is the same for all
	}{
		{"cut off", state("l", 5)[:60], sum(state("l", 5)[:60]), "cut off", 5, true},
		{"empty", "", sum(""), "empty", 5, false},
		{"another lineage", state("m", 9), sum(state("m", 9)), "of another lineage", 10, false},
		{"older", state("l", 1), sum(state("l", 1)), "older than one that was there before", 5, false},
		{"a digest left behind", state("l", 5), sum(state("l", 4)), "do not belong together", 5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{t: t, out: filepath.Join(t.TempDir(), "out dir"), bucket: "tf-state", table: "tf-locks", key: hostileKey, world: ec2test.NewWorld(bookAccount, bookRegion)}
			begun := time.Now().Add(-time.Hour)
			good := b.world.PutObject(b.bucket, b.key, []byte(state("l", 4)), begun)
			b.world.PutObject(b.bucket, b.key, []byte(c.broken), begun.Add(time.Minute))
			b.must(b.world.PutItem(place, b.table, ec2test.Doc{"LockID": ec2test.Doc{"S": b.bucket + "/" + b.key + "-md5"}, "Digest": ec2test.Doc{"S": c.digest}}))
			b.server = ec2test.NewServer(b.world)
			b.must(b.server.Err())
			t.Cleanup(b.server.Close)
			operator(t, b.server.URL)
			at := []string{"--backend-bucket", b.bucket, "--backend-key", b.key, "--backend-region", bookRegion, "--backend-dynamodb-table", b.table, "--out", b.out}
			restoring := func(version string) []string {
				return append([]string{"restore", version, "--incident", "INC-9"}, at...)
			}

			b.says(b.reconcile(3, append([]string{"versions"}, at...)...), c.says, "reconcile restore")
			target := good
			if c.name == "a digest left behind" {
				target = "current"
			}
			b.reconcile(0, restoring(target)...)
			if c.whole {
				b.script(1, "restore.sh", "", "--execute", "--incident", "INC-9") // nobody is asked
				b.script(1, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes", "--holder-dead", "x")
			}
			b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes")
			if c.whole {
				b.says(b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes"), "in place already", "right already")
			}
			b.says(b.reconcile(0, append([]string{"versions"}, at...)...), fmt.Sprintf("  %d  ", c.serial))
			b.says(b.reconcile(0, restoring("current")...), "nothing to put back")
		})
	}
}

// operator points everything at a stand-in, as an engineer's shell would.
func operator(t *testing.T, url string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "ASIAOPERATOR00000001", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x",
		"AWS_REGION": bookRegion, "AWS_DEFAULT_REGION": bookRegion, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_WORKSPACE": "", "TF_CLI_CONFIG_FILE": "/dev/null", "NO_COLOR": "1",
	} {
		t.Setenv(name, value)
	}
}

// TestRestoreRefusesWhatIsNotWhatItSaw: a state, a lock or a digest that changed
// after the script was made stops it before it writes.
func TestRestoreRefusesWhatIsNotWhatItSaw(t *testing.T) {
	need.AWS(t)
	need.Tools(t, "bash")
	b := &book{t: t, out: filepath.Join(t.TempDir(), "out"), bucket: "tf-state", table: "tf-locks", key: "k.tfstate", world: ec2test.NewWorld(bookAccount, bookRegion)}
	text := "{\n  \"version\": 4,\n  \"serial\": 4,\n  \"lineage\": \"l\",\n  \"resources\": []\n}\n"
	begun := time.Now().Add(-time.Hour)
	good := b.world.PutObject(b.bucket, b.key, []byte(text), begun)
	b.world.PutObject(b.bucket, b.key, []byte("{"), begun.Add(time.Minute))
	place := providers.Place{Account: bookAccount, Region: bookRegion}
	b.must(b.world.PutItem(place, b.table))
	b.server = ec2test.NewServer(b.world)
	b.must(b.server.Err())
	t.Cleanup(b.server.Close)
	operator(t, b.server.URL)
	at := []string{"--backend-bucket", b.bucket, "--backend-key", b.key, "--backend-region", bookRegion, "--backend-dynamodb-table", b.table, "--out", b.out, "--incident", "INC-9"}
	b.reconcile(0, append([]string{"restore", good}, at...)...)

	b.must(b.world.PutItem(place, b.table, ec2test.Doc{"LockID": ec2test.Doc{"S": "tf-state/k.tfstate"}, "Info": ec2test.Doc{"S": `{"ID":"new"}`}}))
	b.says(b.script(1, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes"), "the state is locked now")
	var out bytes.Buffer
	c := exec.Command("aws", "dynamodb", "delete-item", "--table-name", b.table, "--key", `{"LockID":{"S":"tf-state/k.tfstate"}}`)
	c.Stderr = &out
	if err := c.Run(); err != nil {
		t.Fatal(err, out.String())
	}
	b.world.PutObject(b.bucket, b.key, []byte("{}"), time.Now())
	b.says(b.script(1, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes"), "the state has been written since this script was made")
	b.world.SetVersioning(b.bucket, false)
	var said bytes.Buffer
	if code := run(context.Background(), environment{args: append([]string{"snapshot"}, at...), stdin: strings.NewReader(""), stdout: &said, stderr: &said, getenv: os.Getenv}); code != 1 {
		t.Errorf("a snapshot without versioning ends with %d", code)
	}
	b.says(said.String(), "keeps no versions", "terraform state pull", "put-bucket-versioning")
}

// TestRestoreWritesUnderTerraformsLock: between a look at the lock and the write a
// run could begin that has read the old state, and would write over the new one.
func TestRestoreWritesUnderTerraformsLock(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	need.Tools(t, "bash")
	const token, id = "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"
	place := providers.Place{Account: bookAccount, Region: bookRegion}
	for _, form := range []string{"dynamodb", "s3"} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed before: %v", form, killed), func(t *testing.T) {
				b := &book{t: t, out: filepath.Join(t.TempDir(), "out"), bucket: "tf-state", key: hostileKey, world: ec2test.NewWorld(bookAccount, bookRegion)}
				begun := time.Now().Add(-time.Hour)
				good := b.world.PutObject(b.bucket, b.key, []byte("{\n  \"version\": 4,\n  \"serial\": 4,\n  \"lineage\": \"l\",\n  \"resources\": []\n}\n"), begun)
				b.world.PutObject(b.bucket, b.key, []byte("{"), begun.Add(time.Minute))
				at := []string{"--backend-bucket", b.bucket, "--backend-key", b.key, "--backend-region", bookRegion, "--out", b.out, "--incident", "INC-9"}
				put, remove, lock := "s3:PutObject /tf-state/"+b.key+".tflock", "s3:DeleteObject /tf-state/"+b.key+".tflock", "--backend-use-lockfile"
				if form == "dynamodb" {
					b.table, put, remove, lock = "tf-locks", "dynamodb:PutItem", "dynamodb:DeleteItem", "--backend-dynamodb-table=tf-locks"
					b.must(b.world.PutItem(place, b.table))
				}
				b.server = ec2test.NewServer(b.world)
				b.must(b.server.Err())
				t.Cleanup(b.server.Close)
				operator(t, b.server.URL)
				b.reconcile(0, append([]string{"restore", good, lock}, at...)...)
				if killed { // after it had taken the mutex and the lock
					info := `{"ID":"` + id + `"}`
					b.must(os.MkdirAll(filepath.Join(b.out, "private", "restore"), 0o700))
					b.must(os.WriteFile(filepath.Join(b.out, "private", "restore", "mutex"), []byte(token), 0o600))
					if form == "s3" {
						b.world.PutObject(b.bucket, b.key+".tflock", []byte(info), time.Now())
					} else {
						b.must(b.world.PutItem(place, b.table, ec2test.Doc{"LockID": ec2test.Doc{"S": b.bucket + "/" + b.key}, "Info": ec2test.Doc{"S": info}, "ReconcileToken": ec2test.Doc{"S": token}}))
					}
				}
				b.server.Forget()
				b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes")
				if got := b.lockID(); got != "" {
					t.Errorf("the lock %s stays", got)
				}
				var wrote []string
				for _, w := range b.wrote() {
					if form == "dynamodb" {
						w, _, _ = strings.Cut(w, " /")
					}
					if !strings.Contains(w, "-reconcile") {
						wrote = append(wrote, strings.TrimSpace(w))
					}
				}
				want := []string{put, "s3:PutObject /tf-state/" + b.key, remove}
				if form == "dynamodb" { // the mutex is a row too
					want = []string{put, put, "s3:PutObject", remove, remove}
				}
				if killed {
					want = want[1:]
				}
				if fmt.Sprintf("%q", wrote) != fmt.Sprintf("%q", want) {
					t.Errorf("it wrote\n%q, want\n%q", wrote, want)
				}
			})
		}
	}
}
