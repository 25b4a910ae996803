package robots_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/robots"
)

func TestContentUsageIsThatOfTheLongestPath(t *testing.T) {
	const draft = "User-Agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: train-ai=n\nContent-Usage: /ai-ok/ train-ai=y\n\n" +
		"User-Agent: otherbot\nAllow: /\nContent-Usage: train-ai=y\n"
	tests := []struct {
		name, file, path string
		want             newswire.Usage
	}{
		{"all paths", draft, "/test", "train-ai=n"},
		{"what may not be fetched", draft, "/never/test", ""},
		{"a longer path", draft, "/ai-ok/test", "train-ai=y"},
		{"our own group", draft + "\nUser-Agent: newswire\nContent-Usage: search=n", "/test", "search=n"},
		{"our own group without a statement", draft + "\nUser-Agent: newswire\nAllow: /", "/test", ""},
		{"equal paths", "User-Agent: *\nContent-Usage: /a x=y, z=y\nContent-Usage: /a x=n", "/a", "x=n, z=y"},
		{"a longer path that says nothing", "User-Agent: *\nContent-Usage: x=n\nContent-Usage: /a y", "/a", ""},
		{"white space", "User-Agent: *\n \tcontent-usage \t: \t/a\t  x=n \t# why", "/a/b", "x=n"},
		{"the end of a path", "User-Agent: *\nContent-Usage: /a$ x=n", "/a", "x=n"},
		{"not the end of a path", "User-Agent: *\nContent-Usage: /a$ x=n", "/ab", ""},
		{"a wildcard", "User-Agent: *\nContent-Usage: /*.html x=n", "/a/b.html?c", "x=n"},
		{"a wildcard before the end", "User-Agent: *\nContent-Usage: /*.html$ x=n", "/a.html/b.html", "x=n"},
		{"escaped octets", "User-Agent: *\nContent-Usage: /%7Ea x=n", "/~a", "x=n"},
		{"no group", "Content-Usage: x=n", "/a", ""},
		{"broken", "User-Agent: *\nContent-Usage: X=N", "/a", ""},
		{"a path alone", "User-Agent: *\nContent-Usage: /a", "/a", ""},
		{"an asterisk", "User-Agent: *\nContent-Usage: *=n", "/a", "*=n"},
		{"no file", "", "/a", ""},
	}
	for _, tt := range tests {
		terms := termsOf(t, tt.file)
		if got := terms.Usage("https://news.example.com" + tt.path); got != tt.want {
			t.Errorf("%s: Usage(%s) = %q, want %q", tt.name, tt.path, got, tt.want)
		}
	}
	if got := termsOf(t, draft).Usage("https://other.example.com/test"); got != "" {
		t.Errorf("an address of another origin has the usage %q", got)
	}
}

func TestMoreContentUsageThanIsReadStillDenies(t *testing.T) {
	var b strings.Builder
	b.WriteString("User-Agent: *\n")
	for i := range 500 {
		fmt.Fprintf(&b, "Content-Usage: /%d/ a%d=n, b=y\n", i, i)
	}
	terms := termsOf(t, b.String())
	for _, i := range []int{99, 100, 499} {
		got := terms.Usage(fmt.Sprintf("https://news.example.com/%d/", i))
		if !strings.Contains(", "+string(got)+",", fmt.Sprintf(", a%d=n,", i)) {
			t.Errorf("the rule %d is not kept: %q", i, got)
		}
	}
}

func TestTermsNameTheSitesLicence(t *testing.T) {
	terms := termsOf(t, "License: https://news.example.com/rsl.xml\nUser-agent: *\nDisallow:\nLicense: https://news.example.com/2.xml")
	if want := "https://news.example.com/rsl.xml"; terms.License != want {
		t.Errorf("License = %q, want %q", terms.License, want)
	}
}

func TestTermsPauseBeforeTheyAskAndNotElse(t *testing.T) {
	cache := robots.NewCache(file("User-Agent: *\nContent-Usage: x=n"))
	paused := 0
	before := func(context.Context) error { paused++; return nil }
	for range 3 {
		if _, err := cache.Terms(t.Context(), agent, "https://news.example.com/a", before); err != nil {
			t.Fatal(err)
		}
	}
	if paused != 1 {
		t.Errorf("it paused %d times for one request", paused)
	}
	late := errors.New("no time is left")
	if _, err := cache.Terms(t.Context(), agent, "https://other.example.com/a", func(context.Context) error { return late }); !errors.Is(err, late) {
		t.Errorf("without time to ask: %v", err)
	}
}

func termsOf(t *testing.T, text string) *robots.Terms {
	t.Helper()
	terms, err := robots.NewCache(file(text)).Terms(t.Context(), agent, "https://news.example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}
