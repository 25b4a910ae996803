package text

import (
	"strings"

	"github.com/newswire/newswire"
)

// Name is what to call a person, on one line: the name, else the mail address, else the address of the home page; empty
// for a person without any of these. An address in angle brackets, which belongs to mail and not to a name, is put in parentheses.
func Name(p newswire.Person) string {
	for _, s := range []string{p.Name, p.Email, p.URL} {
		if s = newswire.Line(s); s != "" {
			if strings.Contains(s, "@") {
				s = strings.NewReplacer("<", "(", ">", ")").Replace(s)
			}
			return s
		}
	}
	return ""
}
