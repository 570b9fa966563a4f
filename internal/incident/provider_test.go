package incident

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheProvidersVersionIsThatOfTheLockFile(t *testing.T) {
	for name, c := range map[string]struct{ text, version, err string }{
		"none":                {"", "", ""},
		"another provider":    {`provider "registry.terraform.io/hashicorp/random" { version = "3.0.0" }`, "", ""},
		"Terraform's":         {"provider \"registry.terraform.io/hashicorp/random\" {\n  version = \"3.0.0\"\n}\nprovider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"6.2.1\"\n  constraints = \"~> 6.0\"\n  hashes = [\n    \"h1:x\",\n  ]\n}\n", "6.2.1", ""},
		"OpenTofu's":          {"provider \"registry.opentofu.org/hashicorp/aws\" {\n  version = \"5.100.0\"\n}\n", "5.100.0", ""},
		"cut off":             {"provider \"registry.terraform.io/hashicorp/aws\" {\n  version = ", "", "reading the provider's version"},
		"a version of none":   {"provider \"registry.terraform.io/hashicorp/aws\" {\n  version = null\n}\n", "", ""},
		"a version that asks": {"provider \"registry.terraform.io/hashicorp/aws\" {\n  version = var.x\n}\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), lockFile)
			if c.text != "" {
				if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := lockedProvider(path)
			if got != c.version || (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
