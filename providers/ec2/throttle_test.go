package ec2

import "testing"

// TestThrottlingSlowsTheReadingAndPassingCallsSpeedItUpAgain keeps the pace
// between a quarter of its base and the base.
func TestThrottlingSlowsTheReadingAndPassingCallsSpeedItUpAgain(t *testing.T) {
	if got := adapted(20, 20, true); got >= 20 {
		t.Errorf("a throttled call leaves the rate at %v", got)
	}
	slow := adapted(20, 20, false)
	if slow != 20 {
		t.Errorf("a call that passes raises the base to %v", slow)
	}
	for range 50 {
		slow = adapted(slow, 20, true)
	}
	if slow != 5 {
		t.Errorf("throttled for long: %v, want a quarter of 20", slow)
	}
	for range 50 {
		slow = adapted(slow, 20, false)
	}
	if slow != 20 {
		t.Errorf("after throttling has ended: %v, want 20", slow)
	}
}
