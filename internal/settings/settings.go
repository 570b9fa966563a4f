// Package settings reads .reconcile.hcl: defaults of flags, and rules of what
// is to be left alone, each with its reason.
package settings

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"reconcile/internal/hint"
	"reconcile/internal/plan"
)

// Name is the file that is looked for.
const Name = ".reconcile.hcl"

// File is what a file says.
type File struct {
	Path     string // absolute
	SHA256   string
	Defaults []Default // in the order of their names
	Ignore   []plan.Ignore
}

// Default is a flag's name, with dashes, and its values.
type Default struct {
	Flag   string
	Values []string
	Line   int
}

// largest bounds a file that a person wrote.
const largest = 1 << 20

// Read reads a file. One that nobody named and that is not there is nil.
func Read(path string, named bool) (*File, error) {
	f, err := os.Open(path)
	if (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) && !named {
		return nil, nil
	}
	const next = "give a file with --config, or --config none"
	if err != nil {
		return nil, hint.File(path, "the settings", next, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err != nil {
		return nil, hint.File(path, "the settings", next, err)
	}
	if len(data) > largest {
		return nil, hint.Errorf(next, "%s is too large for a file of settings", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", path, err)
	}
	out, err := parse(data, abs)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	out.SHA256 = hex.EncodeToString(sum[:])
	return out, nil
}

const howto = "see docs/settings.md, which has an example"

// parse reads the text of a file.
func parse(data []byte, path string) (*File, error) {
	file, diags := hclsyntax.ParseConfig(data, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, wrong(diags)
	}
	content, diags := file.Body.Content(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "defaults"}, {Type: "ignore"}}})
	if diags.HasErrors() {
		return nil, wrong(diags)
	}
	out := &File{Path: path, Defaults: []Default{}, Ignore: []plan.Ignore{}}
	for _, b := range content.Blocks {
		attrs, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			return nil, wrong(diags)
		}
		var err error
		if b.Type == "defaults" {
			err = out.defaults(attrs)
		} else {
			err = out.ignore(b.DefRange, attrs)
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out.Defaults, func(a, b Default) int { return strings.Compare(a.Flag, b.Flag) })
	for i := 1; i < len(out.Defaults); i++ {
		if out.Defaults[i].Flag == out.Defaults[i-1].Flag {
			return nil, hint.Errorf("leave one of them out", "%s: %s is given twice", path, out.Defaults[i].Flag)
		}
	}
	return out, nil
}

func wrong(diags hcl.Diagnostics) error {
	d := diags[0]
	where := ""
	if d.Subject != nil {
		where = fmt.Sprintf("%s, line %d: ", d.Subject.Filename, d.Subject.Start.Line)
	}
	return hint.Errorf(howto, "%s%s: %s", where, strings.TrimSuffix(d.Summary, "."), strings.TrimSuffix(d.Detail, "."))
}

func (f *File) defaults(attrs hcl.Attributes) error {
	for name, a := range attrs {
		values, err := texts(a)
		if err != nil {
			return err
		}
		f.Defaults = append(f.Defaults, Default{strings.ReplaceAll(name, "_", "-"), values, a.Range.Start.Line})
	}
	return nil
}

func at(r hcl.Range) string { return fmt.Sprintf("%s, line %d", r.Filename, r.Start.Line) }

// texts are an attribute's values: one, or those of a list.
func texts(a *hcl.Attribute) ([]string, error) {
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		return nil, wrong(diags)
	}
	list := []cty.Value{v}
	if v.IsKnown() && !v.IsNull() && (v.Type().IsTupleType() || v.Type().IsListType()) {
		list = v.AsValueSlice()
	}
	out := []string{}
	for _, one := range list {
		text, err := convert.Convert(one, cty.String)
		if err != nil || text.IsNull() || !text.IsKnown() {
			return nil, hint.Errorf(howto, "%s: %s is neither a text, a number, true or false, nor a list of texts", at(a.Range), a.Name)
		}
		out = append(out, text.AsString())
	}
	return out, nil
}

func (f *File) ignore(where hcl.Range, attrs hcl.Attributes) error {
	var rule plan.Ignore
	for name, a := range attrs {
		to := map[string]*string{"address": &rule.Address, "type": &rule.Type, "reason": &rule.Reason}[name]
		if to == nil {
			return hint.Errorf("a rule has address, type and reason", "%s: a rule has no %q", at(a.Range), name)
		}
		values, err := texts(a)
		if err != nil {
			return err
		}
		if len(values) != 1 {
			return hint.Errorf("write a rule for each", "%s: %s is a list", at(a.Range), name)
		}
		*to = strings.TrimSpace(values[0])
	}
	switch {
	case rule.Reason == "":
		return hint.Errorf(`add reason = "why it is left alone"`, "%s: the rule has no reason", at(where))
	case rule.Address == "" && rule.Type == "":
		return hint.Errorf(`add address = "module.legacy.*" or type = "aws_flow_log"`, "%s: the rule says neither address nor type", at(where))
	case strings.Trim(rule.Address+rule.Type, "*") == "":
		return hint.Errorf("say which addresses or types", "%s: the rule would ignore everything", at(where))
	}
	f.Ignore = append(f.Ignore, rule)
	return nil
}
