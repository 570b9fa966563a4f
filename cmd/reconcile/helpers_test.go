package main

import (
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/spf13/pflag"
)

type flagT = pflag.Flag

func importsOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
