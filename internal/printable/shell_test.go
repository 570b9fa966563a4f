package printable

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"reconcile/internal/need"
)

func TestAShellTakesACopiedCommandApartIntoTheSameWords(t *testing.T) {
	bash := need.Tool(t, "bash")
	bits := rapid.SampledFrom([]string{"a", "7", " ", "'", `"`, `\`, "$(id)", "`id`", "\n", "\t", "\x1b[31m", "\u202e", "\u200b", "é", "😀", "\xff", "!", "*", "~", "=", "-", "\\n"})
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(bits, 0, 8).Draw(t, "bits"), "") }), 1, 4).Draw(t, "words")
		command := Shell(words...)
		if Clean(command) != command {
			t.Fatalf("%q is not what is seen", command)
		}
		out, err := exec.Command(bash, "-c", `printf '%s\0' `+command).Output()
		if err != nil {
			t.Fatalf("%v: %s", err, command)
		}
		if got := strings.TrimSuffix(string(out), "\x00"); got != strings.Join(words, "\x00") {
			t.Fatalf("%s arrives as %q, want %q", command, got, words)
		}
	})
}

func TestAPlainCommandIsLeftPlain(t *testing.T) {
	for want, argv := range map[string][]string{
		`terraform import aws_vpc.a vpc-1`:      {"terraform", "import", "aws_vpc.a", "vpc-1"},
		`terraform state rm 'aws_vpc.a["b c"]'`: {"terraform", "state", "rm", `aws_vpc.a["b c"]`},
		`x $'a\342\200\256b'`:                   {"x", "a\u202eb"},
		`x $'it\'s\012two'`:                     {"x", "it's\ntwo"},
	} {
		if got := Shell(argv...); got != want {
			t.Errorf("%q is written %s, want %s", argv, got, want)
		}
	}
}

func TestOfATextOfSeveralLinesOnlyTheBreaksStay(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb":            "a\nb",
		"a\r\nb\t\x1b[2J": "a\\u{d}\nb\\u{9}\\u{1b}[2J",
		"\u202eid\u200b":  `\u{202e}id\u{200b}`,
		"":                "",
	} {
		if got := Lines(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
