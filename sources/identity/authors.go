package identity

import (
	"strings"

	"github.com/newswire/newswire"
)

// identify gives an author that a source names an id: the operator's where it has one for the name, else one that is
// made of the source and the name, since two publishers' "Editor" are two people.
func (r *Registry) identify(p *newswire.Person, source string) {
	p.ID, p.With, p.Former = "", "", ""
	folded := Fold(p.Name)
	if folded == "" {
		return
	}
	own, former := r.derived(source, folded), formerID(source, folded)
	p.ID = own
	if ids := r.operators(source, folded); len(ids) > 0 {
		p.ID, p.With = ids[0], strings.Join(ids[1:], " ")
	}
	p.Former = others(p.ID, own, former)
}

// Knows says whether the operator has an author, or several, for a name that a source gives.
func (r *Registry) Knows(source, name string) bool { return len(r.operators(source, Fold(name))) > 0 }

// operators are the IDs of the operator's authors for a name at a source.
func (r *Registry) operators(source, folded string) []string {
	if ids := r.byAlias[newswire.Alias{Source: source, Name: folded}]; len(ids) > 0 {
		return ids
	}
	return r.byAlias[newswire.Alias{Name: folded}]
}

// others are the ids that differ from id, each once, with a space between.
func others(id string, list ...string) string {
	var out []string
	for _, other := range list {
		if other != id && (len(out) == 0 || out[0] != other) {
			out = append(out, other)
		}
	}
	return strings.Join(out, " ")
}

// derived is the id of an author whom the operator does not name: SOURCE-NAME, and SOURCE.NAME where the source's own ID
// has a dash. So source "a" with "B Smith" (a-b-smith) and source "a-b" with "Smith" (a-b.smith) are two. No other pair
// of a source and a name has the same:
//
//   - a name as [slug] writes it has no dot in it, and no underscore;
//   - a digest of the name follows, after an underscore, where slug writes other names likewise, and where the id
//     is one of the operator's.
func (r *Registry) derived(source, folded string) string {
	prefix := source + Separator(source)
	name, exact := slug(folded)
	digest := newswire.Hash(folded)
	if name == "" || !newswire.ValidID(prefix+name+"_"+digest[:digestLength]) {
		name, exact = digest[:12], true
	}
	if !exact {
		name += "_" + digest[:digestLength]
	}
	if r.taken[prefix+name] {
		name, _, _ = strings.Cut(name, "_")
		name += "_" + digest[:2*digestLength]
	}
	return prefix + name
}

// Separator stands between a source and a name in the id of one of its authors.
func Separator(source string) string {
	if strings.Contains(source, "-") {
		return "."
	}
	return "-"
}

// digestLength is how many characters of a name's digest tell it from those that are written likewise: 30 bits.
const digestLength = 6

// formerID is the id that the author of a source had before ids were unambiguous: it leads to the one of today.
func formerID(source, folded string) string {
	var b strings.Builder
	for _, r := range folded {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 0x80:
			return source + "-" + newswire.Hash(folded)[:12]
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.TrimSuffix(b.String(), "-")
	if name == "" || !newswire.ValidID(source+"-"+name) {
		return source + "-" + newswire.Hash(folded)[:12]
	}
	return source + "-" + name
}
