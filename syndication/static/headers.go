package static

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// carried are the header fields that a host is asked to answer with. The rest is the host's own: validators, lengths,
// codings.
var carried = []string{
	"Access-Control-Allow-Origin", "Content-Security-Policy", "Content-Type", "Content-Usage", "Cross-Origin-Opener-Policy",
	"Referrer-Policy", "X-Content-Type-Options", "X-Robots-Tag",
}

// headers are the carried fields of all answers under a pattern, by pattern and name: those in which they agree.
type headers map[string]map[string]string

// add adds an answer.
func (h headers) add(address string, a *answer) {
	fields := map[string]string{}
	for _, name := range carried {
		if v := strings.Join(a.header.Values(name), ", "); v != "" {
			fields[name] = v
		}
	}
	p := pattern(address, a.isHTML())
	before, known := h[p]
	if !known {
		h[p] = fields
		return
	}
	maps.DeleteFunc(before, func(name, value string) bool { return fields[name] != value })
}

// pattern is what stands for an address and those like it: pages of a folder, and files of one kind. Hosts allow few rules,
// so an article has none of its own.
func pattern(address string, page bool) string {
	folder, rest, deep := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	switch {
	case !deep:
		return address
	case page:
		return "/" + folder + "/*"
	}
	return "/" + folder + "/*" + path.Ext(rest)
}

// file is the _headers file.
func (h headers) file() []byte {
	var b bytes.Buffer
	b.WriteString("# Written by newswire build: what the host is to say beside each file.\n")
	for _, p := range slices.Sorted(maps.Keys(h)) {
		if len(h[p]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\n", p)
		for _, name := range slices.Sorted(maps.Keys(h[p])) {
			fmt.Fprintf(&b, "  %s: %s\n", name, h[p][name])
		}
	}
	return b.Bytes()
}
