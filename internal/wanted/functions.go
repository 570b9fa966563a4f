package wanted

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-cty-funcs/cidr"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions returns Terraform's functions as far as reconcile has them. Those
// that are not pure (timestamp, uuid, bcrypt) are left out on purpose; file
// reads inside dir only, and is left out if dir is "".
func functions(dir string) map[string]function.Function {
	out := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
		"signum": stdlib.SignumFunc,

		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc,
		"indent": stdlib.IndentFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
		"substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"upper": stdlib.UpperFunc, "formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,

		"chunklist": stdlib.ChunklistFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "keys": ofWhole(stdlib.KeysFunc),
		"lookup": lookupFunc(), "merge": stdlib.MergeFunc, "range": stdlib.RangeFunc,
		"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": ofWhole(stdlib.ValuesFunc), "zipmap": stdlib.ZipmapFunc,

		"cidrhost": cidr.HostFunc, "cidrnetmask": cidr.NetmaskFunc, "cidrsubnet": cidr.SubnetFunc,
		"cidrsubnets": cidr.SubnetsFunc,

		"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number),
		"tolist": converts(cty.List(cty.DynamicPseudoType)), "tomap": converts(cty.Map(cty.DynamicPseudoType)),
		"toset": converts(cty.Set(cty.DynamicPseudoType)), "tostring": converts(cty.String),

		"can": tryfunc.CanFunc, "try": tryFunc(), "one": oneFunc(), "coalesce": coalesceFunc(),
		"coalescelist": coalesceListFunc(), "compact": compactFunc(), "distinct": distinctFunc(),
		"setunion": setUnionFunc(), "sensitive": passFunc(), "nonsensitive": passFunc(),
		"length": lengthFunc(), "index": indexFunc(), "replace": replaceFunc(), "sum": sumFunc(),
		"alltrue": allFunc(true), "anytrue": allFunc(false),

		"startswith":  textTest(strings.HasPrefix),
		"endswith":    textTest(strings.HasSuffix),
		"strcontains": textTest(strings.Contains),
		"basename":    text(func(s string) (string, error) { return filepath.Base(s), nil }),
		"dirname":     text(func(s string) (string, error) { return filepath.Dir(s), nil }),
		"urlencode":   text(func(s string) (string, error) { return url.QueryEscape(s), nil }),
		"base64encode": text(func(s string) (string, error) {
			return base64.StdEncoding.EncodeToString([]byte(s)), nil
		}),
		"base64decode": text(func(s string) (string, error) {
			b, err := base64.StdEncoding.DecodeString(s)
			return string(b), err
		}),
	}
	moreFunctions(out, dir)
	return out
}

type params = []function.Parameter

// ofKnown makes a function that is called where every argument is known, if not
// all that is in it, and none is null.
func ofKnown(result cty.Type, takes params, f func(args []cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{Params: takes, Type: function.StaticReturnType(result),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args) }})
}

// text makes a function of one string.
func text(f func(string) (string, error)) function.Function {
	return ofKnown(cty.String, params{{Name: "str", Type: cty.String}}, func(args []cty.Value) (cty.Value, error) {
		out, err := f(args[0].AsString())
		return cty.StringVal(out), err
	})
}

func textTest(f func(s, part string) bool) function.Function {
	return ofKnown(cty.Bool, params{{Name: "str", Type: cty.String}, {Name: "part", Type: cty.String}},
		func(args []cty.Value) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		})
}

// replaceFunc treats /…/ as a regular expression, as Terraform does.
func replaceFunc() function.Function {
	return ofKnown(cty.String, params{{Name: "str", Type: cty.String}, {Name: "substr", Type: cty.String}, {Name: "replace", Type: cty.String}},
		func(args []cty.Value) (cty.Value, error) {
			sub := args[1].AsString()
			if len(sub) > 1 && strings.HasPrefix(sub, "/") && strings.HasSuffix(sub, "/") {
				return stdlib.RegexReplace(args[0], cty.StringVal(sub[1:len(sub)-1]), args[2])
			}
			return stdlib.Replace(args[0], args[1], args[2])
		})
}

// lengthFunc counts characters and an object's attributes too, which cty's own
// does not.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true,
		}},
		Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, marks := args[0].Unmark()
			switch {
			case v.Type() == cty.DynamicPseudoType, partial(v):
				return cty.UnknownVal(cty.Number).WithMarks(marks), nil
			case v.Type() == cty.String:
				n, err := stdlib.Strlen(v)
				return n.WithMarks(marks), err
			case v.Type().IsObjectType() && !v.IsNull():
				return cty.NumberIntVal(int64(v.LengthInt())).WithMarks(marks), nil
			}
			n, err := stdlib.Length(v)
			return n.WithMarks(marks), err
		},
	})
}

// indexFunc finds the place of a value in a list.
func indexFunc() function.Function {
	return ofKnown(cty.Number, params{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
		func(args []cty.Value) (cty.Value, error) {
			list, _, err := elements(args[0])
			if err != nil {
				return cty.NilVal, err
			}
			for i, e := range list {
				same, err := stdlib.Equal(e, args[1])
				if err != nil {
					return cty.NilVal, err
				}
				if !same.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				if same.True() {
					return cty.NumberIntVal(int64(i)), nil
				}
			}
			return cty.NilVal, fmt.Errorf("the value is not in the list")
		})
}

func sumFunc() function.Function {
	return ofKnown(cty.Number, params{{Name: "list", Type: cty.DynamicPseudoType}}, func(args []cty.Value) (cty.Value, error) {
		list, _, err := elements(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		total := cty.Zero
		for _, e := range list {
			n, err := convertTo(e, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, fmt.Errorf("every element must be a number")
			}
			total = total.Add(n)
		}
		return total, nil
	})
}

// allFunc is alltrue (want true) and anytrue (want false): the first element
// that is not as wanted decides.
func allFunc(want bool) function.Function {
	return ofKnown(cty.Bool, params{{Name: "list", Type: cty.List(cty.Bool)}}, func(args []cty.Value) (cty.Value, error) {
		list, _, err := elements(args[0])
		if err != nil {
			return cty.NilVal, err
		}
		open := false
		for _, e := range list {
			switch {
			case !e.IsKnown():
				open = true
			case (!e.IsNull() && e.True()) != want:
				return cty.BoolVal(!want), nil
			}
		}
		if open {
			return cty.UnknownVal(cty.Bool), nil
		}
		return cty.BoolVal(want), nil
	})
}

const largestFile = 1 << 20

func readInside(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestFile {
		return nil, fmt.Errorf("%s is not a small regular file", name)
	}
	return root.ReadFile(name)
}
