package ec2test

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// A token says which page it opens, where that begins, and for which request:
// AWS refuses a token that comes back with other parameters.
type token struct {
	page, from int
	request    uint64
}

func (t token) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%x", t.page, t.from, t.request))
}

func parseToken(s string) (token, bool) {
	if s == "" {
		return token{page: 1}, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return token{}, false
	}
	parts := strings.Split(string(raw), ".")
	if len(parts) != 3 {
		return token{}, false
	}
	page, err1 := strconv.Atoi(parts[0])
	from, err2 := strconv.Atoi(parts[1])
	request, err3 := strconv.ParseUint(parts[2], 16, 64)
	if err1 != nil || err2 != nil || err3 != nil || page < 1 || from < 0 {
		return token{}, false
	}
	return token{page: page, from: from, request: request}, true
}

// window cuts one page out of n things. size 0 means everything. The request is
// whatever must be the same from page to page; next is "" on the last page. It
// reports false if the token is not one for this request.
func window(n, size int, tokenText, request string) (from, to int, next string, ok bool) {
	t, ok := parseToken(tokenText)
	if !ok || (tokenText != "" && t.request != digest(request)) {
		return 0, 0, "", false
	}
	from = min(t.from, n)
	to = n
	if size > 0 && from+size < n {
		to = from + size
		next = token{page: t.page + 1, from: to, request: digest(request)}.String()
	}
	return from, to, next, true
}

func digest(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}
