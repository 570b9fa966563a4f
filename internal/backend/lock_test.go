package backend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLockInfoIsRead(t *testing.T) {
	got, err := ParseLockInfo([]byte(`{"ID":"f997adfb","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4","Created":"2026-11-21T21:18:17.903343381Z","Path":"b/k"}`))
	want := Lock{
		Status: Held, ID: "f997adfb", Operation: "OperationTypeApply", Who: "root@vm", Version: "1.11.4", Path: "b/k",
		Created: time.Date(2026, 11, 21, 21, 18, 17, 903343381, time.UTC),
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if got, err := ParseLockInfo([]byte(`{"ID":"x","Created":"yesterday"}`)); err != nil || !got.Created.IsZero() {
		t.Errorf("a time that cannot be read: %+v, %v", got, err)
	}
}

func TestRecordedLocksAreRead(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/incidents/*/lock-table.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("the recorded incidents are not there")
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct{ LockID, Info struct{ S string } }
		if err := json.Unmarshal(b, &rows); err != nil {
			t.Fatal(err)
		}
		row := Config{Bucket: "tf-state-prod", StateKey: "env/prod/network.tfstate"}.LockPath().Row
		held := 0
		for _, r := range rows {
			if r.LockID.S != row {
				continue
			}
			lock, err := ParseLockInfo([]byte(r.Info.S))
			if err != nil || lock.Created.IsZero() || lock.Path != row {
				t.Errorf("%s: %+v, %v", path, lock, err)
			}
			held++
		}
		if held != 1 {
			t.Errorf("%s: %d locks at %s, want 1", path, held, row)
		}
	}
}

func TestLockThatCannotBeReadIsStillHeld(t *testing.T) {
	for _, text := range []string{``, `null`, `{}`, `"x"`, `{"ID":1}`, `{"ID":"x"`} {
		got, err := ParseLockInfo([]byte(text))
		if err == nil || got.Status != Held || got.Error == "" || got.ID != "" {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

func FuzzParseLockInfo(f *testing.F) {
	f.Add([]byte(`{"ID":"x","Who":"a@b","Created":"2026-11-21T21:18:17.903343381Z"}`))
	f.Add([]byte(`{"ID":"x","Created":"9999-12-31T23:59:59-23:59"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		lock, err := ParseLockInfo(b)
		if lock.Status != Held || (err == nil) == (lock.ID == "") {
			t.Fatalf("%+v, %v", lock, err)
		}
		js, err := json.Marshal(lock)
		if err != nil {
			t.Fatal(err)
		}
		var back Lock
		if err := json.Unmarshal(js, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lock, back); diff != "" {
			t.Fatal(diff)
		}
	})
}
