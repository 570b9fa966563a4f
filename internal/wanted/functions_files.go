package wanted

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// moreFunctions adds the digests, YAML, and what reads files inside dir.
func moreFunctions(out map[string]function.Function, dir string) {
	digest := map[string]func(b []byte) []byte{
		"md5": func(b []byte) []byte { s := md5.Sum(b); return s[:] }, "sha1": func(b []byte) []byte { s := sha1.Sum(b); return s[:] },
		"sha256": func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }, "sha512": func(b []byte) []byte { s := sha512.Sum512(b); return s[:] },
	}
	for name, sum := range digest {
		out[name] = text(func(s string) (string, error) { return hex.EncodeToString(sum([]byte(s))), nil })
		if dir != "" {
			out["file"+name] = ofFile(dir, func(b []byte) cty.Value { return cty.StringVal(hex.EncodeToString(sum(b))) })
		}
		if name == "sha256" || name == "sha512" {
			out["base64"+name] = text(func(s string) (string, error) { return base64.StdEncoding.EncodeToString(sum([]byte(s))), nil })
			if dir != "" {
				out["filebase64"+name] = ofFile(dir, func(b []byte) cty.Value { return cty.StringVal(base64.StdEncoding.EncodeToString(sum(b))) })
			}
		}
	}
	out["yamldecode"], out["yamlencode"] = yaml.YAMLDecodeFunc, yaml.YAMLEncodeFunc
	out["transpose"], out["matchkeys"], out["timecmp"] = transposeFunc(), matchKeysFunc(), timeCompareFunc()
	if dir != "" {
		out["file"] = ofFile(dir, func(b []byte) cty.Value { return cty.StringVal(string(b)) })
		out["filebase64"] = ofFile(dir, func(b []byte) cty.Value { return cty.StringVal(base64.StdEncoding.EncodeToString(b)) })
		out["fileexists"] = ofFile(dir, func([]byte) cty.Value { return cty.True })
		out["templatefile"] = templateFileFunc(dir, out)
	}
}

// ofFile makes a function of a file that lies inside dir; a path that leads
// elsewhere, by a link too, is refused.
func ofFile(dir string, f func([]byte) cty.Value) function.Function {
	return ofKnown(cty.DynamicPseudoType, params{{Name: "path", Type: cty.String}}, func(args []cty.Value) (cty.Value, error) {
		name := path.Clean(filepath.ToSlash(args[0].AsString()))
		b, err := readInside(dir, name)
		if err != nil {
			// Terraform may well be able to read it, so this is no error of
			// the configuration, which try() would step over.
			return lacking("the file " + name + " was not read"), nil
		}
		return f(b), nil
	})
}

// templateFileFunc evaluates a template that lies inside dir.
func templateFileFunc(dir string, functions map[string]function.Function) function.Function {
	return handsOnFunc(func(args []cty.Value) (cty.Value, error) {
		if len(args) != 2 {
			return cty.NilVal, errors.New("templatefile takes a path and the variables")
		}
		where, vars := args[0], args[1]
		bare, _ := vars.Unmark()
		if where.IsMarked() || !where.IsKnown() || !bare.IsKnown() || partial(bare) {
			return opaque().WithSameMarks(where, vars), nil
		}
		if where.IsNull() || where.Type() != cty.String || bare.IsNull() || !(bare.Type().IsObjectType() || bare.Type().IsMapType()) {
			return cty.NilVal, errors.New("templatefile takes a path and the variables")
		}
		name := path.Clean(filepath.ToSlash(where.AsString()))
		b, err := readInside(dir, name)
		if err != nil {
			return lacking("the file " + name + " was not read"), nil
		}
		t, diags := hclsyntax.ParseTemplate(b, name, hcl.InitialPos)
		if diags.HasErrors() {
			return lacking("the template " + name + " cannot be read"), nil
		}
		e := prepare(t, functions)
		v, diags := e.Value(&hcl.EvalContext{Variables: bare.AsValueMap(), Functions: functions})
		if diags.HasErrors() {
			return lacking("the template " + name + " cannot be evaluated"), nil
		}
		return v.WithSameMarks(vars), nil
	})
}

// transposeFunc turns a map of lists of texts about.
func transposeFunc() function.Function {
	return function.New(&function.Spec{
		Params: params{{Name: "values", Type: cty.Map(cty.List(cty.String))}},
		Type:   function.StaticReturnType(cty.Map(cty.List(cty.String))),
		Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(ty), nil
			}
			out := map[string][]cty.Value{}
			for it := args[0].ElementIterator(); it.Next(); {
				key, list := it.Element()
				for in := list.ElementIterator(); in.Next(); {
					_, v := in.Element()
					if v.IsNull() {
						return cty.NilVal, errors.New("an element is null")
					}
					out[v.AsString()] = append(out[v.AsString()], key)
				}
			}
			if len(out) == 0 {
				return cty.MapValEmpty(cty.List(cty.String)), nil
			}
			lists := map[string]cty.Value{}
			for k, keys := range out {
				slices.SortFunc(keys, func(a, b cty.Value) int {
					switch {
					case a.AsString() < b.AsString():
						return -1
					case a.AsString() > b.AsString():
						return 1
					}
					return 0
				})
				lists[k] = cty.ListVal(keys)
			}
			return cty.MapVal(lists), nil
		},
	})
}

// matchKeysFunc keeps the values whose keys are among those searched for.
func matchKeysFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "values", Type: cty.List(cty.DynamicPseudoType)}, {Name: "keys", Type: cty.List(cty.DynamicPseudoType)},
			{Name: "search", Type: cty.List(cty.DynamicPseudoType)},
		},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, ty cty.Type) (cty.Value, error) {
			for _, a := range args {
				if !a.IsWhollyKnown() {
					return cty.UnknownVal(ty), nil
				}
			}
			values, keys := args[0].AsValueSlice(), args[1].AsValueSlice()
			if len(values) != len(keys) {
				return cty.NilVal, errors.New("as many keys as values are needed")
			}
			var out []cty.Value
			for i, k := range keys {
				if slices.ContainsFunc(args[2].AsValueSlice(), func(s cty.Value) bool {
					same := s.Equals(k)
					return same.IsKnown() && same.True()
				}) {
					out = append(out, values[i])
				}
			}
			if len(out) == 0 {
				return cty.ListValEmpty(ty.ElementType()), nil
			}
			return cty.ListVal(out), nil
		},
	})
}

func timeCompareFunc() function.Function {
	return ofKnown(cty.Number, params{{Name: "a", Type: cty.String}, {Name: "b", Type: cty.String}},
		func(args []cty.Value) (cty.Value, error) {
			a, err := time.Parse(time.RFC3339, args[0].AsString())
			if err != nil {
				return cty.NilVal, fmt.Errorf("the first argument is no time")
			}
			b, err := time.Parse(time.RFC3339, args[1].AsString())
			if err != nil {
				return cty.NilVal, fmt.Errorf("the second argument is no time")
			}
			return cty.NumberIntVal(int64(a.Compare(b))), nil
		})
}
