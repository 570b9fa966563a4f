package need

import (
	"bufio"
	_ "embed" // the AWS CLI's process
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed warmaws.py
var awscliProcess []byte

// awscliCall is the program that a test finds as aws: it hands the call over.
const awscliCall = `#!%s -IS
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(%q)
socket.send_fds(s, [json.dumps({"args": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}).encode()], [0, 1, 2])
sys.exit(int(s.recv(64) or b"255"))
`

// AWS asks for the AWS CLI and gives its path. For the length of the test it is
// first on PATH. It is the real one; where its code is in Python, version 1,
// it is started once for all calls of the test, so that a call takes a tenth of
// its second. RECONCILE_PLAIN_AWS, and what stands in the way, leave it as it is.
func AWS(t testing.TB) string {
	t.Helper()
	installed := Tool(t, "aws")
	if _, err := os.Stat(filepath.Join(filepath.Dir(installed), "warmaws.py")); err == nil {
		return installed // the test around this one asked for it
	}
	python := awscliPython(installed)
	if python == "" || os.Getenv("RECONCILE_PLAIN_AWS") != "" {
		return installed
	}
	dir, err := os.MkdirTemp("", "aws") // t's own may be longer than a socket's name may be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path, socket := filepath.Join(dir, "aws"), filepath.Join(dir, "socket")
	for name, text := range map[string]string{path: fmt.Sprintf(awscliCall, python, socket), filepath.Join(dir, "warmaws.py"): string(awscliProcess)} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	server := exec.Command(python, filepath.Join(dir, "warmaws.py"), socket)
	var problem strings.Builder
	server.Stderr = &problem
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = server.Wait()
		t.Logf("the AWS CLI is started anew for each call: %v: %s", err, problem.String())
		return installed
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return path
}

// awscliPython is the interpreter that an installed AWS CLI runs in, "" where it
// is no program of Python's or of a version whose parts are not known.
func awscliPython(path string) string {
	said, err := exec.Command(path, "--version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(said), "aws-cli/1.") {
		return ""
	}
	for range 2 {
		text, err := os.ReadFile(path)
		if err != nil {
			return ""
		}
		line, _, _ := strings.Cut(string(text), "\n")
		program, isScript := strings.CutPrefix(line, "#!")
		program = strings.TrimSpace(program)
		switch {
		case isScript && strings.HasPrefix(filepath.Base(program), "python") && !strings.Contains(program, " "):
			return program
		case !strings.Contains(string(text), "pyenv"):
			return ""
		}
		real, err := exec.Command("pyenv", "which", "aws").Output() // a shim stands in its place
		if err != nil {
			return ""
		}
		path = strings.TrimSpace(string(real))
	}
	return ""
}
