package incident

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"reconcile/internal/diff"
	"reconcile/internal/hint"
	"reconcile/internal/plan"
	"reconcile/internal/statefile"
	"reconcile/internal/tfdir"
)

// readGuard records what the script holds against the world before it runs a
// command: the folder, the files that a command's result depends on, the
// variables. Hashes only, never contents.
func (r *reading) readGuard() error {
	dir, err := filepath.Abs(r.o.Dir)
	if err != nil {
		return fmt.Errorf("finding the folder %s: %w", r.o.Dir, err)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return hint.Errorf("give the root module's folder with --dir", "%s is not a folder", r.o.Dir)
	}
	data := tfdir.Data(dir, r.o.Env)
	g := plan.Guard{Dir: dir, Files: []plan.FileHash{}, VarFiles: []string{}, Vars: slices.Sorted(slices.Values(r.o.Vars)),
		EmptyState: r.before().Format == statefile.None, Executable: true, KnownAlive: []plan.Alive{}}
	if g.Vars == nil {
		g.Vars = []string{}
	}
	for _, f := range r.o.VarFiles {
		abs, err := filepath.Abs(f)
		if err != nil {
			return fmt.Errorf("finding the variable file %s: %w", f, err)
		}
		in, err := hint.Open(f, "the variable file", "--var-file takes a path from here, not from --dir")
		if err != nil {
			return err
		}
		_ = in.Close() // it is hashed below
		g.VarFiles = append(g.VarFiles, abs)
	}
	if r.before().Format == statefile.ShowJSON {
		g.Executable = false
		g.WhyNot = "the state was given as terraform show -json, which has neither serial nor lineage: run plan again with the output of terraform state pull"
	}
	for _, d := range append([]string{"."}, localModules(dir, data)...) {
		if err := r.hashFolder(&g, dir, d); err != nil {
			return err
		}
	}
	for _, f := range g.VarFiles {
		rel, err := filepath.Rel(dir, f)
		if err != nil {
			rel = f
		}
		if !slices.ContainsFunc(g.Files, func(h plan.FileHash) bool { return h.Path == filepath.ToSlash(rel) }) {
			if err := r.hashFile(&g, dir, rel); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(g.Files, func(a, b plan.FileHash) int { return cmp.Compare(a.Path, b.Path) })
	g.Declares = declares(dir, data)
	r.guard = g
	r.providerVersion, err = lockedProvider(filepath.Join(dir, lockFile))
	return err
}

const lockFile = ".terraform.lock.hcl"

// lockedProvider reads the AWS provider's version from Terraform's lock file,
// "" if there is none.
func lockedProvider(path string) (string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", hint.File(path, "the provider's version in", "make it readable, or write it anew: terraform init", err)
	}
	file, diags := hclsyntax.ParseConfig(data, path, hcl.InitialPos)
	if diags.HasErrors() {
		return "", hint.Errorf("terraform init writes it anew", "reading the provider's version: %w", diags)
	}
	content, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "provider", LabelNames: []string{"source"}}}})
	for _, b := range content.Blocks {
		if !diff.IsAWS(b.Labels[0]) {
			continue
		}
		attrs, _ := b.Body.JustAttributes()
		if v, ok := attrs["version"]; ok {
			if version, diags := v.Expr.Value(nil); !diags.HasErrors() && version.Type() == cty.String && version.IsKnown() && !version.IsNull() {
				return version.AsString(), nil
			}
		}
	}
	return "", nil
}

// localModules are the folders of modules that nothing else pins: Terraform's
// record of downloaded ones does.
func localModules(dir, data string) []string {
	return slices.DeleteFunc(moduleFolders(data), func(d string) bool {
		return strings.HasPrefix(filepath.Join(dir, d)+string(filepath.Separator), data+string(filepath.Separator))
	})
}

func (r *reading) hashFolder(g *plan.Guard, root, dir string) error {
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return hint.File(filepath.Join(root, dir), "the configuration's", "make it readable: the script holds every file of the configuration against the plan", err)
	}
	for _, e := range entries {
		n := e.Name()
		if e.IsDir() || !(strings.HasSuffix(n, ".tf") || strings.HasSuffix(n, ".tf.json") || strings.HasSuffix(n, ".tfvars") ||
			strings.HasSuffix(n, ".tfvars.json") || n == lockFile) {
			continue
		}
		if err := r.hashFile(g, root, filepath.Join(dir, n)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) hashFile(g *plan.Guard, root, path string) error {
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(root, path)
	}
	data, err := os.ReadFile(full)
	if err != nil {
		return hint.File(full, "the configuration's", "make it readable: the script holds every file of the configuration against the plan", err)
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	r.o.asItWas(full, &hash, nil)
	g.Files = append(g.Files, plan.FileHash{Path: filepath.ToSlash(path), SHA256: hash})
	return nil
}
