package edit

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/newswire/newswire"
)

// maxName is as long as an ID that is made of a name may be.
const maxName = 40

// SourceID makes an ID for a source: of its title where that is written in Latin letters, else of its host. It is not
// one of those that are taken.
func SourceID(title, address string, taken func(id string) bool) string {
	id := slug(title)
	if id == "" {
		if u, err := url.Parse(address); err == nil {
			id = slug(strings.TrimPrefix(u.Hostname(), "www."))
		}
	}
	if id == "" {
		id = "source"
	}
	return free(id, taken)
}

// CategoryID makes an ID for a category: of its title where that is written in Latin letters, else of a digest of it.
// The same title makes the same ID.
func CategoryID(title string) string {
	if id := slug(title); id != "" {
		return id
	}
	return "c-" + newswire.Hash(strings.ToLower(norm.NFKC.String(title)))[:12]
}

// free is an ID that is not taken: with a number behind it where it is.
func free(id string, taken func(id string) bool) string {
	candidate := id
	for n := 2; taken(candidate); n++ {
		candidate = fmt.Sprintf("%s-%d", id, n)
	}
	return candidate
}

// slug is a name in lower-case ASCII letters, digits and dashes, accents left out. It is empty for a name that has other
// letters, or none, or too many.
func slug(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r): // joins what it stands between
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return ""
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.TrimSuffix(b.String(), "-")
	if len(s) > maxName {
		return ""
	}
	return s
}
