package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/syndication/web"
)

func TestOneFeedIsToldByAnyOfItsAddresses(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"https://news.example.com/feed", "http://News.example.com/feed/#top", true},
		{"https://me:secret@news.example.com/feed", "https://news.example.com/feed", true},
		{"https://news.example.com", "https://news.example.com/", true},
		{"https://news.example.com/feed?a=1", "https://news.example.com/feed?a=2", false},
		{"https://news.example.com/feed", "https://news.example.com/Feed", false},
		{"https://news.example.com/a%2Fb", "https://news.example.com/a/b", false},
		{"https://news.example.com:8443/feed", "https://news.example.com/feed", false},
	} {
		if got := config.FeedKey(tt.a) == config.FeedKey(tt.b); got != tt.want {
			t.Errorf("%s and %s are one feed: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestExitCodesOfCommandsThatReadOrWriteSources(t *testing.T) {
	dir := t.TempDir()
	conf, list, huge := filepath.Join(dir, "newswire.yaml"), filepath.Join(dir, "list.opml"), filepath.Join(dir, "huge.opml")
	if err := os.WriteFile(list, []byte(`<opml><body><outline xmlUrl="https://news.example.com/feed"/></body></opml>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, maxOPML+1); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"import", "-c", conf, list}, exitDone},
		{[]string{"import", "-c", conf, list}, exitDone}, // nothing is new
		{[]string{"import", "-c", conf, huge}, exitFailed},
		{[]string{"import", "-c", conf, conf}, exitFailed},
		{[]string{"import"}, exitUsage},
		{[]string{"export", "-c", conf}, exitDone},
		{[]string{"export", "-c", list}, exitFailed},
		{[]string{"export", "more"}, exitUsage},
		{[]string{"add", "-c", conf, "https://news.example.com/feed"}, exitFailed}, // it is there
		{[]string{"add", "-c", conf, "--category", "none", "https://other.example.com/"}, exitFailed},
		{[]string{"add", "-c", dir, "https://other.example.com/"}, exitFailed},
		{[]string{"add"}, exitUsage},
		{[]string{"preview", "-c", conf, "none"}, exitFailed},
		{[]string{"preview", "-o", "html", "none"}, exitUsage},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), tt.args, &console{stdout: &stdout, stderr: &stderr, formats: web.Formats()}); got != tt.want {
			t.Errorf("%q: exit code %d, want %d\n%s%s", tt.args, got, tt.want, &stdout, &stderr)
		}
	}
}
