package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"reconcile/internal/tfdir"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// block reads the backend block of the configuration, and -backend-config over
// it, as terraform init would. Values alone, without a configuration, are a
// backend too.
func (w Where) block(workspace string) (*Config, Secrets, error) {
	typ, args, file, err := w.written()
	if err != nil {
		return nil, Secrets{}, err
	}
	if file == "" {
		file = "--backend-config"
	}
	c := &Config{Type: typ, Source: file, Workspace: workspace}
	switch {
	case typ == "" && len(w.Configs) == 0:
		c.Type = "local"
		return c, Secrets{}, &Error{Problem: ErrNoBackend, File: w.Dir}
	case typ == "":
		c.Type = "s3"
	case typ != "s3":
		return c, Secrets{}, &Error{Problem: ErrOtherBackend, File: file, Type: typ, Detail: fmt.Sprintf("the backend is %q", typ)}
	}
	for _, given := range w.Configs {
		more, err := w.config(given)
		if err != nil {
			return nil, Secrets{}, err
		}
		maps.Copy(args, more)
	}
	js, _ := json.Marshal(args) // nothing is no block either
	return c.read(js, ErrBlock)
}

// written is the backend block of the folder's files: its type, its arguments
// and the file that has it. A later override file wins, as with Terraform.
func (w Where) written() (typ string, args map[string]json.RawMessage, file string, err error) {
	args = map[string]json.RawMessage{}
	files, err := tfdir.Files(w.Dir)
	if errors.Is(err, fs.ErrNotExist) || err != nil && !isFolder(w.Dir) {
		return "", args, "", &Error{Problem: ErrNotInitialised, File: w.Dir}
	}
	if err != nil {
		return "", args, "", &Error{Problem: ErrBlock, File: w.Dir, Detail: reason(err)}
	}
	if len(files) == 0 && len(w.Configs) == 0 {
		return "", args, "", &Error{Problem: ErrNotInitialised, File: w.Dir}
	}
	for _, name := range files {
		path := filepath.Join(w.Dir, name)
		t, body, err := blockIn(path)
		if err != nil {
			return "", args, "", err
		}
		if t == "" {
			continue
		}
		typ, file = t, path
		if t != "s3" {
			continue // only its name is of use
		}
		if args, err = literals(body, path); err != nil {
			return "", args, "", err
		}
	}
	return typ, args, file, nil
}

// blockIn finds the backend block of one file, "" if it has none.
func blockIn(path string) (string, hcl.Body, error) {
	f, err := parse(path)
	if err != nil {
		return "", nil, err
	}
	top, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}})
	typ, body := "", hcl.Body(nil)
	for _, b := range top.Blocks {
		inner, _, _ := b.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"}}})
		for _, b := range inner.Blocks {
			typ, body = "cloud", b.Body
			if b.Type == "backend" {
				typ = b.Labels[0]
			}
		}
	}
	return typ, body, nil
}

func parse(path string) (*hcl.File, error) {
	src, err := readSmall(path)
	if err != nil {
		return nil, &Error{Problem: ErrBlock, File: path, Detail: reason(err)}
	}
	f, diags := tfdir.Parse(src, path)
	if diags.HasErrors() {
		return nil, &Error{Problem: ErrBlock, File: path, Detail: summary(diags)}
	}
	return f, nil
}

// summary is what a diagnostic says without the text that it points to.
func summary(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if d.Subject != nil {
			return fmt.Sprintf("line %d: %s", d.Subject.Start.Line, strings.TrimSuffix(d.Summary, "."))
		}
		return strings.TrimSuffix(d.Summary, ".")
	}
	return "it cannot be parsed"
}

// literals are the arguments of a body as JSON. A backend block holds no
// references; OpenTofu allows some, which only it can evaluate.
func literals(body hcl.Body, path string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	attrs, diags := body.JustAttributes()
	if diags.HasErrors() && len(attrs) == 0 {
		return out, &Error{Problem: ErrBlock, File: path, Detail: summary(diags)}
	}
	for name, a := range attrs {
		v, err := literal(a.Expr)
		if err != nil {
			return out, &Error{Problem: ErrBlock, File: path, Detail: fmt.Sprintf("line %d: %s is not a plain value", a.Range.Start.Line, name)}
		}
		out[name] = v
	}
	return out, nil
}

func literal(e hcl.Expression) (json.RawMessage, error) {
	v, diags := e.Value(nil)
	if diags.HasErrors() || !v.IsWhollyKnown() {
		return nil, errors.New("it is not a plain value")
	}
	return ctyjson.Marshal(v, v.Type())
}

// config reads one -backend-config: NAME=VALUE, else a file. A path is taken
// from here, and if there is nothing, from the configuration's folder, where
// terraform init was run.
func (w Where) config(given string) (map[string]json.RawMessage, error) {
	name, value, isValue := strings.Cut(given, "=")
	if !isValue {
		path := given
		if _, err := os.Stat(path); err != nil && !filepath.IsAbs(path) {
			if inDir := filepath.Join(w.Dir, path); exists(inDir) {
				path = inDir
			}
		}
		f, err := parse(path)
		if err != nil {
			return nil, err
		}
		return literals(f.Body, path)
	}
	name = strings.TrimSpace(name)
	broken := &Error{Problem: ErrBlock, File: "--backend-config", Detail: fmt.Sprintf("the value of %q cannot be read", name)}
	if isText(name) {
		js, err := json.Marshal(value)
		if err != nil {
			return nil, broken
		}
		return map[string]json.RawMessage{name: js}, nil
	}
	e, diags := hclsyntax.ParseExpression([]byte(value), name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, broken
	}
	js, err := literal(e)
	if err != nil {
		return nil, broken
	}
	return map[string]json.RawMessage{name: js}, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
