package decoded

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/texts"
)

func stored(n int, text string) []byte {
	b, err := json.Marshal(newswire.Article{ID: fmt.Sprint("a-", n), Content: text, Authors: []newswire.Person{{Name: "Ada"}}})
	if err != nil {
		panic(err)
	}
	return b
}

func TestWhatIsStoredAnewIsDecodedAnew(t *testing.T) {
	var c Articles
	var codec texts.Codec
	for _, text := range []string{"first", "first", "second", "first"} {
		body := stored(1, text)
		var want newswire.Article
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(&codec, body, nil)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Decode: %v (-want +got):\n%s", err, diff)
		}
		clear(body) // a driver uses its buffers again
	}
	if _, err := c.Decode(&codec, []byte("{"), nil); err == nil {
		t.Error("Decode of half an article succeeded")
	}
}

func TestWhatWasDecodedIsNotDecodedAgain(t *testing.T) {
	var c Articles
	var codec texts.Codec
	body := stored(1, strings.Repeat("text ", 100))
	if _, err := c.Decode(&codec, body, nil); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = c.Decode(&codec, body, nil) }); n > 0 {
		t.Errorf("%v allocations for an article that is there", n)
	}
}

func TestAnArticleThatIsTooLargeIsNotKept(t *testing.T) {
	c := Articles{Limit: 64 << 10}
	var codec texts.Codec
	for range 2 {
		if a, err := c.Decode(&codec, stored(1, strings.Repeat("x", 40<<10)), nil); err != nil || len(a.Content) != 40<<10 {
			t.Errorf("%d bytes, %v", len(a.Content), err)
		}
	}
	if size := c.Size(); size != 0 {
		t.Errorf("%d bytes are kept; want none", size)
	}
}

func TestAnArticleOfManyAuthorsIsAsLargeAsThese(t *testing.T) {
	var c Articles
	a := newswire.Article{ID: "a", Authors: make([]newswire.Person, 100)}
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Decode(new(texts.Codec), body, nil); err != nil {
		t.Fatal(err)
	}
	if size := c.Size(); size < int64(len(a.Authors))*int64(unsafe.Sizeof(a.Authors[0])) {
		t.Errorf("%d bytes are counted for %d authors", size, len(a.Authors))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	c := Articles{Limit: 4 << 20}
	var codec texts.Codec
	text := strings.Repeat("x", 64<<10)
	favourite := stored(-1, text)
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			for n := range 100 {
				for _, body := range [][]byte{stored(worker*1000+n, text), favourite} {
					if _, err := c.Decode(&codec, body, nil); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, g := range []generation{c.recent, c.before} {
		size := int64(0)
		for _, a := range g.articles {
			size += int64(len(a.Content))
		}
		if size > c.Limit/2 || g.size < size {
			t.Errorf("%d bytes of text in a generation that counts %d; want at most %d", size, g.size, c.Limit/2)
		}
	}
	if size := c.Size(); size > c.Limit || size < c.Limit/2 {
		t.Errorf("%d bytes; want nearly %d and no more", size, c.Limit)
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = c.Decode(&codec, favourite, nil) }); n > 0 {
		t.Error("what is asked for all the time was dropped")
	}
}
