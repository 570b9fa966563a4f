package ec2test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// writeItem answers PutItem, UpdateItem and DeleteItem, each with its condition,
// as one step. A table's key is LockID, which is what Terraform's tables have.
func (s *Server) writeItem(c *call) (answer, error) {
	var in struct {
		TableName                 string
		Item, Key                 Doc
		ConditionExpression       string
		UpdateExpression          string
		ExpressionAttributeNames  map[string]string
		ExpressionAttributeValues map[string]any
	}
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	key := in.Key
	if c.Action == "PutItem" {
		key = Doc{"LockID": in.Item["LockID"]}
	}
	if len(key) != 1 || key["LockID"] == nil {
		return answer{}, refuse("ValidationException", "The provided key element does not match the schema")
	}
	w := s.world
	w.mu.Lock()
	defer w.mu.Unlock()
	items, exists := w.tables[c.place][in.TableName]
	if !exists {
		return answer{}, refuse("ResourceNotFoundException", "Requested resource not found")
	}
	var held Doc
	for _, item := range items {
		if holds(item, key) {
			held = item
		}
	}
	e := expression{item: held, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues}
	ok, no := e.holds(in.ConditionExpression)
	if no != nil {
		return answer{}, no
	}
	if !ok {
		return answer{}, refuse("ConditionalCheckFailedException", "The conditional request failed")
	}
	next := in.Item
	if c.Action == "UpdateItem" {
		if next, no = e.update(in.UpdateExpression, key); no != nil {
			return answer{}, no
		}
	}
	items = slices.DeleteFunc(slices.Clone(items), func(item Doc) bool { return holds(item, key) })
	if c.Action != "DeleteItem" {
		items = append(items, next)
	}
	w.tables[c.place][in.TableName] = items
	return jsonAnswer("application/x-amz-json-1.0", map[string]any{})
}

// expression evaluates the part of DynamoDB's language that Terraform and
// reconcile's scripts speak: attribute_exists, attribute_not_exists, =, <>, AND,
// OR, NOT and parentheses; SET and REMOVE of whole attributes.
type expression struct {
	item   Doc // nil: there is none
	names  map[string]string
	values map[string]any
	tokens []string
	no     *refusal
}

var expressionToken = regexp.MustCompile(`\s*(<>|[=(),]|[#:]?[A-Za-z_][A-Za-z0-9_.\-]*|\S)`)

func (e *expression) read(text string) {
	e.tokens = nil
	for _, m := range expressionToken.FindAllStringSubmatch(text, -1) {
		e.tokens = append(e.tokens, m[1])
	}
}

func (e *expression) next() string {
	if len(e.tokens) == 0 {
		return ""
	}
	t := e.tokens[0]
	e.tokens = e.tokens[1:]
	return t
}

func (e *expression) take(word string) bool {
	if len(e.tokens) > 0 && strings.EqualFold(e.tokens[0], word) {
		e.tokens = e.tokens[1:]
		return true
	}
	return false
}

func (e *expression) fail(near string) {
	if e.no == nil {
		e.no = refuse("ValidationException", "Invalid expression: Syntax error; token: %q", near)
	}
}

func (e *expression) holds(text string) (bool, *refusal) {
	if strings.TrimSpace(text) == "" {
		return true, nil
	}
	e.read(text)
	ok := e.or()
	if len(e.tokens) > 0 {
		e.fail(e.tokens[0])
	}
	return ok, e.no
}

func (e *expression) or() bool {
	ok := e.and()
	for e.take("OR") {
		right := e.and()
		ok = ok || right
	}
	return ok
}

func (e *expression) and() bool {
	ok := e.one()
	for e.take("AND") {
		right := e.one()
		ok = ok && right
	}
	return ok
}

func (e *expression) one() bool {
	switch {
	case e.take("NOT"):
		return !e.one()
	case e.take("("):
		ok := e.or()
		e.want(")")
		return ok
	}
	first := e.next()
	switch strings.ToLower(first) {
	case "attribute_exists", "attribute_not_exists":
		e.want("(")
		_, there := e.item[e.name(e.next())]
		e.want(")")
		return there == (strings.ToLower(first) == "attribute_exists")
	}
	left, leftThere := e.operand(first)
	op := e.next()
	right, rightThere := e.operand(e.next())
	switch op {
	case "=":
		return leftThere && rightThere && reflect.DeepEqual(left, right)
	case "<>":
		return !leftThere || !rightThere || !reflect.DeepEqual(left, right)
	}
	e.fail(op)
	return false
}

func (e *expression) want(word string) {
	if !e.take(word) {
		e.fail(word)
	}
}

func (e *expression) name(t string) string {
	if !strings.HasPrefix(t, "#") {
		if t == "" || strings.HasPrefix(t, ":") {
			e.fail(t)
		}
		return t
	}
	name, ok := e.names[t]
	if !ok {
		e.fail(t)
	}
	return name
}

func (e *expression) operand(t string) (any, bool) {
	if strings.HasPrefix(t, ":") {
		v, ok := e.values[t]
		if !ok {
			e.fail(t)
		}
		return v, ok
	}
	v, there := e.item[e.name(t)]
	return v, there
}

// update gives the item as it is afterwards; one that is not there is made.
func (e *expression) update(text string, key Doc) (Doc, *refusal) {
	out := maps.Clone(e.item)
	if out == nil {
		out = maps.Clone(key)
	}
	e.read(text)
	for len(e.tokens) > 0 && e.no == nil {
		set := e.take("SET")
		if !set && !e.take("REMOVE") {
			e.fail(e.tokens[0])
			break
		}
		for more := true; more; more = e.take(",") {
			name := e.name(e.next())
			if !set {
				delete(out, name)
				continue
			}
			e.want("=")
			if v, there := e.operand(e.next()); there {
				out[name] = v
			}
		}
	}
	return out, e.no
}
