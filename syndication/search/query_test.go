package search

import (
	"errors"
	"strings"
	"testing"
)

func TestQueries(t *testing.T) {
	tests := []struct{ in, written, expression string }{
		{"rain", "rain", `("rain")`},
		{"  Rain   SNOW ", "rain snow", `("rain") AND ("snow")`},
		{"rain rain", "rain", `("rain")`},
		{"rain -snow", "rain -snow", `(("rain")) NOT ("snow")`},
		{`"City Council" vote`, `"city council" vote`, `("city" AND "council") AND ("vote")`},
		{"title:Rain author:reis", "title:rain author:reis", "(\"\uE000rain\") AND (\"\uE001reis\")"},
		{`author:"Ana Reis"`, `author:"ana reis"`, "(\"\uE001ana\" AND \"\uE001reis\")"},
		{`vote -"city council"`, `vote -"city council"`, `("vote")`}, // where words are, the index cannot tell
		{"elect*", "elect*", `("elect" *)`},
		{"Zürich", "zürich", `("zurich")`},
		{"Straße", "straße", `("strasse")`},
		{"don't", "don't", `("don" AND "t")`},
		{"colour:red", `"colour:red"`, `("colour" AND "red")`},
		{`"title:red"`, `"title:red"`, `("title" AND "red")`},
		{"title:", "title", `("title")`},
		{"title: red", "title red", `("title") AND ("red")`},
		{"芯片", "芯片", `("芯片")`},
		{"東京都", "東京都", `("東京" AND "京都")`},
		{"茶", "茶", `("茶" *)`},
		{"AI芯片", "ai芯片", `("ai" AND "芯片")`},
		{"芯片AI", "芯片ai", `("芯片" AND "片" AND "ai")`},
		{"ＡＩ", "ａｉ", `("ai")`},
		{"ราคา", "ราคา", `("รา" AND "าค" AND "คา")`},
		{`rain" OR title:x`, `rain "or title:x"`, `("rain") AND ("or" AND "title" AND "x")`},
		{"NEAR(a b)", "near(a b", `("near" AND "a") AND ("b")`},
		{"", "", "()"},
		{"!!! … ???", "", "()"},
		{"-", "", "()"},
		{`"`, "", "()"},
	}
	for _, tt := range tests {
		q, err := Parse(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
			continue
		}
		if q.String() != tt.written || q.expression() != tt.expression {
			t.Errorf("%q is written %q and means %s; want %q, %s", tt.in, q, q.expression(), tt.written, tt.expression)
		}
		if q.Empty() != (tt.written == "") {
			t.Errorf("%q: empty is %v", tt.in, q.Empty())
		}
	}
}

func TestQueriesThatCannotBe(t *testing.T) {
	for in, want := range map[string]string{
		strings.Repeat("x", 201):            "at most 200 characters",
		"-rain":                             "needs a word that is to be there",
		"ra*":                               "at least 3 letters",
		"a b c d e f g h i j k l m n o p q": "at most 16 words",
		`-"city council" -title:rain`:       "needs a word",
	} {
		_, err := Parse(in)
		var q QueryError
		if !errors.As(err, &q) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: error %v, want %q", in, err, want)
		}
	}
}

// FuzzParse has every query that can be read be read again from the one way to write it, and mean the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"rain", `-a "b c" title:d*`, "東京都 ai", `author:"x`, "a:b \"title:q\" -\"-\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(q.String())
		if err != nil || again.String() != q.String() || again.expression() != q.expression() {
			t.Errorf("%q is written %q, which is read as %q (%s, not %s): %v", s, q, again, again.expression(), q.expression(), err)
		}
	})
}
