package render

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

func rowFile(key string) string { return base64.URLEncoding.EncodeToString([]byte(key)) }

// fakeAWS is the part of the AWS CLI that the script uses. It keeps a table
// and a bucket, and honours the two conditions that the mutex rests on.
func fakeAWS(args []string) int {
	logCommand("aws", args)
	f := readFaults()
	option := func(name string) string {
		if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	fail := func(code, call string) int {
		fmt.Fprintf(os.Stderr, "\nAn error occurred (%s) when calling the %s operation: no\n", code, call)
		return 254
	}
	switch args[0] + " " + args[1] {
	case "sts get-caller-identity":
		fmt.Printf("%s\tarn:aws:sts::%s:assumed-role/ops/me\n", f.Account, f.Account)
	case "sts assume-role":
		name, _ := strings.CutPrefix(option("--cli-input-json"), "file://")
		data, err := os.ReadFile(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 255
		}
		os.WriteFile(world("role.json"), data, 0o600)
		fmt.Println("ASIAROLE\tsecret\ttoken")
	case "iam simulate-principal-policy":
		return fail("NoSuchEntity", "SimulatePrincipalPolicy")
	case "dynamodb put-item":
		return fakePut(option("--item"), fail)
	case "dynamodb get-item":
		row := fakeRow(option("--key"))
		attr := strings.Split(option("--query"), ".")[1]
		if text, ok := row[attr]["S"]; ok {
			fmt.Println(text)
		} else {
			fmt.Println("None")
		}
	case "dynamodb delete-item":
		var values map[string]map[string]string
		json.Unmarshal([]byte(option("--expression-attribute-values")), &values)
		row := fakeRow(option("--key"))
		if values != nil && row["ReconcileToken"]["S"] != values[":t"]["S"] {
			return fail("ConditionalCheckFailedException", "DeleteItem")
		}
		os.Remove(world("items", rowFile(row["LockID"]["S"])))
	case "s3api get-object":
		key := option("--key")
		path := world("objects", rowFile(key))
		if strings.HasSuffix(key, ".tfstate") {
			path = world("state.tfstate")
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fail("NoSuchKey", "GetObject")
		}
		out := args[slices.Index(args, "--key")+2]
		os.WriteFile(out, data, 0o600)
	case "s3api put-object":
		path := world("objects", rowFile(option("--key")))
		if _, err := os.Stat(path); err == nil && option("--if-none-match") == "*" {
			return fail("PreconditionFailed", "PutObject")
		}
		data, _ := os.ReadFile(option("--body"))
		os.WriteFile(path, data, 0o600)
	case "s3api delete-object":
		os.Remove(world("objects", rowFile(option("--key"))))
	default:
		if f.AliveCode != "" {
			return fail(f.AliveCode, "Describe")
		}
		fmt.Println(f.Alive)
	}
	return 0
}

func fakeRow(key string) map[string]map[string]string {
	var k map[string]map[string]string
	if err := json.Unmarshal([]byte(key), &k); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	row := map[string]map[string]string{}
	if data, err := os.ReadFile(world("items", rowFile(k["LockID"]["S"]))); err == nil {
		json.Unmarshal(data, &row)
	}
	return row
}

func fakePut(item string, fail func(code, call string) int) int {
	var row map[string]map[string]string
	if err := json.Unmarshal([]byte(item), &row); err != nil {
		fmt.Fprintln(os.Stderr, "the item is no JSON:", err)
		return 255
	}
	path := world("items", rowFile(row["LockID"]["S"]))
	if _, err := os.Stat(path); err == nil {
		return fail("ConditionalCheckFailedException", "PutItem")
	}
	os.WriteFile(path, []byte(item), 0o600)
	return 0
}
