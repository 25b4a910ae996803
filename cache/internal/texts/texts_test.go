package texts

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// article is one of a source, with its words where a publisher's article has them.
func article(source, words string) *newswire.Article {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &newswire.Article{
		ID: newswire.ArticleID(source, words), Source: source, Revision: 1, GUID: words, AtomID: "tag:example.com,2026:" + words,
		URL: "https://" + source + ".example.com/" + words, Title: words, Summary: "<p>" + words + "</p>",
		Content: "<p>" + words + "</p>", Authors: []newswire.Person{{ID: source + ".ada", Name: words}},
		Published: at, FirstSeen: at, Listed: at, Language: "en", Terms: []newswire.Term{{Term: words}},
		Removed: []newswire.Removal{{Reason: "hidden", Text: words}},
		Rights:  newswire.Rights{Policy: newswire.PolicyFull, Statement: words},
		Stated:  newswire.Rights{Statement: words},
		Publisher: newswire.Publisher{
			ID: "https://" + source + ".example.com/feed.xml", Title: "The Daily " + source, Subtitle: "All that the harbour needs to know",
			URL: "https://" + source + ".example.com/", Updated: at, Rights: "© The Daily " + source,
		},
		Upstream: &newswire.Publisher{Title: words},
	}
}

func frameOf(tb testing.TB, a *newswire.Article) []byte {
	tb.Helper()
	frame, err := Frame(a)
	if err != nil {
		tb.Fatal(err)
	}
	return frame
}

func stored(tb testing.TB, c *Codec, a *newswire.Article, frame []byte) []byte {
	tb.Helper()
	b, err := c.Encode(a, frame)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestAnArticleIsReadAsItWasWritten(t *testing.T) {
	noise := make([]byte, 50<<10)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = 'a' + byte(random.IntN(26))
	}
	var c Codec
	for name, words := range map[string]string{
		"no words": "", "few words": "Ship arrives", "much of one kind": strings.Repeat("ship ", 1<<15), "noise": string(noise),
		"no characters": strings.Repeat("\x00", 100), "Chinese": strings.Repeat("船到了港口。", 50),
	} {
		for _, source := range []string{"dsb", "harbour"} {
			a := article(source, words)
			b := stored(t, &c, a, frameOf(t, a))
			got, err := c.Decode(b, frameOf(t, a))
			if diff := cmp.Diff(*a, got); err != nil || diff != "" {
				t.Errorf("%s of %s: %v (-want +got):\n%.300s", name, source, err, diff)
			}
			if text, _ := encode(new(bytes.Buffer), a); Length(b) != len(text) {
				t.Errorf("%s of %s: Length = %d, want %d", name, source, Length(b), len(text))
			}
		}
	}
}

func TestAnArticleThatIsNotCompressedIsRead(t *testing.T) {
	var c Codec
	a := article("dsb", "Ship arrives")
	plain, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(plain, nil)
	if diff := cmp.Diff(*a, got); err != nil || diff != "" || NumberOf(plain) != 0 || Length(plain) != len(plain) {
		t.Errorf("dictionary %d, length %d of %d: %v (-want +got):\n%s", NumberOf(plain), Length(plain), len(plain), err, diff)
	}
}

func TestADictionaryHasNoWordOfAnArticle(t *testing.T) {
	for _, secret := range []string{"Regrettable-affair-of-the-mayor", strings.Repeat("x", 2*mostFrame)} {
		if frame := frameOf(t, article("dsb", secret)); bytes.Contains(frame, []byte(secret[:8])) {
			t.Errorf("the dictionary has a word of the article: %s", frame)
		}
	}
}

func TestADictionaryIsBoundedAndDoesNotFollowTheClock(t *testing.T) {
	a, b := article("dsb", "one"), article("dsb", "two")
	b.Publisher.Updated = b.Publisher.Updated.Add(time.Hour)
	if diff := cmp.Diff(frameOf(t, a), frameOf(t, b)); diff != "" {
		t.Errorf("dictionaries of two documents of a publisher differ:\n%s", diff)
	}
	a.Publisher.Subtitle = strings.Repeat("long ", mostFrame)
	if frame := frameOf(t, a); len(frame) != mostFrame {
		t.Errorf("the dictionary of a publisher that says much has %d bytes, want %d", len(frame), mostFrame)
	}
}

