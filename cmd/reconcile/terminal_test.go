package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"reconcile/providers"
	"reconcile/providers/watch"
)

func noEnv(string) string { return "" }

// TestProgressIsOneLineOnATerminalAndNothingInAPipe: a log must not fill with it.
func TestProgressIsOneLineOnATerminalAndNothingInAPipe(t *testing.T) {
	steps := []providers.Progress{
		{What: "ec2:DescribeVpcs", Region: "us-east-1", Done: 3, Total: 12, Items: 4},
		{What: "cloudtrail:LookupEvents", Region: "eu-west-1", Done: 2, Items: 100, Back: time.Date(2026, 1, 2, 21, 30, 0, 0, time.UTC)},
		{What: "ec2:DescribeSubnets", Region: "us-east-1", Done: 4, Total: 12, Items: 9},
	}
	for name, c := range map[string]struct {
		width   int
		quiet   bool
		wants   []string
		nothing bool
	}{
		"wide":   {120, false, []string{"4 of 12 listings, us-east-1 ec2:DescribeSubnets", "trail eu-west-1: page 2, 100 records, back to 21:30:00"}, false},
		"narrow": {30, false, []string{"trail eu-west-1"}, false},
		"pipe":   {0, false, nil, true},
		"quiet":  {120, true, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			s := newStatus(environment{stderr: &b, errTerminal: terminal{width: c.width}, getenv: noEnv}, c.quiet, false)
			for _, p := range steps {
				s.update(p)
			}
			s.done()
			if c.nothing {
				if b.Len() > 0 {
					t.Fatalf("printed %q", b.String())
				}
				return
			}
			lines := strings.Split(b.String(), "\r\x1b[K")
			if last := lines[len(lines)-1]; last != "" {
				t.Errorf("%q stays", last)
			}
			last := lines[len(lines)-2]
			for _, want := range c.wants {
				if !strings.Contains(last, want) {
					t.Errorf("%q lacks %q", last, want)
				}
			}
			if n := len([]rune(last)); n >= c.width {
				t.Errorf("%d columns on a terminal of %d: %q", n, c.width, last)
			}
		})
	}
}

// TestVerboseTellsEachCallAndHowLongItTook, with the code of a failure.
func TestVerboseTellsEachCallAndHowLongItTook(t *testing.T) {
	var b bytes.Buffer
	s := newStatus(environment{stderr: &b, errTerminal: terminal{width: 80}, getenv: noEnv}, false, true)
	f := watch.From(s.watching(context.Background()))
	f(watch.Call{Service: "EC2", Operation: "DescribeVpcs", Region: "us-east-1", Took: 43 * time.Millisecond})
	f(watch.Call{Service: "EC2", Operation: "DescribeSubnets", Region: "us-east-1", Took: 2 * time.Second, Failed: true, Code: "RequestLimitExceeded"})
	s.update(providers.Progress{What: "ec2:DescribeVpcs", Done: 1, Total: 2})
	want := "reconcile: EC2:DescribeVpcs us-east-1 43ms\nreconcile: EC2:DescribeSubnets us-east-1 2s failed RequestLimitExceeded\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if watch.From(newStatus(environment{stderr: &b, getenv: noEnv}, false, false).watching(context.Background())) != nil {
		t.Error("calls are told without -v")
	}
}

// TestTheLocaleTellsWhetherSymbolsShow.
func TestTheLocaleTellsWhetherSymbolsShow(t *testing.T) {
	for locale, want := range map[string]bool{"": false, "C": true, "POSIX": true, "en_US.UTF-8": false, "C.utf8": false, "de_DE.ISO-8859-1": true} {
		if got := ascii(func(name string) string {
			if name == "LANG" {
				return locale
			}
			return ""
		}); got != want {
			t.Errorf("%q: %v", locale, got)
		}
	}
}
