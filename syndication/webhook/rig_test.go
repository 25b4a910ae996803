package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// change is what the tests read of a change.
type change struct {
	Cursor   string
	Op       string
	Article  string
	Revision int
	Item     *struct {
		Title   string
		Content string `json:"content_html"`
	}
	Tombstone *struct{ ID, Reason string }
}

// message is one that a partner got.
type message struct {
	id   string
	Type string
	Time time.Time `json:"timestamp"`
	Data struct {
		Changes  []change
		Next     string
		Cursor   string
		Articles string
	}
	header http.Header
	body   string
}

// receiver is a partner's endpoint. It checks the signature of all it gets.
type receiver struct {
	test *testing.T
	url  string
	http *httptest.Server

	mu       sync.Mutex
	answer   func(w http.ResponseWriter) // in place of 204
	messages []message                   // all that came
	accepted []message
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{test: t}
	r.http = httptest.NewUnstartedServer(r)
	r.http.Config.SetKeepAlivesEnabled(false) // a connection that waits would hold up virtual time
	r.http.Start()
	r.url = r.http.URL
	t.Cleanup(r.http.Close)
	return r
}

// ServeHTTP implements [http.Handler].
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // cut off
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := message{id: request.Header.Get("webhook-id"), header: request.Header, body: string(body)}
	if err := json.Unmarshal(body, &m); err != nil {
		r.test.Errorf("%v in %s", err, body)
	}
	r.verify(request.Header, body)
	r.messages = append(r.messages, m)
	if r.answer != nil {
		r.answer(w)
		return
	}
	r.accepted = append(r.accepted, m)
	w.WriteHeader(http.StatusNoContent)
}

// verify checks a signature by the official library, but for the time, which is virtual in some tests, and by hand.
func (r *receiver) verify(h http.Header, body []byte) {
	official, err := standardwebhooks.NewWebhook(secret)
	if err == nil {
		err = official.VerifyIgnoringTimestamp(body, h)
	}
	if err != nil {
		r.test.Errorf("signature: %v", err)
	}
	key, _ := base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("webhook-signature") != want {
		r.test.Errorf("webhook-signature: %q, want %q", h.Get("webhook-signature"), want)
	}
	if h.Get("Content-Type") != "application/json" {
		r.test.Errorf("Content-Type: %q", h.Get("Content-Type"))
	}
}

// refuse has the endpoint answer with a status from now on; with 0 it accepts again.
func (r *receiver) refuse(status int, fields ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answer = nil; status == 0 {
		return
	}
	r.answer = func(w http.ResponseWriter) {
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
	}
}

// got returns what came since the last call.
func (r *receiver) got() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.messages
	r.messages, r.accepted = nil, nil
	return m
}

// rig is a store, and a partner that is told of its changes.
type rig struct {
	*receiver
	*testing.T
	store    cache.Store
	partner  partner.Partner
	settings *webhook.Settings
	told     string // the partner's place
	visits   int
}

var (
	site     = newswire.Site{Title: "The Wire", URL: "https://wire.example.org"}
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
)

func newRig(t *testing.T, batch int) *rig {
	t.Helper()
	return newRigFor(t, newReceiver(t), filepath.Join(t.TempDir(), "wire.db"), batch)
}

// newRigFor is newRig with a receiver that is there, and the store in a file.
func newRigFor(t *testing.T, to *receiver, file string, batch int) *rig {
	t.Helper()
	return newRigOn(t, to, open(t, file), batch)
}

// newRigOn is newRig with a receiver and a store that are there.
func newRigOn(t *testing.T, to *receiver, store cache.Store, batch int) *rig {
	t.Helper()
	r := &rig{receiver: to, T: t, store: store}
	r.configure(partner.Partner{ID: "acme", Webhook: &partner.Webhook{URL: r.url + "/hook", Secret: secret, Batch: batch}})
	return r
}

