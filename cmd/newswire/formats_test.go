package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/syndication/web"
)

// TestAFormatInTheTableIsServedAndPreviewed follows the recipe "Add a feed format" of CONTRIBUTING.md: a row of the table is
// all that the rest of the code needs.
func TestAFormatInTheTableIsServedAndPreviewed(t *testing.T) {
	added := web.Formats()[len(web.Formats())-1]
	added.Name, added.Extension, added.MediaType = "Added", "added", "application/x-added"
	c := &console{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), formats: append(web.Formats(), added)}
	command := func(args ...string) string {
		t.Helper()
		out, problems := new(bytes.Buffer), new(bytes.Buffer)
		c.stdout, c.stderr = out, problems
		if code := run(t.Context(), args, c); code != exitDone {
			t.Fatalf("%v ends with %d: %s", args, code, problems)
		}
		return out.String()
	}
	publisher := sourcetest.NewPublisher(t, `<rss version="2.0"><channel><title>News</title><link>https://news.example/</link><description>d</description>
<item><guid>https://news.example/1</guid><link>https://news.example/1</link><title>Harbour</title></item></channel></rss>`)
	file := filepath.Join(t.TempDir(), "newswire.yaml")
	text := fmt.Sprintf(`site: {url: "http://127.0.0.1:1"}
fetch: {allow_private: [127.0.0.0/8]}
store: "sqlite:%s"
sources: [{id: news, url: %q}]
`, filepath.Join(t.TempDir(), "wire.db"), publisher.URL())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	if help := command("preview", "--help"); !strings.Contains(help, "added") {
		t.Errorf("the help of preview does not name the format:\n%s", help)
	}
	if got := command("preview", "-c", file, "-o", added.Extension, "news"); !strings.Contains(got, "Harbour") {
		t.Errorf("preview writes %q; want the article", got)
	}
	command("fetch", "-c", file)
	at := "http://" + serveFormats(t, file, c) + "/feeds/source/news.added"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "Harbour") {
		t.Errorf("%s answers %s, %v: %s", at, response.Status, err, body)
	}
	if got := response.Header.Get("Content-Type"); !strings.HasPrefix(got, added.MediaType) {
		t.Errorf("%s has the type %q; want %q", at, got, added.MediaType)
	}
}

func TestEveryFormatIsInTheManuals(t *testing.T) {
	for file, named := range map[string]func(f web.Format) string{
		"README.md":           func(f web.Format) string { return f.Extension },
		"docs/attribution.md": func(f web.Format) string { return f.Name },
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range web.Formats() {
			if !regexp.MustCompile(`\b` + named(f) + `\b`).Match(text) {
				t.Errorf("%s does not name the format %s", file, f.Name)
			}
		}
	}
}

// serveFormats runs the service of a config until the test ends, and returns where it answers readers.
func serveFormats(t *testing.T, file string, c *console) string {
	t.Helper()
	conf, _, err := service.Load(file, c.log)
	if err != nil {
		t.Fatal(err)
	}
	public, err := listen(t.Context(), "listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	operators, err := listen(t.Context(), "admin", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &service.Service{
		Config: conf, Store: stores.Opened(open(t, conf.Store)), Log: c.log, Public: public, Admin: operators, Formats: c.formats,
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = s.Store.Close() // nothing was written
	})
	return public.Addr().String()
}
