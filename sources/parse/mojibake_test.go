package parse_test

import "testing"

func TestWhatWasEncodedTwiceIsReadOnce(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"CafÃ© â€“ Itâ€™s â€œgoodâ€\u009d", "Café – It’s “good”"},
		{"Ã¼ber", "über"},
		{"Â© 2026", "© 2026"},
		{"ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"},
		{"æ–°è©±", "新話"},

		{"Café – It’s “good”", "Café – It’s “good”"},
		{"MINHA IRMÃ”", "MINHA IRMÃ”"},
		{"AU CAFÉ… À L’ÉTÉ", "AU CAFÉ… À L’ÉTÉ"},
		{"NESCAFÉ®", "NESCAFÉ®"},
		{"« né »", "« né »"},
		{"Le voilà »", "Le voilà »"},
		{"le café…»", "le café…»"},
		{"'Beyoncé’…'", "'Beyoncé’…'"},
		{"Ã© is é", "Ã© is é"},
		{"Ã© 新", "Ã© 新"},
	} {
		if it := single(t, rss(`<item><title>`+tt.in+`</title></item>`)); it.Title != tt.want {
			t.Errorf("title %q read %q, want %q", tt.in, it.Title, tt.want)
		}
		if it := single(t, `{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","title":"`+tt.in+`"}]}`); it.Title != tt.want {
			t.Errorf("JSON title %q read %q, want %q", tt.in, it.Title, tt.want)
		}
	}
}
