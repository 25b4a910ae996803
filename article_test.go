package newswire_test

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

func TestAHeldArticleIsListedForTheOperatorUntilItIsReleased(t *testing.T) {
	a := newswire.Article{Source: "dsb", Categories: []string{"finance"}, Authors: []newswire.Person{{ID: "jin"}, {Name: "no id"}}}
	everywhere := []newswire.Topic{"all", "author/jin", "category/finance", "source/dsb"}
	for _, tt := range []struct {
		held     string
		released bool
		want     []newswire.Topic
	}{
		{"", false, everywhere},
		{"it is about casinos", false, []newswire.Topic{"held/dsb"}},
		{"it is about casinos", true, everywhere},
	} {
		a.Held, a.Released = tt.held, tt.released
		if d := cmp.Diff(tt.want, a.Topics()); d != "" {
			t.Errorf("held %q, released %v: %s", tt.held, tt.released, d)
		}
	}
	if topic, err := newswire.ParseTopic("held/dsb"); err == nil {
		t.Errorf("ParseTopic knows %s: readers could ask for it", topic)
	}
}

func TestTheDigestChangesWithTheContentAlone(t *testing.T) {
	a := newswire.Article{ID: "dsb-1", Title: "A crane", Held: "it is about casinos", Removed: []newswire.Removal{{Reason: "hidden", Text: "x"}}}
	for _, tt := range []struct {
		name    string
		change  func(*newswire.Article)
		changes bool
	}{
		{"title", func(a *newswire.Article) { a.Title = "Two cranes" }, true},
		{"suspicion", func(a *newswire.Article) { a.Held = "it is about pills" }, true},
		{"a part removed for another reason", func(a *newswire.Article) { a.Removed = append(a.Removed, newswire.Removal{Reason: "notices"}) }, true},
		{"another part removed for the same reason", func(a *newswire.Article) {
			a.Removed = append(a.Removed, newswire.Removal{Reason: "hidden", Text: "y"})
		}, false},
		{"release", func(a *newswire.Article) { a.Released = true }, false},
		{"revision", func(a *newswire.Article) { a.Revision++ }, false},
		{"offer", func(a *newswire.Article) { a.Offer = "another" }, false},
	} {
		b := a
		tt.change(&b)
		if got := a.Digest() != b.Digest(); got != tt.changes {
			t.Errorf("%s: the digest changes = %v, want %v", tt.name, got, tt.changes)
		}
	}
}

// A digest is stored with each article. One that came out differently in another version would make a new revision of
// every article that is offered again.
func TestTheDigestIsTheSameInEveryVersion(t *testing.T) {
	for _, tt := range []struct {
		article newswire.Article
		want    string
	}{
		{newswire.Article{}, "64f060a0d5431c867e12aad6a038d148"},
		{newswire.Article{
			ID: "dsb-1", Source: "dsb", GUID: "1", Title: "A \"crane\"\n", Content: "<p>a &amp; b\u2028\n</p>\n", Published: time.Unix(1, 0).UTC(),
			Authors: []newswire.Person{{Name: "金江"}}, Removed: []newswire.Removal{{Reason: "hidden", Text: "x"}}, Upstream: &newswire.Publisher{Title: "t", Updated: time.Unix(2, 0)},
		}, "f43a1b1fac19f383eca2a1b48b780ac1"},
	} {
		if got := tt.article.Digest(); got != tt.want {
			t.Errorf("Digest of %+v is %s, want %s", tt.article, got, tt.want)
		}
	}
}

// FuzzDigest: the digest is that of the JSON that encoding/json writes, which made those that are stored.
func FuzzDigest(f *testing.F) {
	f.Add("A \"crane\" <b>", "<p>a &amp; b\u2028\u2029</p>\n", int64(3), true)
	f.Add("\xff\x00\x7f", "\ufffd\t\U0001f6a2", int64(-1), false)
	f.Fuzz(func(t *testing.T, title, content string, number int64, flag bool) {
		title, content = strings.ToValidUTF8(title, "?"), strings.ToValidUTF8(content, "?") // as all strings of an article are
		a := newswire.Article{
			ID: title, Title: title, Content: content, PermaLink: flag, Authors: []newswire.Person{{Name: content}, {}}, Categories: []string{title, ""},
			Enclosures: []newswire.Enclosure{{URL: content, Length: number, Duration: time.Duration(number)}}, Image: &newswire.Image{Title: title, Width: int(number)},
			Terms: []newswire.Term{{Term: content}}, Rights: newswire.Rights{Statement: content}, Publisher: newswire.Publisher{Title: title},
			Upstream: &newswire.Publisher{URL: content}, NoCredit: flag, Held: title,
		}
		b, err := json.Marshal(&a)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got, want := a.Digest(), hex.EncodeToString(sum[:16]); got != want {
			t.Errorf("Digest is %s, that of encoding/json's bytes %s: %s", got, want, b)
		}
	})
}

func TestAuthorityGivesAGUID(t *testing.T) {
	for guid, want := range map[string]string{
		"https://News.Example.com:8080/1": "news.example.com", "HTTP://news.example.com": "news.example.com", "ftp://news.example.com/1": "news.example.com",
		"tag:news.example.com,2026:1": "news.example.com", "TAG:desk@News.example.com,2026:1": "news.example.com",
		"urn:uuid:1": "", "post-1": "", "": "", "http://[": "",
	} {
		if got := newswire.AuthorityOf(guid); got != want {
			t.Errorf("AuthorityOf(%q) = %q, want %q", guid, got, want)
		}
	}
}

// The way in which parts are hashed depends on their lengths, what comes of it does not.
func TestHashIsThatOfThePartsEachEndedByNUL(t *testing.T) {
	for _, lengths := range [][]int{{}, {0}, {510}, {511}, {512}, {513}, {1024}, {300, 300}, {0, 511, 0}, {2000, 3, 512, 700}} {
		var parts []string
		whole := ""
		for i, n := range lengths {
			parts = append(parts, strings.Repeat(string(rune('a'+i)), n))
			whole += parts[i] + "\x00"
		}
		sum := sha256.Sum256([]byte(whole))
		want := strings.ToLower(strings.TrimRight(base32.StdEncoding.EncodeToString(sum[:]), "="))
		if got := newswire.Hash(parts...); got != want {
			t.Errorf("Hash of parts of %v bytes = %s, want %s", lengths, got, want)
		}
	}
}
