package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// durationValue is a flag that takes a length of time, never one below zero.
type durationValue struct{ to *time.Duration }

// durationVar adds a flag that takes a length of time. A default below zero is
// none: usage then says what holds.
func durationVar(fl *pflag.FlagSet, to *time.Duration, name string, value time.Duration, usage string) {
	*to = value
	fl.Var(durationValue{to}, name, usage)
}

func (v durationValue) Set(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return errors.New("is no duration such as 90s, 15m or 2h")
	case d < 0:
		return errors.New("is below zero")
	}
	*v.to = d
	return nil
}

// Type is what help calls the value.
func (v durationValue) Type() string { return "duration" }

func (v durationValue) String() string {
	if v.to == nil || *v.to < 0 {
		return ""
	}
	s := v.to.String()
	if rest, ok := strings.CutSuffix(s, "m0s"); ok {
		s = rest + "m"
	}
	if rest, ok := strings.CutSuffix(s, "h0m"); ok {
		s = rest + "h"
	}
	return s
}
