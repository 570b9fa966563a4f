package incident

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"reconcile/internal/plan"
)

func TestWhatTheConfigurationDeclaresIsRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"live/main.tf": `resource "aws_vpc" "b" {}
resource "aws_vpc" "a" {
  tags = <<-X
    resource "aws_vpc" "in_a_text" {}
  X
}
/* resource "aws_vpc" "in_a_comment" {} */
data "aws_vpc" "c" {}
output "o" { value = 1 }`,
		"live/more.tf.json":                       `{"resource": {"aws_eip": {"j": {}}}, "output": {"oj": {"value": 1}}}`,
		"live/broken.tf":                          `resource "aws_vpc" {`,
		"live/a_override.tf":                      `resource "aws_vpc" "a" {}`,
		"live/notes.txt":                          `resource "aws_vpc" "in_a_note" {}`,
		"live/.hidden.tf":                         `resource "aws_vpc" "hidden" {}`,
		"live/.terraform/modules/vpc/main.tf":     `resource "aws_subnet" "down" {}`,
		"shared/m/main.tf":                        `resource "aws_route" "r" {}` + "\n" + `output "not_of_the_root" { value = 1 }`,
		"live/.terraform/modules/modules.json":    `{"Modules":[{"Key":"","Dir":"."},{"Key":"m","Dir":"../shared/m"},{"Key":"m2","Dir":"../shared/m"},{"Key":"vpc","Dir":".terraform/modules/vpc"},{"Key":"gone","Dir":"nosuch"}]}`,
		"live/unrelated/folder/that/is/no/mod.tf": `resource "aws_vpc" "no" {}`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []plan.Declared{
		{Dir: ".", Resources: []string{"aws_eip.j", "aws_vpc.a", "aws_vpc.b"}, Outputs: []string{"o", "oj"}},
		{Dir: "../shared/m", Resources: []string{"aws_route.r"}, Outputs: []string{}},
		{Dir: ".terraform/modules/vpc", Resources: []string{"aws_subnet.down"}, Outputs: []string{}},
	}
	if diff := cmp.Diff(want, declares(filepath.Join(dir, "live"), filepath.Join(dir, "live", ".terraform"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := declares(filepath.Join(dir, "nosuch"), filepath.Join(dir, "nosuch", ".terraform")); len(got) > 0 {
		t.Errorf("a folder that is not there declares %v", got)
	}
}
