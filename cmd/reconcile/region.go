package main

import (
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"reconcile/internal/hint"
)

// regionForm catches a slip before it becomes an address that does not exist.
var regionForm = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

func checkRegion(s string) error {
	if !regionForm.MatchString(s) {
		return hint.Errorf("a region looks like eu-west-1; aws ec2 describe-regions lists them", "is not the name of a region")
	}
	return nil
}

// regionValue is a flag that takes one region.
type regionValue struct{ to *string }

func regionVar(fl *pflag.FlagSet, to *string, name, usage string) {
	fl.Var(regionValue{to}, name, usage)
}

func (v regionValue) Set(s string) error {
	if err := checkRegion(s); err != nil {
		return err
	}
	*v.to = s
	return nil
}

// Type is what help calls the value.
func (v regionValue) Type() string { return "REGION" }

func (v regionValue) String() string {
	if v.to == nil {
		return ""
	}
	return *v.to
}

// regionsValue is a flag that takes regions, with commas between or one at a
// time.
type regionsValue struct{ to *[]string }

func regionsVar(fl *pflag.FlagSet, to *[]string, name, usage string) {
	fl.Var(regionsValue{to}, name, usage)
}

func (v regionsValue) Set(s string) error {
	regions := strings.Split(s, ",")
	for i := range regions {
		regions[i] = strings.TrimSpace(regions[i])
		if err := checkRegion(regions[i]); err != nil {
			return err
		}
	}
	*v.to = append(*v.to, regions...)
	return nil
}

// Type is what help calls the value.
func (v regionsValue) Type() string { return "REGION" }

func (v regionsValue) String() string {
	if v.to == nil {
		return ""
	}
	return strings.Join(*v.to, ",")
}
