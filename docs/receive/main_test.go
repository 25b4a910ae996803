package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// receiver is the program, at work until it is killed.
type receiver struct {
	program, address, file string
	process                *exec.Cmd
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	dir := t.TempDir()
	r := &receiver{program: filepath.Join(dir, "receive"), file: filepath.Join(dir, "copy.json")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", r.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for range 100 { // below the ports that a system gives to programs which ask for any, for it is listened on again
		r.address = fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(20_000))
		if l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", r.address); err == nil {
			_ = l.Close()
			return r
		}
	}
	t.Fatal("no port is free")
	return nil
}

func (r *receiver) start(t *testing.T) {
	t.Helper()
	r.process = exec.CommandContext(t.Context(), r.program, r.address, r.file)
	r.process.Env = append(os.Environ(), "WEBHOOK_SECRET="+secret)
	r.process.Stderr = os.Stderr
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
}

func (r *receiver) kill(t *testing.T) {
	t.Helper()
	if err := r.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = r.process.Wait() // it was killed
}

// titles are those of the articles that the program has.
func (r *receiver) titles() (titles []string) {
	var all map[string]struct{ Title string }
	text, err := os.ReadFile(r.file)
	if err != nil || json.Unmarshal(text, &all) != nil {
		return nil
	}
	for _, a := range all {
		titles = append(titles, a.Title)
	}
	return titles
}

func (r *receiver) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); len(r.titles()) != n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the copy has %q, want %d articles", r.titles(), n)
		}
	}
}

// tell has partners be told of what is in the store, until the test ends.
func tell(t *testing.T, store *sqlitecache.Store, to string) {
	t.Helper()
	p := partner.Partner{ID: "acme", Webhook: &partner.Webhook{URL: to, Secret: secret, Batch: 2}}
	client := post.NewClient(post.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	settings := webhook.NewSettings(newswire.Site{URL: "https://wire.example.org"}, []partner.Partner{p}, client)
	now := func() *webhook.Settings { return settings }
	if err := webhook.NewKeeper(store, now, webhook.KeeperOptions{}).Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := delivery.New(store, webhook.NewSender(store, now, webhook.Options{}), delivery.Options{
		Channel: cache.ChannelWebhook, Poll: 10 * time.Millisecond, MinBackoff: 50 * time.Millisecond, MaxBackoff: 100 * time.Millisecond,
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
}

// publish records a visit to a new source that offers n articles, and returns their IDs.
func publish(t *testing.T, store *sqlitecache.Store, source string, n int) (ids []string) {
	t.Helper()
	if err := store.Reschedule(t.Context(), source, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(t.Context(), 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v", leases, err)
	}
	visit := newswire.Visit{Source: source, At: leases[0].At, State: newswire.State{Source: source}}
	for i := range n {
		guid := strconv.Itoa(i)
		id := newswire.ArticleID(source, guid)
		ids = append(ids, id)
		visit.Articles = append(visit.Articles, newswire.Article{
			ID: id, Source: source, GUID: guid, Title: source + " " + guid, Revision: 1, Offer: "1", FirstSeen: time.Now(), Listed: time.Now(),
			Rights: newswire.Rights{Policy: newswire.PolicyFull},
		})
	}
	if err := store.Record(t.Context(), leases[0], visit); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestTheReceiverHasACopyOfAllOverRestarts(t *testing.T) {
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "wire.db"), sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := newReceiver(t)
	r.start(t)
	tell(t, store, "http://"+r.address)
	first := publish(t, store, "a", 5)
	r.await(t, 5)
	r.kill(t)
	publish(t, store, "b", 3)
	if _, err := store.Withdraw(t.Context(), first[2], "a mistake"); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	defer func() { r.kill(t) }()
	r.await(t, 7)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.address, strings.NewReader(`{"type":"article.remove"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("what is not signed is answered by %v, %v", answer, err)
	}
	_ = answer.Body.Close()
}
