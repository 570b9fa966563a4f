package need

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTheAWSCLIThatIsStartedOnceAnswersAsTheInstalledOne: what a script sees of
// a call is its two outputs and its exit code, by its own environment and folder.
func TestTheAWSCLIThatIsStartedOnceAnswersAsTheInstalledOne(t *testing.T) {
	NoRace(t, Processes)
	installed := Tool(t, "aws")
	once := AWS(t)
	if once == installed {
		t.Skip("the AWS CLI here is no version 1 in Python of its own: there is nothing to compare")
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/role.json", []byte(`{"RoleArn": "arn:aws:iam::123456789012:role/x", "RoleSessionName": "y"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, env, stdin string
	}{
		{"--version", "", ""},
		{"s3api head-object --bucket b --key k --endpoint-url http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_MAX_ATTEMPTS=1", ""},
		{"sts get-caller-identity", "AWS_EC2_METADATA_DISABLED=true AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null", ""},
		{"ec2 describe-nothing", "", ""},
		{"sts assume-role --cli-input-json file://role.json", "AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y", ""},
		{"dynamodb put-item --table-name x --item file:///dev/stdin", "AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_DEFAULT_REGION=eu-west-1", "not JSON"},
	} {
		call := func(path string) (string, string, int) {
			run := exec.Command(path, strings.Fields(c.args)...)
			var out, problem strings.Builder
			run.Dir, run.Stdin, run.Stdout, run.Stderr = dir, strings.NewReader(c.stdin), &out, &problem
			run.Env = append(strings.Fields(c.env), "PATH="+os.Getenv("PATH"), "HOME="+dir)
			if err := run.Run(); err != nil && run.ProcessState == nil {
				t.Fatal(err)
			}
			return out.String(), problem.String(), run.ProcessState.ExitCode()
		}
		out, problem, code := call(once)
		wantOut, wantProblem, want := call(installed)
		if out != wantOut || problem != wantProblem || code != want {
			t.Errorf("aws %s\nprints %q\nand    %q, ends with %d; want\n       %q\nand    %q, %d", c.args, out, problem, code, wantOut, wantProblem, want)
		}
	}
}
