package bundle_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"reconcile/internal/bundle"
	"reconcile/internal/hint"
	"reconcile/internal/incident"
	"reconcile/providers/ec2/ec2test"
)

// TestAFailureReplaysAsTheSameFailure: a bundle is a bug report, of errors too.
func TestAFailureReplaysAsTheSameFailure(t *testing.T) {
	for name, change := range map[string]func(o *incident.Options, s *ec2test.Server, dir string){
		"nobody there":    func(_ *incident.Options, s *ec2test.Server, _ string) { s.Close() },
		"a denied caller": func(_ *incident.Options, s *ec2test.Server, _ string) { s.Deny("GetCallerIdentity") },
		"a state that is none": func(o *incident.Options, _ *ec2test.Server, dir string) {
			o.State = filepath.Join(dir, "truth.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, server, dir := staged(t, "first-apply-expire-8")
			change(&o, server, dir)
			_, b, _, failed := recorded(t, o, server, dir)
			if failed == nil {
				t.Fatal("it did not fail")
			}
			_, _, err := bundle.Replay(t.Context(), b, o.Tool, nil)
			if err == nil || err.Error() != failed.Error() || hint.Of(err) != hint.Of(failed) {
				t.Errorf("replayed as %v (%s), and it was %v (%s)", err, hint.Of(err), failed, hint.Of(failed))
			}
		})
	}
}

// TestWhatARecordingDoesNotAnswerIsNamed: a version that asks for more.
func TestWhatARecordingDoesNotAnswerIsNamed(t *testing.T) {
	o, server, dir := staged(t, "shared-network-expire-15")
	_, b, _, _ := recorded(t, o, server, dir)
	for i, c := range b.Calls {
		if c.Operation == "DescribeRouteTables" {
			b.Calls = append(b.Calls[:i], b.Calls[i+1:]...)
			break
		}
	}
	_, _, err := bundle.Replay(t.Context(), b, o.Tool, nil)
	if err == nil || !strings.Contains(err.Error(), "EC2:DescribeRouteTables in us-east-1, as own") || !strings.Contains(hint.Of(err), "use the version that recorded it: reconcile test") {
		t.Errorf("%v (%s)", err, hint.Of(err))
	}
}

// TestARecordedAnswerThatNobodyAsksForIsTold.
func TestARecordedAnswerThatNobodyAsksForIsTold(t *testing.T) {
	o, server, dir := staged(t, "shared-network-expire-15")
	_, b, _, _ := recorded(t, o, server, dir)
	more := b.Calls[0]
	more.Operation = "DescribeEverything"
	b.Calls = append(b.Calls, more)
	_, notes, err := bundle.Replay(t.Context(), b, o.Tool, nil)
	if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "DescribeEverything") {
		t.Errorf("%q, %v", notes, err)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	o, server, dir := staged(t, "first-apply-expire-8")
	_, _, packed, _ := recorded(t, o, server, dir)
	zip := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	damaged := bytes.Clone(packed)
	damaged[len(damaged)/2] ^= 0xff
	for name, c := range map[string]struct {
		in   []byte
		says string
	}{
		"nothing":     {nil, "no recording"},
		"a report":    {zip(`{"schema":"reconcile.report/v1"}`), "a report, not a recording"},
		"no JSON":     {zip("hello"), "no recording"},
		"cut off":     {packed[:len(packed)/2], "damaged or cut off"},
		"damaged":     {damaged, ""},
		"older":       {zip(`{"schema":"reconcile.bundle/v0","tool":{"name":"reconcile","version":"v0.1"}}`), `"reconcile.bundle/v0" and this version reads "reconcile.bundle/v1"`},
		"outside":     {zip(`{"schema":"reconcile.bundle/v1","now":"2026-01-01T00:00:00Z","files":[{"path":"/a/../../etc/passwd"}]}`), "no absolute path"},
		"without now": {zip(`{"schema":"reconcile.bundle/v1"}`), "does not say when"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundle.Read(bytes.NewReader(c.in))
			if err == nil || !strings.Contains(err.Error(), c.says) || hint.Of(err) == "" {
				t.Errorf("%v (%s)", err, hint.Of(err))
			}
		})
	}
}

// TestAnInterruptedRecordingIsNone: half of the answers would look like all.
func TestAnInterruptedRecordingIsNone(t *testing.T) {
	o, _, _ := staged(t, "first-apply-expire-8")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, b, err := bundle.Record(ctx, o); b != nil || err == nil {
		t.Errorf("there is a bundle, and the error is %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":"reconcile.bundle/v1","now":"2026-01-01T00:00:00Z","files":[{"path":"/x","data":"base64:AA=="}],"calls":[{"as":"own","answers":[{"body":"x"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := bundle.Read(&b)
		if err != nil {
			return
		}
		for _, file := range got.Files {
			if file.Path != "-" && strings.Contains(filepath.ToSlash(filepath.Clean(file.Path)), "/../") {
				t.Errorf("%q is laid out", file.Path)
			}
		}
	})
}
