package names

import (
	"slices"
	"testing"
)

// FuzzIsPlain: a line that is taken for one name quickly is one by the expressions too.
func FuzzIsPlain(f *testing.F) {
	for _, line := range []string{"A. Lee", "Ann Lee and Ben Ode", "and Ann Lee", "Ann Lee  AND", "Ann-May O'Lee Jr.", "Lee e Ode", "Ann i Ben", "", " ", "Ann  Lee "} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > maxLength || !isPlain(line) {
			return
		}
		if got := apart(line); !slices.Equal(got, []string{line}) {
			t.Errorf("%q is taken for one name; by the expressions it is %q", line, got)
		}
	})
}
