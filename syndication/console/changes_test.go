package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/console"
)

// changes are those of an article that is there, of one that went, and of another source's.
func changes() []newswire.Change {
	return []newswire.Change{
		{At: time.Now(), Op: newswire.Remove, Article: "b-5", Revision: 2, Topics: []newswire.Topic{newswire.All}},
		{At: time.Now(), Op: newswire.Put, Article: "a-1", Revision: 3, Topics: []newswire.Topic{newswire.All, newswire.SourceTopic("a")}},
		{At: time.Now(), Op: newswire.Put, Article: "a-2", Revision: 1, Topics: []newswire.Topic{newswire.All}},
	}
}

func TestTheChangeLogIsShownNewestFirst(t *testing.T) {
	b := newBrowser(t, &shelf{changes: changes()}, console.Options{})
	shown := func(path string) string {
		t.Helper()
		code, body := b.get(path)
		if code != http.StatusOK {
			t.Fatalf("GET %s: %d", path, code)
		}
		return body
	}
	body := shown("/changes")
	for _, want := range []string{"<code>b-5</code>", ">removed<", `/console/article?id=a-1" dir="auto">Casino &lt;b&gt;<`, ">changed<", "source/a", ">new<"} {
		before, after, found := strings.Cut(body, want)
		if !found {
			t.Fatalf("%s is not behind what precedes it:\n%s", want, before)
		}
		body = want + after
	}
	if body := shown("/changes?source=a"); strings.Contains(body, "b-5") || !strings.Contains(body, "a-1") {
		t.Errorf("of the source a: %s", body)
	}
	if body := shown("/changes?source=c%22"); !strings.Contains(body, "None of the last 3 changes is of this source") || strings.Contains(body, `c"`) {
		t.Errorf("of a source without changes: %s", body)
	}
}

func TestTheChangeLogIsLoadedAgainWhereThePersonWantsIt(t *testing.T) {
	b := newBrowser(t, &shelf{changes: changes()}, console.Options{})
	for path, want := range map[string]string{"/changes": "", "/changes?live=1&source=a": "5"} {
		response, err := b.Get(b.base + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Refresh"); got != want {
			t.Errorf("GET %s: Refresh %q, want %q", path, got, want)
		}
	}
	if _, body := b.get("/changes?live=1&source=a"); !strings.Contains(body, `href="/console/changes?source=a">Stop that`) || !strings.Contains(body, `name="live"`) {
		t.Errorf("it cannot be stopped: %s", body)
	}
}
