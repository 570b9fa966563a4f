package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"reconcile/internal/incident"
	"reconcile/internal/tfdir"
)

// What a file is decides what is left out of it.
type sort int

const (
	asText sort = iota
	asState
	asPlan
	asHCL
	asJSON
	asTrail
)

// gathering collects the files that a plan reads.
type gathering struct {
	found map[string]sort
	dirs  map[string]bool
}

// gather reads the files that the options name and those of the configuration.
// What cannot be read is left out: the plan could not read it either.
func gather(o incident.Options, env *asked, stdin []byte, m *masker) []file {
	g := &gathering{map[string]sort{}, map[string]bool{o.Dir: true}}
	g.named(o)
	data := tfdir.Data(o.Dir, env.of)
	if info, err := os.Stat(data); err == nil && info.IsDir() {
		g.dirs[data] = true
	}
	for _, name := range []string{"terraform.tfstate", "environment", filepath.Join("modules", "modules.json")} {
		g.found[filepath.Join(data, name)] = asJSON
		g.found[filepath.Join(o.Dir, ".terraform", name)] = asJSON
	}
	g.found[filepath.Join(data, "environment")] = asText
	g.found[filepath.Join(o.Dir, ".terraform", "environment")] = asText
	g.found[filepath.Join(o.Dir, ".terraform.lock.hcl")] = asHCL
	if o.ErroredState == "" {
		g.found[filepath.Join(o.Dir, "errored.tfstate")] = asState
	}
	g.configuration(o.Dir, data)
	return g.read(o, stdin, m)
}

// named are the files that somebody named.
func (g *gathering) named(o incident.Options) {
	given := func(path string, is sort) {
		if path != "" && path != "-" && path != "none" {
			g.found[path] = is
		}
	}
	given(o.State, asState)
	given(o.PlanJSON, asPlan)
	given(o.ErroredState, asState)
	given(o.ApplyLog, asText)
	for _, f := range o.VarFiles {
		given(f, hclOrJSON(f))
	}
	for _, c := range o.Backend.Configs {
		if !strings.Contains(c, "=") {
			given(c, asHCL)
		}
	}
	for _, s := range o.Maps {
		if path, is := strings.CutPrefix(s, "@"); is {
			given(path, asText)
		}
	}
	if path, is := strings.CutPrefix(o.Trail.Source, "file:"); is && path != "-" {
		// The folder of a trail, or one file of it.
		_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				g.found[name] = asTrail
			}
			return nil
		})
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			g.dirs[path] = true
		}
	}
}

func hclOrJSON(name string) sort {
	if strings.HasSuffix(name, ".json") {
		return asJSON
	}
	return asHCL
}

var (
	localSource = regexp.MustCompile(`source"?\s*[=:]\s*"(\.\.?/[^"]*)"`)
	// A text that may name a file beside the configuration: an argument of file().
	quoted = regexp.MustCompile(`"(?:\$\{path\.(?:module|root|cwd)\}/)?([A-Za-z0-9_./ -]{1,200})"`)
)

// mostFolders bounds a configuration that calls itself.
const mostFolders = 500

// configuration finds the folders of all modules and what lies in them.
func (g *gathering) configuration(root, data string) {
	queue := []string{root}
	modules, _ := tfdir.Modules(data) // none in a record that is broken
	for _, m := range modules {
		if !filepath.IsAbs(m.Dir) {
			queue = append(queue, filepath.Join(root, filepath.FromSlash(m.Dir)))
		}
	}
	seen := map[string]bool{}
	for len(queue) > 0 && len(seen) < mostFolders {
		dir := queue[0]
		queue = queue[1:]
		if seen[dir] {
			continue
		}
		seen[dir] = true
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		g.dirs[dir] = true
		for _, e := range entries {
			n := e.Name()
			isConfig := strings.HasSuffix(n, ".tf") || strings.HasSuffix(n, ".tf.json")
			if e.IsDir() || !isConfig && !strings.HasSuffix(n, ".tfvars") && !strings.HasSuffix(n, ".tfvars.json") {
				continue
			}
			path := filepath.Join(dir, n)
			g.found[path] = hclOrJSON(n)
			text, err := os.ReadFile(path)
			if err != nil || !isConfig {
				continue
			}
			for _, match := range localSource.FindAllSubmatch(text, -1) {
				queue = append(queue, filepath.Join(dir, filepath.FromSlash(string(match[1]))))
			}
			g.mentioned(root, dir, text)
		}
	}
}

// mentioned adds the small files inside the configuration that a text of it may
// read: templates, policies, lists of subnets.
func (g *gathering) mentioned(root, dir string, text []byte) {
	for _, match := range quoted.FindAllSubmatch(text, -1) {
		name := string(match[1])
		if !filepath.IsLocal(filepath.FromSlash(name)) || !strings.Contains(name, ".") {
			continue
		}
		for _, base := range []string{dir, root} {
			path := filepath.Join(base, filepath.FromSlash(name))
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size() <= 1<<20 && g.found[path] == asText {
				g.found[path] = asText
			}
		}
	}
}

// read reads what was found, in order, and leaves out what must not be kept.
// The configuration comes first: it says which variables are secret.
func (g *gathering) read(o incident.Options, stdin []byte, m *masker) []file {
	var out []file
	for dir := range g.dirs {
		out = append(out, file{Path: dir, Folder: true})
	}
	type content struct {
		file file
		is   sort
		data []byte
	}
	var all []content
	for path, is := range g.found {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		all = append(all, content{file{Path: path, Time: info.ModTime().UTC()}, is, data})
	}
	if len(stdin) > 0 {
		is := asState
		if o.State != "-" {
			is = asTrail
		}
		all = append(all, content{file{Path: "-"}, is, stdin})
	}
	slices.SortFunc(all, func(a, b content) int { return strings.Compare(a.file.Path, b.file.Path) })
	for _, c := range all {
		if c.is == asHCL || c.is == asJSON {
			m.learn(c.file.Path, c.data)
		}
	}
	for _, c := range all {
		sum := sha256.Sum256(c.data)
		c.file.SHA256, c.file.Bytes = hex.EncodeToString(sum[:]), int64(len(c.data))
		switch c.is {
		case asState:
			c.file.Data = m.state(c.data)
		case asPlan:
			c.file.Data = m.plan(c.data)
		case asHCL:
			c.file.Data = m.hcl(c.file.Path, c.data)
		case asJSON:
			c.file.Data = m.json(c.data)
		case asTrail:
			c.file.Data = m.answer(c.data)
		default:
			c.file.Data = c.data
			if utf8.Valid(c.data) {
				c.file.Data = []byte(m.text(string(c.data)))
			}
		}
		out = append(out, c.file)
	}
	slices.SortStableFunc(out, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	return out
}