// open opens the store in a file.
func open(t *testing.T, file string) *sqlitecache.Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), file, sqlitecache.Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// configure gives the rig another partner.
func (r *rig) configure(p partner.Partner) {
	r.partner = p
	r.settings = webhook.NewSettings(site, []partner.Partner{p}, post.NewClient(post.Options{AllowPrivate: loopback}))
}

func (r *rig) sender(store webhook.Store) *webhook.Sender {
	return webhook.NewSender(store, func() *webhook.Settings { return r.settings }, webhook.Options{})
}

// article is the nth of a source.
func article(source string, n, revision int, categories ...string) newswire.Article {
	guid := strconv.Itoa(n)
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	return newswire.Article{
		ID: newswire.ArticleID(source, guid), Source: source, Revision: revision, Offer: strconv.Itoa(revision), GUID: guid,
		Title: "Article " + guid, Content: "<p>The whole text of article " + guid + ".</p><p>And more of it.</p>",
		Published: at, FirstSeen: at, Listed: at, Categories: categories, Rights: newswire.Rights{Policy: newswire.PolicyFull},
	}
}

// publish records a visit with n new articles, and returns them.
func (r *rig) publish(n int, categories ...string) []newswire.Article {
	r.Helper()
	r.visits++
	source := "s" + strconv.Itoa(r.visits)
	var articles []newswire.Article
	for i := range n {
		articles = append(articles, article(source, i, 1, categories...))
	}
	record(r.T, r.store, articles...)
	return articles
}

// record has a worker visit a publisher who offers the articles.
func record(t *testing.T, store cache.Store, articles ...newswire.Article) {
	t.Helper()
	ctx, source := t.Context(), articles[0].Source
	due, err := store.Due(ctx)
	if err == nil {
		err = store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour))
	}
	if err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim(%s) = %v, %v", source, leases, err)
	}
	err = store.Record(ctx, leases[0], newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles, State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// send sends one message, and goes on to where the sender says.
func (r *rig) send(s *webhook.Sender) (sent, more bool, err error) {
	r.Helper()
	o := s.Send(r.Context(), &cache.Subscription{Channel: cache.ChannelWebhook, ID: r.partner.ID, Progress: cache.Progress{Told: r.told}})
	if o.End {
		r.Error("the subscription is ended")
	}
	r.told = o.Told
	return o.Sent, o.More, o.Err
}

// sendAll sends until there is nothing more, and returns what came.
func (r *rig) sendAll(s *webhook.Sender) []message {
	r.Helper()
	for range 1000 {
		_, more, err := r.send(s)
		if err != nil {
			r.Fatal(err)
		}
		if !more {
			return r.got()
		}
	}
	r.Fatal("there is no end to it")
	return nil
}

// summary is the types of messages and the number of changes in each, such as "article.put 3".
func summary(messages []message) (out []string) {
	for _, m := range messages {
		out = append(out, m.Type+" "+strconv.Itoa(len(m.Data.Changes)))
	}
	return out
}

// articlesOf are those of all changes in messages, in order.
func articlesOf(messages []message) (ids []string) {
	for _, m := range messages {
		for _, c := range m.Data.Changes {
			ids = append(ids, c.Article)
		}
	}
	return ids
}

func idsOf(articles ...newswire.Article) (ids []string) {
	for i := range articles {
		ids = append(ids, articles[i].ID)
	}
	return ids
}

// log is a change log in place of the store's.
type log struct {
	cache.Store
	changes func(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error)
	article func(id string) error
}

func (l *log) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	if l.changes != nil {
		return l.changes(ctx, after, limit)
	}
	return l.Store.Changes(ctx, after, limit)
}

func (l *log) Article(ctx context.Context, id string) (newswire.Article, error) {
	if l.article != nil {
		if err := l.article(id); err != nil {
			return newswire.Article{}, err
		}
	}
	return l.Store.Article(ctx, id)
}