func TestADictionaryIsKnownByWhatItHas(t *testing.T) {
	var c Codec
	a := article("dsb", "Ship arrives")
	frame, other := frameOf(t, a), frameOf(t, article("harbour", "Ship arrives"))
	b := stored(t, &c, a, frame)
	if NumberOf(b) != Number(frame) || Number(frame) == Number(other) {
		t.Errorf("the article names dictionary %d; its own is %d, another %d", NumberOf(b), Number(frame), Number(other))
	}
	for _, wrong := range [][]byte{nil, other, frame[1:]} {
		if _, err := c.Decode(b, wrong); !errors.Is(err, errFrame) {
			t.Errorf("Decode with dictionary %.30q: %v, want %v", wrong, err, errFrame)
		}
	}
}

// fixedSum is the SHA-256 of the fixed part.
const fixedSum = "00e8da2eaf80713c8439587915a124d75abde102dbe56fea7d0f7949b657b3a8"

// What stores have needs the dictionary as it was.
func TestTheFixedPartNeverChanges(t *testing.T) {
	if got := fmt.Sprintf("%x", sha256.Sum256(fixed)); got != fixedSum {
		t.Errorf("the fixed part of dictionaries is another one (%s, want %s): what stores have cannot be read with it", got, fixedSum)
	}
}

func TestADamagedArticleIsAnErrorAndClaimsNoMemory(t *testing.T) {
	var c Codec
	a := article("dsb", strings.Repeat("Ship arrives. ", 300))
	frame := frameOf(t, a)
	b := stored(t, &c, a, frame)
	for i := range b {
		for _, flip := range []byte{1, 0x80, 0xff} {
			d := bytes.Clone(b)
			d[i] ^= flip
			if got, err := c.Decode(d, frame); err == nil && !cmp.Equal(*a, got) { // some bits say nothing
				t.Errorf("byte %d of %d changed: another article, and no error", i, len(b))
			}
		}
		if _, err := c.Decode(b[:i], frame); err == nil {
			t.Errorf("cut off after %d of %d bytes: no error", i, len(b))
		}
	}
	// A frame header that says 4 GB, with the dictionary and a byte behind it.
	huge := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xa3}, b[5:9]...)
	huge = append(huge, 0xff, 0xff, 0xff, 0xff, 1)
	if _, err := c.Decode(huge, frame); !errors.Is(err, errLength) {
		t.Errorf("an article that says it has 4 GB: %v, want %v", err, errLength)
	}
	if got, err := c.Decode(b, frame); err != nil || got.Title != a.Title {
		t.Errorf("after damaged articles a good one: %q, %v", got.Title, err)
	}
}

func TestManyEncodeAndDecodeAtOnce(t *testing.T) {
	var c Codec
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 100 {
				a := article(fmt.Sprint("s", (worker+i)%3), fmt.Sprint("words ", worker, i))
				b, err := c.Encode(a, frameOf(t, a))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := c.Decode(b, frameOf(t, a)); err != nil || got.Title != a.Title {
					t.Errorf("Decode = %q, %v, want %q", got.Title, err, a.Title)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzDecode: whatever a store has is an article or an error, and an article that was decoded is one that is encoded.
func FuzzDecode(f *testing.F) {
	var c Codec
	a := article("dsb", "Ship arrives")
	frame := frameOf(f, a)
	text, err := json.Marshal(a)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stored(f, &c, a, frame))
	f.Add(text)
	f.Add([]byte(`{"title":"\ud800"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := c.Decode(b, frame)
		if err != nil {
			return
		}
		if Length(b) > mostRatio*len(b) {
			t.Errorf("%d bytes claim %d", len(b), Length(b))
		}
		again, err := c.Encode(&a, frame)
		if err != nil {
			return // a time that JSON reads and does not write
		}
		got, err := c.Decode(again, frame)
		if diff := cmp.Diff(a, got); err != nil || diff != "" {
			t.Errorf("encoded and decoded again: %v (-want +got):\n%s", err, diff)
		}
	})
}

func BenchmarkEncode20(b *testing.B) {
	var c Codec
	a := article("dsb", strings.Repeat("Ships waited in the harbour while prices fell. ", 20))
	frame := frameOf(b, a)
	b.ReportAllocs()
	for b.Loop() {
		for range 20 {
			stored(b, &c, a, frame)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	var c Codec
	a := article("dsb", strings.Repeat("Ships waited in the harbour while prices fell. ", 20))
	frame := frameOf(b, a)
	text, err := encode(new(bytes.Buffer), a)
	if err != nil {
		b.Fatal(err)
	}
	for name, stored := range map[string][]byte{"plain": text, "compressed": stored(b, &c, a, frame)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Decode(stored, frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
