package applylog

import (
	"strings"
	"testing"
	"time"
)

// TestHostileLinesTakeNoTime keeps lines that are made to be slow from holding
// an incident up.
func TestHostileLinesTakeNoTime(t *testing.T) {
	lines := []string{
		strings.Repeat(`{"@level":"i"}x`, 60000),
		strings.Repeat(`aws_x_y.z["a `, 70000) + strings.Repeat(": Creation complete after 1s", 20),
		strings.Repeat(`{"@`, 300000),
		strings.Repeat(": Creating...", 70000),
		strings.Repeat("aws_a_b.c: Creating...", 40000),
		strings.Repeat("\x1b[", 500000),
		strings.Repeat(`{"log":"`, 100000),
	}
	begun := time.Now()
	for _, line := range lines {
		if _, err := Read(strings.NewReader(line + "\n")); err != nil && err != ErrNothing {
			t.Error(err)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Fatalf("%.20s…: %v", line, took)
		}
	}
	t.Log(time.Since(begun))
}
