package wanted

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScratch(t *testing.T) {
	for _, dir := range filepath.SplitList(os.Getenv("SCRATCH")) {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			x := terraformRun{t: t, bin: "terraform", dir: t.TempDir(), in: inputs{Workspace: "default"}, cli: "/tmp/hcl/rc"}
			tmp := t.TempDir()
			if err := os.CopyFS(filepath.Join(tmp, "config"), os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(tmp, "config", "backend.tf"))
			planned := x.plan(tmp, true)
			w, err := FromConfig(x.in.config(x.dir, stateOf(t, "nosuch")))
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile("/tmp/hcl/plan-"+filepath.Base(filepath.Dir(dir))+".json", planned, 0o600)
			s := held(t, w, stateOf(t, "nosuch"), planned)
			sameReferencesAs(t, w, read(t, "/tmp/hcl/plan-"+filepath.Base(filepath.Dir(dir))+".json", x.dir))
			t.Logf("%d of %d", s.told, s.known)
			for _, n := range w.Notes {
				t.Log(n)
			}
		})
	}
}
