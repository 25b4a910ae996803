package syndication_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
)

const (
	whole = newswire.PolicyFull
	part  = newswire.PolicyExcerpt
	title = newswire.PolicyTitle
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func TestReaderGetsTheLeastOfWhatIsAllowed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rights newswire.Rights
		reader syndication.Reader
		want   newswire.Policy
	}{
		{"the public gets the policy", newswire.Rights{Policy: part, Partners: whole}, syndication.Reader{}, part},
		{"the public has no bound of its own", newswire.Rights{Policy: whole}, syndication.Reader{Content: title}, whole},
		{"no policy is an excerpt", newswire.Rights{}, syndication.Reader{}, part},
		{"a partner gets the policy where partners are not named", newswire.Rights{Policy: part}, syndication.Reader{Partner: "acme", Content: whole}, part},
		{"a partner gets what partners get", newswire.Rights{Policy: title, Partners: whole}, syndication.Reader{Partner: "acme"}, whole},
		{"a partner may get less than the public", newswire.Rights{Policy: whole, Partners: title}, syndication.Reader{Partner: "acme", Content: whole}, title},
		{"a partner gets at most its own content", newswire.Rights{Policy: whole, Partners: whole}, syndication.Reader{Partner: "acme", Content: part}, part},
	} {
		a := newswire.Article{Rights: tt.rights}
		if got, ok := tt.reader.Level(&a, noon); got != tt.want || !ok {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, ok, tt.want)
		}
	}
}

func TestReaderSeesNothingHeldAndNothingOfOtherCategories(t *testing.T) {
	finance := syndication.Reader{Partner: "acme", Categories: []string{"finance", "trade"}}
	for _, tt := range []struct {
		name    string
		article newswire.Article
		reader  syndication.Reader
		want    bool
	}{
		{"held", newswire.Article{Held: "links"}, syndication.Reader{Partner: "acme"}, false},
		{"released", newswire.Article{Held: "links", Released: true}, syndication.Reader{}, true},
		{"one of its categories", newswire.Article{Categories: []string{"sport", "trade"}}, finance, true},
		{"another category", newswire.Article{Categories: []string{"sport"}}, finance, false},
		{"no category", newswire.Article{}, finance, false},
		{"waiting", newswire.Article{Phase: newswire.Waiting}, syndication.Reader{}, false},
		{"expired, as the store says", newswire.Article{Phase: newswire.Expired}, syndication.Reader{Partner: "acme"}, false},
	} {
		if _, ok := tt.reader.Show(tt.article, noon); ok != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, ok, tt.want)
		}
		if got := tt.reader.Concerns(tt.article.Topics()); got != tt.want {
			t.Errorf("%s: a change concerns the reader: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestNoReaderGetsMoreThanItsLevel tries random rights, readers and earlier revisions: what is shown is no longer than the
// level of either revision allows.
func TestNoReaderGetsMoreThanItsLevel(t *testing.T) {
	policies := rapid.SampledFrom([]newswire.Policy{"", whole, part, title})
	secret := strings.Repeat("Not for everybody, and long. ", 30) + "The very end."
	rapid.Check(t, func(t *rapid.T) {
		random := func(label string) newswire.Rights {
			return newswire.Rights{Policy: policies.Draw(t, label), Partners: policies.Draw(t, label+" partners")}
		}
		a := newswire.Article{ID: "a-1", Content: "<p>" + secret + "</p>", NoCredit: true, Rights: random("now")}
		earlier := a
		earlier.Rights = random("then")
		r := syndication.Reader{Partner: rapid.SampledFrom([]string{"", "acme"}).Draw(t, "partner"), Content: policies.Draw(t, "content")}
		now, _ := r.Level(&a, noon)
		then, _ := r.Level(&earlier, noon)
		shown, _ := r.Show(a, noon)
		before, _ := r.ShowRevision(earlier, a, noon)
		for _, got := range []struct {
			level newswire.Policy
			text  string
		}{{now, shown.Summary + shown.Content}, {syndication.Least(now, then), before.Summary + before.Content}} {
			if got.level != whole && strings.Contains(got.text, "The very end.") || got.level == title && got.text != "" {
				t.Fatalf("level %q shows %q", got.level, got.text)
			}
		}
	})
}

func TestReaderSeesNothingOfAnArticleWhoseTimeIsOver(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rights newswire.Rights
		want   bool
	}{
		{"no limits", newswire.Rights{}, true},
		{"a moment before its end", newswire.Rights{Until: noon.Add(time.Millisecond)}, true},
		{"at its end", newswire.Rights{Until: noon}, false},
		{"after its end", newswire.Rights{Until: noon.Add(-time.Millisecond)}, false},
		{"open by the store's clock, and not yet by ours", newswire.Rights{From: noon.Add(time.Second)}, true},
	} {
		a := newswire.Article{Rights: tt.rights}
		for _, r := range []syndication.Reader{{}, {Partner: "acme"}} {
			if _, got := r.Show(a, noon); got != tt.want {
				t.Errorf("%s: shown to %q: %v, want %v", tt.name, r.Partner, got, tt.want)
			}
			if _, got := r.ShowRevision(a, newswire.Article{}, noon); got != tt.want {
				t.Errorf("%s: an earlier revision shown to %q: %v, want %v", tt.name, r.Partner, got, tt.want)
			}
		}
	}
}
