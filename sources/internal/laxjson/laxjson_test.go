package laxjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/laxjson"
)

func TestMend(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"JSON", `{"a": [1, "b,]\u00e9\"", {}], "c": null}`, `{"a": [1, "b,]\u00e9\"", {}], "c": null}`},
		{"commas behind the last", `{"a":[1,2,],"b":{"c":1 , } ,}`, `{"a":[1,2],"b":{"c":1 } }`},
		{"commas without a value", `[1,,2]`, `[1,2]`},
		{"line breaks and tabs", "[\"one\ntwo\tthree\r\n\x01\"]", `["one\ntwo\tthree\r\n\u0001"]`},
		{"comments", "{// one\n\"a\":/* two, */1}", `{ "a": 1}`},
		{"addresses are no comments", `{"a":"https://x/*"}`, `{"a":"https://x/*"}`},
		{"escapes of other languages", `["it\'s \x41 \u12 C:\dir"]`, `["it's \\x41 \\u12 C:\\dir"]`},
		{"a string that is cut off", `["a`, `["a`},
	} {
		if got := laxjson.Mend(tt.in); got != tt.want {
			t.Errorf("%s: Mend(%s) = %s, want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

// FuzzMend: JSON keeps its meaning, and what was mended is not mended again.
func FuzzMend(f *testing.F) {
	f.Add(`{"a":[1,2,],"b":"c\'` + "\n" + `"}`)
	f.Add(`[1,/*`)
	f.Fuzz(func(t *testing.T, in string) {
		out := laxjson.Mend(in)
		if json.Valid([]byte(in)) && out != in {
			t.Errorf("Mend(%q) = %q; want it as it is", in, out)
		}
		if len(out) > 6*len(in) {
			t.Errorf("%d bytes became %d", len(in), len(out))
		}
		if again := laxjson.Mend(out); json.Valid([]byte(out)) && again != out {
			t.Errorf("Mend(%q) = %q, and then %q", in, out, again)
		}
		_ = strings.ToValidUTF8(out, "")
	})
}
