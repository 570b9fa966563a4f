package wanted

import (
	"fmt"
	"path/filepath"
	"strings"
)

// undeclared doubts a plan that wants addresses which the configuration in dir
// does not declare: the folder is another one, or was edited since. Terraform
// imports nothing there.
func (pr *reading) undeclared(dir string) {
	root := pr.world.root.module
	if root == nil || len(root.resources)+len(root.calls) == 0 {
		return // nothing was read there, and a note says so
	}
	var missing []string
	wants := 0
	for i, inst := range pr.w.Instances {
		if inst.Action == Delete || inst.Action == Forget {
			continue
		}
		wants++
		if !pr.scopes[i].declares(inst.Type + "." + inst.Name) {
			missing = append(missing, inst.Address)
		}
	}
	if len(missing) == 0 {
		return
	}
	const most = 3
	named := strings.Join(missing[:min(len(missing), most)], ", ")
	if more := len(missing) - most; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	why := "it has been edited since"
	if len(missing) == wants {
		why = "it is another project's, or has been edited since"
	}
	pr.w.Doubts = append(pr.w.Doubts, fmt.Sprintf("the configuration in %s does not declare %s, which the plan wants: %s, and terraform import refuses what is not declared. Name the folder that was planned with --dir, or put the files back as they were",
		dir, named, why))
}

// declares reports whether a resource is declared in a module. Where the module
// could not be read nobody knows, and it counts as declared.
func (s *scope) declares(name string) bool {
	if s.module != nil {
		return s.module.resources[name] != nil
	}
	for at := s; at.parent != nil; at = at.parent {
		if m := at.parent.module; m != nil {
			return m.calls[at.name] != nil
		}
	}
	return true
}
