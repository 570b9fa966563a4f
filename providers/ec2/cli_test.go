package ec2_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"reconcile/internal/need"
	"reconcile/providers/ec2/ec2test"
)

// TestTheAWSCLIAnswersTheLastLook asks the real AWS CLI what the script asks it
// before a removal, about an object that is there and one that is not.
func TestTheAWSCLIAnswersTheLastLook(t *testing.T) {
	need.NoRace(t, need.Processes)
	path := need.AWS(t)
	f := everything()
	there, empty := serve(t, f.world), serve(t, ec2test.NewWorld(account, region))
	for _, row := range f.rows {
		if row.Unread != "" {
			continue
		}
		t.Run(row.Type, func(t *testing.T) {
			t.Parallel()
			argv := row.Confirm(f.objects(t, row.Type)[0].Attrs)
			if n, code := ask(t, path, there.URL, argv); n < 1 {
				t.Errorf("a living object: %d, %s, by %q", n, code, argv)
			}
			if thereIsAlwaysOne(row) {
				return
			}
			// An error that is no sign of absence leaves the removal unconfirmed.
			if n, code := ask(t, path, empty.URL, argv); n != 0 && code == "" {
				t.Errorf("an object that is not there: %d, by %q", n, argv)
			}
		})
	}
}

// ask gives the number that the CLI prints, or -1 and the error's code.
func ask(t *testing.T, path, endpoint string, argv []string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, append(slices.Clone(argv), "--endpoint-url", endpoint)...)
	home := t.TempDir()
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "AWS_") }),
		"AWS_ACCESS_KEY_ID=ASIAOPERATOR00000001", "AWS_SECRET_ACCESS_KEY=none", "AWS_DEFAULT_REGION="+region, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"AWS_CONFIG_FILE="+home+"/config", "AWS_SHARED_CREDENTIALS_FILE="+home+"/credentials")
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		if strings.Contains(problem.String(), "Invalid choice") || strings.Contains(problem.String(), "Unknown options") {
			t.Skipf("this version of the AWS CLI does not know the call: %q", argv)
		}
		_, code, _ := strings.Cut(problem.String(), "An error occurred (")
		code, _, found := strings.Cut(code, ")")
		if !found {
			t.Errorf("%v: %s", err, problem.String())
		}
		return -1, code
	}
	n, err := strconv.Atoi(strings.TrimSpace(out.String()))
	if err != nil {
		t.Errorf("%q is no number: %q", out.String(), argv)
		return -1, ""
	}
	return n, ""
}
