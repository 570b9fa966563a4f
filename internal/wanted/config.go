package wanted

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"reconcile/internal/tfdir"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// module is one module of the configuration, its override files merged in.
type module struct {
	path      string // relative to the root's folder, as path.module says it
	variables map[string]*variable
	locals    map[string]*expression
	resources map[string]*resource // "aws_vpc.this", "data.aws_ami.this"
	calls     map[string]*call
	outputs   map[string]*output
	providers map[string]*providerBlock // "aws", "aws.west"
	sources   map[string]string         // of required_providers, by local name
	moved     []moved
	removed   []removed
	imports   []importBlock
}

type variable struct {
	ty        cty.Type // cty.NilType: any
	defaults  *typeexpr.Defaults
	value     *expression // the default, nil if there is none
	nullable  bool
	sensitive bool
	literal   bool // -var and TF_VAR_ give text, not an expression
}

type output struct {
	value     *expression // nil if it has none
	sensitive bool
	dependsOn []hcl.Traversal
}

type resource struct {
	count, forEach *expression
	attrs          map[string]*expression
	blocks         []*nested
	unread         []string // nested blocks in a form that is not evaluated
	life           lifecycle
	provider       string // "aws.west", "" if none is named
	dependsOn      []hcl.Traversal
	// beside are references that matter for the order only.
	beside []hcl.Traversal
}

type call struct {
	name           string
	source         string
	count, forEach *expression
	args           map[string]*expression
	providers      map[string]string // its own names to the caller's
	dependsOn      []hcl.Traversal
	module         *module // nil: could not be read
}

type providerBlock struct {
	attrs  map[string]*expression
	blocks map[string]map[string]*expression // nested blocks, the first of each type
}

// loader reads the modules of a configuration.
type loader struct {
	root      string
	functions map[string]function.Function
	iterators []string          // of the dynamic blocks around what is read
	installed map[string]string // call path "a.b" -> folder relative to root
	notes     []string
	files     int
}

// A configuration has hundreds of files, not tens of thousands; a module that
// calls itself would go on for ever.
const (
	deepestModule = 24
	mostFiles     = 20000
)

// loadConfig reads the configuration, if there is a folder to read. Modules that
// cannot be read are left out and named in the notes; an error means that the
// root cannot be read.
func loadConfig(c Config, functions map[string]function.Function) (*module, []string, error) {
	if c.Dir == "" {
		return nil, nil, nil
	}
	l := &loader{root: c.Dir, functions: functions, installed: map[string]string{}}
	installed, err := tfdir.Modules(tfdir.Data(c.Dir, c.getenv))
	if err != nil {
		l.notes = append(l.notes, ".terraform/modules/modules.json cannot be read as JSON, so modules from a registry or from git are not evaluated: run terraform init again")
	}
	for _, m := range installed {
		l.installed[m.Key] = m.Dir
	}
	root, err := l.load(".", nil)
	return root, l.notes, err
}

// load reads one module and, below it, those that it calls.
func (l *loader) load(dir string, callPath []string) (*module, error) {
	m := &module{
		path:      filepath.ToSlash(dir),
		variables: map[string]*variable{}, locals: map[string]*expression{}, resources: map[string]*resource{},
		calls: map[string]*call{}, outputs: map[string]*output{}, providers: map[string]*providerBlock{}, sources: map[string]string{},
	}
	files, err := tfdir.Files(filepath.Join(l.root, dir))
	if err != nil {
		return nil, fmt.Errorf("reading the configuration's folder: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("there is no .tf file in the configuration's folder")
	}
	for _, name := range files {
		if l.files++; l.files > mostFiles {
			return nil, errors.New("the configuration has too many files")
		}
		if err := l.file(m, filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	l.below(m, dir, callPath)
	return m, nil
}

func (l *loader) below(m *module, dir string, callPath []string) {
	for _, name := range slices.Sorted(maps.Keys(m.calls)) {
		c := m.calls[name]
		at := append(slices.Clone(callPath), name)
		sub, local := l.installed[strings.Join(at, ".")], false
		if strings.HasPrefix(c.source, "./") || strings.HasPrefix(c.source, "../") {
			sub, local = filepath.Join(dir, filepath.FromSlash(c.source)), true
		}
		var err error
		switch {
		case len(at) > deepestModule:
			err = errors.New("modules are nested too deeply")
		case sub == "":
			err = errors.New("it is not in .terraform/modules: run terraform init")
		case filepath.IsAbs(sub):
			err = errors.New("its folder in .terraform/modules/modules.json is absolute")
		default:
			c.module, err = l.load(sub, at)
		}
		if err != nil {
			what := path.Join("module", strings.Join(at, "."))
			if local {
				what += " (" + c.source + ")"
			}
			l.notes = append(l.notes, fmt.Sprintf("%s is not evaluated: %v", what, err))
		}
	}
}

var fileSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "variable", LabelNames: []string{"name"}}, {Type: "locals"},
	{Type: "resource", LabelNames: []string{"type", "name"}}, {Type: "data", LabelNames: []string{"type", "name"}},
	{Type: "module", LabelNames: []string{"name"}}, {Type: "output", LabelNames: []string{"name"}},
	{Type: "provider", LabelNames: []string{"name"}}, {Type: "terraform"}, {Type: "moved"}, {Type: "removed"}, {Type: "import"},
}}

