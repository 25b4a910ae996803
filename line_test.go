package newswire

import "testing"

func TestLineKeepsWhatThePublisherWroteOnOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"One line":                     "One line",
		"  Two  spaces  ":              "Two  spaces",
		"Hair\u200a space":             "Hair\u200a space",
		"\n\t Indented,\n\t\twrapped ": "Indented, wrapped",
		"A \u2028 B  C\tD":             "A B  C D",
		"金江\u3000著":                    "金江\u3000著",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLoudNamesAreInCapitalsThroughout(t *testing.T) {
	for in, want := range map[string]bool{
		"ADA MARSH": true, "ÉLISE": true, "Ada Marsh": false, "ada": false, "A": false, "J. K.": true, "金江": false, "": false, "DJ Ada": false,
	} {
		if got := Loud(in); got != want {
			t.Errorf("Loud(%q) = %v, want %v", in, got, want)
		}
	}
}
