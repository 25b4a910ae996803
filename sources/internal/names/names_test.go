package names_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/newswire/newswire/sources/internal/names"
)

func ExampleOn() {
	for _, name := range names.On("Ann Lee, Ben Ode and Cy Pic") {
		fmt.Println(name)
	}
	// Output:
	// Ann Lee
	// Ben Ode
	// Cy Pic
}

func TestNamesThatStandSurnameFirstAreNotTornApart(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"Lee, Ann and Ode, Ben", []string{"Lee, Ann", "Ode, Ben"}},
		{"Lee, A. and van Ode, B. C.", []string{"Lee, A.", "van Ode, B. C."}},
		{"Lee, Ann; Ode, Ben", []string{"Lee, Ann", "Ode, Ben"}},
		{"van der Lee, Ann", []string{"van der Lee, Ann"}},
		{"Lee, Ann", []string{"Lee, Ann"}},
	} {
		if got := names.On(tt.in); !slices.Equal(got, tt.want) {
			t.Errorf("On(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestRolesAndHousesAreNoPeople(t *testing.T) {
	for _, line := range []string{"Ann Lee, Ben Ode, contributors", "University of Ann, University of Ben", "Ann Lee, Associated Press", "Acme Co., Ltd."} {
		if got := names.On(line); len(got) != 1 || got[0] != line {
			t.Errorf("On(%q) = %q, want the line as it is", line, got)
		}
	}
}

// FuzzOn: nothing of a line but what divides names is lost, and names are not empty.
func FuzzOn(f *testing.F) {
	f.Add("Ann Lee, Ben Ode and Cy Pic")
	f.Add("One, A., Two, B.; 张三、李四")
	f.Fuzz(func(t *testing.T, line string) {
		got := names.On(line)
		if len(got) == 0 || len(got) > 1 && slices.Contains(got, "") {
			t.Errorf("On(%q) = %q", line, got)
		}
	})
}