// file merges one file into the module. A later file's arguments replace those
// of an earlier one, which is what override files do; Terraform has refused a
// second definition anywhere else.
func (l *loader) file(m *module, name string) error {
	src, err := os.ReadFile(filepath.Join(l.root, name))
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	f, diags := tfdir.Parse(src, filepath.ToSlash(name))
	if diags.HasErrors() {
		return fmt.Errorf("reading the configuration: %s", firstError(diags))
	}
	content, _, diags := f.Body.PartialContent(fileSchema)
	if diags.HasErrors() {
		return fmt.Errorf("reading the configuration: %s", firstError(diags))
	}
	for _, b := range content.Blocks {
		if err := l.block(m, b); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) block(m *module, b *hcl.Block) error {
	for _, name := range b.Labels {
		if b.Type != "provider" && (!hclsyntax.ValidIdentifier(name) || (b.Type == "resource" && (name == "module" || name == "data"))) {
			return fmt.Errorf("reading the configuration: %s line %d: a %s of a name that cannot be", b.DefRange.Filename, b.DefRange.Start.Line, b.Type)
		}
	}
	switch b.Type {
	case "variable":
		return l.variable(m, b)
	case "locals":
		maps.Copy(m.locals, l.attributes(b.Body))
	case "output":
		l.output(m, b)
	case "resource", "data":
		key := b.Labels[0] + "." + b.Labels[1]
		if b.Type == "data" {
			key = "data." + key
		}
		if m.resources[key] == nil {
			m.resources[key] = &resource{attrs: map[string]*expression{}}
		}
		l.resource(m.resources[key], b.Body)
	case "module":
		l.call(m, b)
	case "provider":
		l.provider(m, b)
	case "terraform":
		l.sources(m, b.Body)
	case "moved", "removed":
		l.move(m, b)
	case "import":
		l.imports(m, b)
	}
	return nil
}

// attributes returns the arguments of a block, but for some.
func (l *loader) attributes(body hcl.Body, but ...string) map[string]*expression {
	out := map[string]*expression{}
	if native, ok := body.(*hclsyntax.Body); ok {
		for name, a := range native.Attributes {
			if !slices.Contains(but, name) {
				out[name] = prepare(a.Expr, l.functions, l.iterators...)
			}
		}
		return out
	}
	attrs, _ := body.JustAttributes()
	for name, a := range attrs {
		if slices.Contains(but, name) {
			continue
		}
		if e, ok := fromJSON(a.Expr); ok {
			out[name] = prepare(e, l.functions, l.iterators...)
		}
	}
	return out
}

// firstBlocks returns the arguments of the first nested block of each type. JSON
// spells a block as an object, which is not told from an argument here.
func (l *loader) firstBlocks(body hcl.Body) map[string]map[string]*expression {
	out := map[string]map[string]*expression{}
	if native, ok := body.(*hclsyntax.Body); ok {
		for _, b := range native.Blocks {
			if _, ok := out[b.Type]; !ok {
				out[b.Type] = l.attributes(b.Body)
			}
		}
	}
	return out
}

// take moves an argument out of the map.
func take(attrs map[string]*expression, name string, to **expression) {
	if e, ok := attrs[name]; ok {
		*to = e
		delete(attrs, name)
	}
}

func firstError(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		where := ""
		if d.Subject != nil {
			where = fmt.Sprintf("%s line %d: ", d.Subject.Filename, d.Subject.Start.Line)
		}
		return where + strings.TrimSuffix(d.Summary, ".")
	}
	return "no error"
}
