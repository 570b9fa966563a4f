package main

import (
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

// between puts a program in front of the AWS CLI: before and after are shell
// code that runs around each call, with the call's words in $call.
func between(t *testing.T, before, after string) (remove func()) {
	t.Helper()
	dir := t.TempDir()
	text := "#!/usr/bin/env bash\ncd " + dir + "\ncall=$*\nreal=" + need.Tool(t, "aws") + "\n" + before + "\n\"$real\" \"$@\"\nrc=$?\n" + after + "\nexit $rc\n"
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	t.Setenv("PATH", dir+string(os.PathListSeparator)+path)
	return func() { t.Setenv("PATH", path) }
}

// brokenState is a broken state, and the restore.sh that puts the good one back.
func brokenState(t *testing.T, form string) *book {
	t.Helper()
	need.AWS(t)
	need.Tools(t, "bash")
	b := &book{t: t, out: filepath.Join(t.TempDir(), "out"), bucket: "tf-state", key: "k.tfstate", world: ec2test.NewWorld(bookAccount, bookRegion)}
	begun := time.Now().Add(-time.Hour)
	good := b.world.PutObject(b.bucket, b.key, []byte("{\n  \"version\": 4,\n  \"serial\": 4,\n  \"lineage\": \"l\",\n  \"resources\": []\n}\n"), begun)
	b.world.PutObject(b.bucket, b.key, []byte("{"), begun.Add(time.Minute))
	lock := "--backend-use-lockfile"
	if form == "dynamodb" {
		b.table, lock = "tf-locks", "--backend-dynamodb-table=tf-locks"
		b.must(b.world.PutItem(providers.Place{Account: bookAccount, Region: bookRegion}, b.table))
	}
	b.server = ec2test.NewServer(b.world)
	b.must(b.server.Err())
	t.Cleanup(b.server.Close)
	operator(t, b.server.URL)
	b.reconcile(0, "restore", good, lock, "--backend-bucket", b.bucket, "--backend-key", b.key, "--backend-region", bookRegion, "--out", b.out, "--incident", "INC-9")
	return b
}

// restored says what must hold at the end of it all.
func (b *book) restored() {
	b.t.Helper()
	if got := b.lockID(); got != "" {
		b.t.Errorf("the lock %s stays", got)
	}
	if got := b.aws("s3api", "get-object", "--bucket", b.bucket, "--key", b.key, "/dev/stdout", "--query", "ETag"); !strings.Contains(got, `"serial": 5`) {
		b.t.Errorf("the state is not in place: %q", got)
	}
	if b.aws("s3api", "head-object", "--bucket", b.bucket, "--key", b.key+".tflock-reconcile") != "" {
		b.t.Error("the mutex stays")
	}
}

// TestRestoreThatIsKilledAnywhereIsFinishedByRunningItAgain: else its own lock
// keeps everybody out, and nothing knows any more whose it was.
func TestRestoreThatIsKilledAnywhereIsFinishedByRunningItAgain(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	for _, c := range []struct {
		form  string
		write int // after which it is killed
		what  string
	}{
		{"s3", 3, "the state"}, {"s3", 2, "the lock"}, {"s3", 4, "the lock's release"}, {"dynamodb", 3, "the state"},
	} {
		t.Run(c.form+", after "+c.what, func(t *testing.T) {
			b := brokenState(t, c.form)
			remove := between(t, "", `case $call in *" put-"*|*" delete-"*|*" update-"*) echo >>writes; [ "$(wc -l <writes)" -ne `+fmt.Sprint(c.write)+` ] || kill -9 $PPID ;; esac`)
			run := exec.Command("bash", filepath.Join(b.out, "restore.sh"), "--execute", "--incident", "INC-9", "--yes")
			if said, err := run.CombinedOutput(); err == nil || run.ProcessState.Exited() {
				t.Fatalf("it was not killed: %v\n%s", err, said)
			}
			remove()
			b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes")
			b.restored()
		})
	}
}

// TestRestoreKnowsItsLockWhereTheAnswerWasLost: the AWS CLI sends a call again
// whose answer did not come, and is told then that there is a lock.
func TestRestoreKnowsItsLockWhereTheAnswerWasLost(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	for form, call := range map[string]string{"s3": `*"put-object "*".tflock --body"*`, "dynamodb": `*"put-item "*'{"S":"tf-state/k.tfstate"}'*`} {
		t.Run(form, func(t *testing.T) {
			b := brokenState(t, form)
			between(t, "", `case $call in `+call+`) "$real" "$@"; rc=$? ;; esac`)
			b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes")
			b.restored()
		})
	}
}

// TestRestoreReleasesNobodyElsesLock: its own may be gone and another there
// between any two of its calls.
func TestRestoreReleasesNobodyElsesLock(t *testing.T) {
	need.NoRace(t, need.Processes)
	need.AWS(t)
	b := brokenState(t, "s3")
	const another = `{"ID":"another"}`
	between(t, `case $call in
		*" put-object "*"k.tfstate --body"*) echo >written ;;
		*".tflock "*|*".tflock") [ ! -e written ] || { echo >>looks; [ "$(wc -l <looks)" -ne 2 ] || { printf '%s' '`+another+`' >lock; "$real" s3api put-object --bucket tf-state --key k.tfstate.tflock --body lock >/dev/null; }; } ;;
	esac`, "")
	b.says(b.script(0, "restore.sh", "", "--execute", "--incident", "INC-9", "--yes"), "the state's lock could not be released")
	if got := b.lockID(); got != "another" {
		t.Errorf("somebody else's lock was released: now it is %q", got)
	}
}
