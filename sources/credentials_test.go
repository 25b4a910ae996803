package sources_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

func TestAPasswordInAnAddressIsNotStored(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, rss("one Title"))
	with := func(password string) newswire.Source {
		return newswire.Source{ID: "pub", URL: strings.Replace(pub.URL(), "://", "://reader:"+password+"@", 1)}
	}
	if got := d.visit(nil, with("hunter2"))["pub"]; got.New != 1 {
		t.Fatalf("the visit is %+v; want an article", got)
	}
	stored, err := json.Marshal([]any{d.state("pub"), d.articles(newswire.All)})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(stored); strings.Contains(text, "hunter2") || strings.Contains(text, "reader") {
		t.Errorf("what is stored has the credentials: %s", text)
	}
	if got := d.visit(nil, with("hunter2"))["pub"]; got.Outcome != sources.NotModified {
		t.Errorf("with the same password the next visit is %+v; want it not modified", got)
	}
	same := d.state("pub").Configured
	d.visit(nil, with("hunter3"))
	if got := d.state("pub").Configured; got == same || strings.Contains(got, "hunter") {
		t.Errorf("with another password the address is stored as %q, which was %q before", got, same)
	}
}
