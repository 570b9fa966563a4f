package tfdir

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOverrideFilesComeLastAndOnlyTheConfigurationIsRead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"z.tf", "a_override.tf.json", "override.tf", "b.tf.json", ".hidden.tf", "x.tf~", "x.tfvars", "y.json", "sub.tf/in.tf"} {
		write(t, filepath.Join(dir, name), "")
	}
	got, err := Files(dir)
	if want := []string{"b.tf.json", "z.tf", "a_override.tf.json", "override.tf"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := Files(filepath.Join(dir, "nosuch")); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestARecordOfModulesThatIsBrokenIsNotTakenForNone(t *testing.T) {
	dir := t.TempDir()
	if got, err := Modules(dir); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	record := filepath.Join(dir, "modules", "modules.json")
	write(t, record, `{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"net.a","Dir":"m/a"}]}`)
	if got, err := Modules(dir); err != nil || !slices.Equal(got, []Module{{"", "."}, {"net.a", "m/a"}}) {
		t.Errorf("%v, %v", got, err)
	}
	write(t, record, "{")
	if _, err := Modules(dir); err == nil {
		t.Error("no error")
	}
}

func TestTheFolderOfInitIsWhereTheEnvironmentSays(t *testing.T) {
	for value, want := range map[string]string{"": "root/.terraform", "data": "root/data", "/data": "/data"} {
		if got := Data("root", func(string) string { return value }); filepath.ToSlash(got) != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}
