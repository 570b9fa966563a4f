package main

import (
	"errors"
	"strings"

	"reconcile/internal/incident"
	"reconcile/internal/wanted"
)

// variable is what help calls the value of --var.
const variable = "NAME[=VALUE]"

// inputFlag is --var or --var-file. Both fill one list, since the later of two
// wins, as with Terraform.
type inputFlag struct {
	o    *incident.Options
	file bool
}

func (f *inputFlag) Set(s string) error {
	if f.file {
		f.o.VarFiles = append(f.o.VarFiles, s)
		f.o.Inputs = append(f.o.Inputs, wanted.Input{File: s})
		return nil
	}
	name, value, given := strings.Cut(s, "=")
	if name == "" {
		return errors.New("a variable has the form NAME or NAME=VALUE")
	}
	f.o.Vars = append(f.o.Vars, name)
	if given {
		f.o.Inputs = append(f.o.Inputs, wanted.Input{Name: name, Value: value})
	}
	return nil
}

// Type is what help calls the value.
func (f *inputFlag) Type() string {
	if f.file {
		return "FILE"
	}
	return variable
}

// String is empty: a value is never shown.
func (f *inputFlag) String() string { return "" }
