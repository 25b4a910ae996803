package change_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/change"
)

// stored is a store of one article, or of its tombstone.
type stored struct {
	article *newswire.Article
	stone   *newswire.Tombstone
}

func (s stored) Article(context.Context, string) (newswire.Article, error) {
	switch {
	case s.article != nil:
		return *s.article, nil
	case s.stone != nil:
		return newswire.Article{}, newswire.ErrWithdrawn
	}
	return newswire.Article{}, newswire.ErrNotFound
}

func (s stored) Tombstone(context.Context, string) (newswire.Tombstone, error) {
	if s.stone == nil {
		return newswire.Tombstone{}, newswire.ErrNotFound
	}
	return *s.stone, nil
}

var (
	now     = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	finance = newswire.Article{
		ID: "dsb.1", Source: "dsb", Title: "One", Content: "<p>The whole text.</p>", Categories: []string{"finance"},
		Rights: newswire.Rights{Policy: newswire.PolicyTitle, Partners: newswire.PolicyFull},
	}
	over = newswire.Article{ID: "dsb.1", Source: "dsb", Rights: newswire.Rights{Policy: newswire.PolicyFull, Until: now}}
)

// written are changes, and what a reader gets of them.
var written = []struct {
	name   string
	reader syndication.Reader
	store  stored
	op     newswire.Op
	want   newswire.Op
	has    []string
	lacks  []string
}{
	{"a put, for the public", syndication.Reader{}, stored{article: &finance}, newswire.Put, newswire.Put, []string{`"title":"One"`}, []string{"whole text"}},
	{"a put, for a partner", syndication.Reader{Partner: "acme"}, stored{article: &finance}, newswire.Put, newswire.Put, []string{"<p>The whole text.</p>"}, nil},
	{
		"a put that is not the reader's",
		syndication.Reader{Partner: "acme", Categories: []string{"sport"}},
		stored{article: &finance},
		newswire.Put, newswire.Remove, nil,
		[]string{"item", "One"},
	},
	{"a put of what is over", syndication.Reader{Partner: "acme"}, stored{article: &over}, newswire.Put, newswire.Remove, nil, []string{"item"}},
	{"a put of what has gone since", syndication.Reader{}, stored{}, newswire.Put, newswire.Put, nil, []string{"item", "tombstone"}},
	{
		"a withdrawal",
		syndication.Reader{},
		stored{stone: &newswire.Tombstone{AtomID: "tag:1", At: now, Reason: "a\nmistake"}},
		newswire.Remove, newswire.Remove,
		[]string{`"tombstone":{"id":"tag:1","withdrawn":"2026-11-28T12:00:00Z","reason":"a mistake"}`},
		[]string{"item"},
	},
	{"a remove of what is there again", syndication.Reader{}, stored{article: &finance}, newswire.Remove, newswire.Remove, nil, []string{"item", "tombstone"}},
}

func TestAChangeIsWrittenAsItsReaderMaySeeIt(t *testing.T) {
	for _, tt := range written {
		t.Run(tt.name, func(t *testing.T) {
			state, err := change.Read(t.Context(), tt.store, "dsb.1")
			if err != nil {
				t.Fatal(err)
			}
			r := newswire.Change{Cursor: "7", At: now, Op: tt.op, Article: "dsb.1", Revision: 2, Topics: []newswire.Topic{"all", "former/x", "held/dsb", "source/dsb"}}
			v := change.View{Reader: tt.reader, Site: newswire.Site{URL: "https://wire.example.org"}, Now: now}
			got, err := v.Write(&r, state, nil)
			if err != nil || got.Op != tt.want || !json.Valid(got.Body) {
				t.Fatalf("%s %s, %v; want a %s", got.Op, got.Body, err, tt.want)
			}
			for _, s := range append(tt.has, `{"cursor":"7","op":"`+string(tt.want)+`","article":"dsb.1","revision":2,"topics":["all","source/dsb"],"at":"2026-11-28T12:00:00Z"`) {
				if !strings.Contains(string(got.Body), s) {
					t.Errorf("%s lacks %s", got.Body, s)
				}
			}
			for _, s := range tt.lacks {
				if strings.Contains(string(got.Body), s) {
					t.Errorf("%s has %s", got.Body, s)
				}
			}
		})
	}
}

func TestACursorGoesOutAndComesBack(t *testing.T) {
	for stored, outward := range map[newswire.Cursor]newswire.Cursor{"": "0", "4711.abc": "4711.abc"} {
		if got := change.Outward(stored); got != outward || change.Inward(got) != stored {
			t.Errorf("%q goes out as %q and comes back as %q", stored, got, change.Inward(got))
		}
	}
}
