package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/web"
)

// planted is in every field of every source's access.
const planted = "hunter2-7f3a"

// memberFeed has an article, whose own page is read too.
const memberFeed = `<rss version="2.0"><channel><title>Members</title><link>https://members.example/</link><description>d</description>
<item><guid>1</guid><link>%s/article</link><title>One</title><description>Of the one thing that there is.</description></item></channel></rss>`

// failingWays are how publishers fail that are shown secrets.
var failingWays = map[string]http.HandlerFunc{
	"unauthorized": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
	},
	"forbidden":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	"proxy-auth": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) },
	"missing":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	"gone":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
	"too-many":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
	"trouble":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	"no-feed": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<!doctype html><title>Log in</title>")
	},
	"cut-off": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<rss version="2.0"><channel><item><ti`)
	},
	"not-asked": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
	"hangs":     func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"aborts":    func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"bad-zip": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "\x1f\x8b no")
	},
	"circle":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
	"nowhere": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
	"to-private": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
	},
	"to-no-web": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "ftp://x.example/", http.StatusFound)
	},
	"to-no-address": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://%zz", http.StatusFound) },
}

// leakTest is a config full of secrets, publishers that fail, and all that was said meanwhile.
type leakTest struct {
	*testing.T
	dir           string
	config        string
	listen, admin string
	mu            sync.Mutex // guards out
	out           bytes.Buffer
	other         *httptest.Server // another origin than any source's
	shown         []string         // what the other origin was shown
	let           bool             // it did
	ids           []string
}

func (l *leakTest) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *leakTest) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// newswire runs a command, and keeps what it says.
func (l *leakTest) newswire(ctx context.Context, args ...string) {
	fmt.Fprintf(l, "\n$ newswire %s\n", strings.Join(args, " "))
	args = append([]string{"--log-level", "debug"}, args...)
	run(ctx, args, &console{stdin: strings.NewReader(""), stdout: l, stderr: l, formats: web.Formats()})
}

// get keeps what is answered.
func (l *leakTest) get(address string) string {
	request, err := http.NewRequestWithContext(l.Context(), http.MethodGet, address, nil)
	if err != nil {
		l.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Fprintf(l, "\nGET %s\n%v\n%s\n", address, answer.Header, body)
	return string(body)
}

// publisher starts a server on an address of its own: a domain of its own.
func (l *leakTest) publisher(n int, handler http.HandlerFunc) *httptest.Server {
	var lc net.ListenConfig
	listener, err := lc.Listen(l.Context(), "tcp4", fmt.Sprintf("127.0.0.%d:0", n+2))
	if err != nil {
		l.Skipf("there is one loopback address alone: %v", err)
	}
	s := httptest.NewUnstartedServer(handler)
	_ = s.Listener.Close()
	s.Listener = listener
	s.Start()
	l.Cleanup(s.Close)
	return s
}

// start makes the publishers and the config.
func (l *leakTest) start() {
	for _, name := range []string{"PASSWORD", "KEY", "COOKIE"} {
		l.Setenv("LEAK_"+name, planted+"-"+strings.ToLower(name))
	}
	l.Setenv("LEAK_PROXY", "socks5://"+planted+":"+planted+"@127.0.0.1:1")
	l.write("bearer", planted+"-bearer")
	l.write("http-proxy", "http://"+planted+":"+planted+"@127.0.0.1:1")
	l.writeKey()
	l.other = l.publisher(200, func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.shown = append(l.shown, r.Header.Get("Authorization")+r.Header.Get("X-Key")+r.Header.Get("Cookie"))
		l.mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
	})
	const most = `user: ` + planted + `-user, password_env: LEAK_PASSWORD, headers: {X-Key: {env: LEAK_KEY}}, cookies: {session: {env: LEAK_COOKIE}}`
	var config strings.Builder
	fmt.Fprintf(&config, `site: {title: The Wire, url: "http://%s"}
listen: "%s"
admin: "%s"
store: sqlite:%s
snapshot: %s
search: %s
fetch: {timeout: 500ms, domain_interval: 0s, allow_private: [127.0.0.0/8]}
sources:
`, l.listen, l.listen, l.admin, filepath.Join(l.dir, "wire.db"), filepath.Join(l.dir, "snapshot"), filepath.Join(l.dir, "wire.search"))
	n := 0
	add := func(id, address, access string) {
		l.ids = append(l.ids, id)
		fmt.Fprintf(&config, "  - {id: %s, url: %q, %s}\n", id, address, access)
	}
	for name, handler := range failingWays {
		n++
		add(name, l.publisher(n, handler).URL+"/", "access: {"+most+"}")
	}
	elsewhere := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, l.other.URL+"/x", http.StatusFound) }
	add("elsewhere", l.publisher(101, elsewhere).URL+"/", "access: {"+most+"}")
	add("token", l.publisher(102, failingWays["unauthorized"]).URL+"/", "access: {bearer_file: bearer}")
	add("by-socks", l.publisher(103, failingWays["trouble"]).URL+"/", "access: {"+most+"}, proxy_env: LEAK_PROXY")
	add("by-proxy", l.publisher(104, failingWays["trouble"]).URL+"/", "access: {"+most+"}, proxy_file: http-proxy")
	secure := httptest.NewTLSServer(nil)
	l.Cleanup(secure.Close)
	add("by-tls", secure.URL+"/", "access: {"+most+"}, tls: {ca_file: us.pem, cert_file: us.pem, key_file: us.key}")
	add("by-page", l.publisher(105, failingWays["no-feed"]).URL+"/", "access: {"+most+"}, page: {item: li}")
	add("members", l.publisher(106, l.member).URL+"/feed", "full_text: true, access: {"+most+"}")
	l.write("newswire.yaml", config.String())
}

// member lets in a visitor that shows everything.
func (l *leakTest) member(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	cookie, _ := r.Cookie("session")
	if user != planted+"-user" || password != planted+"-password" || r.Header.Get("X-Key") != planted+"-key" || cookie == nil || cookie.Value != planted+"-cookie" {
		if r.URL.Path != "/robots.txt" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		return
	}
	l.mu.Lock()
	l.let = l.let || r.URL.Path == "/article"
	l.mu.Unlock()
	if r.URL.Path == "/feed" {
		fmt.Fprintf(w, memberFeed, "http://"+r.Host)
		return
	}
	_, _ = io.WriteString(w, "<html><head><title>One</title></head><body><article><p>The whole of it, for members.</p></article></body></html>")
}

func (l *leakTest) write(name, text string) {
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
		l.Fatal(err)
	}
}

// writeKey writes a certificate and its key.
func (l *leakTest) writeKey() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		l.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "us"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		l.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		l.Fatal(err)
	}
	l.write("us.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	l.write("us.key", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})))
}

// commands are all that visit publishers or tell of them.
func (l *leakTest) commands() {
	l.write("list.opml", `<opml version="2.0"><body><outline type="rss" text="x" xmlUrl="https://x.example/feed"/></body></opml>`)
	c := []string{"-c", l.config}
	for _, args := range [][]string{
		{"check"},
		{"fetch"},
		{"fetch", "--json", "members", "unauthorized", "hangs"},
		{"sources"},
		{"sources", "--json"},
		{"why", "members"},
		{"pause", "members", "--reason", "its publisher asked"},
		{"resume", "members"},
		{"held"},
		{"held", "--json"},
		{"export"},
		{"add", l.other.URL},
		{"import", filepath.Join(l.dir, "list.opml")},
		{"partner", "add", "acme"},
		{"partner", "list", "--json"},
		{"preview", "members", "-o", "json"},
		{"preview", "members", "-o", "atom"},
		{"history", newswire.ArticleID("members", "1"), "--json"},
		{"health"},
	} {
		l.newswire(l.Context(), append(args, c...)...)
	}
	for _, id := range l.ids {
		l.newswire(l.Context(), append([]string{"preview", id}, c...)...)
	}
}

// service runs the service until each source was visited, and asks for all that it serves.
func (l *leakTest) service() {
	ctx, cancel := context.WithCancel(l.Context())
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { l.newswire(ctx, "serve", "-c", l.config) })
	defer running.Wait()
	defer cancel()
	public, admin := "http://"+l.listen, "http://"+l.admin
	for end := time.Now().Add(90 * time.Second); !strings.Contains(l.get(public+"/feeds/all.json"), "One"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			l.Errorf("the member's article is not served:\n%s", l.said())
			return
		}
	}
	for _, path := range []string{
		"/", "/feeds/all.atom", "/feeds/all.rss", "/feeds/source/members.json", "/search?q=whole", "/feeds/search.atom?q=whole", "/source/members", "/feeds.opml", "/about/fetcher",
		"/api/v1/articles", "/api/v1/changes", "/api/v1/sources", "/api/v1/openapi.json",
	} {
		l.get(public + path)
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2"} {
		l.get(admin + path)
	}
	l.console(admin + "/console")
}

// console opens every page of the operators' console.
func (l *leakTest) console(base string) {
	for _, path := range []string{"", "/sources", "/held", "/changes", "/changes?source=members", "/partners", "/article?id=" + newswire.ArticleID("members", "1")} {
		if page := l.get(base + path); !strings.Contains(page, "<main") || strings.Contains(page, `role="alert"`) {
			l.Errorf("the console answers %s with %s", path, page)
		}
	}
	for _, id := range l.ids {
		if page := l.get(base + "/sources/" + id); !strings.Contains(page, "Its last visits") {
			l.Errorf("the console's page of the source %s is %s", id, page)
		}
	}
}

// mistakes has commands read a config whose secrets are missing, or are none.
func (l *leakTest) mistakes() {
	for _, name := range []string{"LEAK_PASSWORD", "LEAK_KEY"} {
		l.Setenv(name, planted+"\nInjected: "+planted)
	}
	l.Setenv("LEAK_PROXY", planted+"://"+planted)
	l.Setenv("LEAK_COOKIE", "")
	l.write("us.key", planted)
	for _, args := range [][]string{{"check"}, {"fetch"}, {"serve"}, {"preview", "members"}, {"export"}} {
		l.newswire(l.Context(), append(args, "-c", l.config)...)
	}
}

// leaks are the lines of a text with a secret in them, in the ways that HTTP and Go write one.
func leaks(text string) []string {
	forms := []string{
		planted, url.QueryEscape(planted), fmt.Sprintf("%x", planted),
		base64.StdEncoding.EncodeToString([]byte(planted))[:12],
		base64.StdEncoding.EncodeToString([]byte(planted + "-user:" + planted))[:20], "EC PRIVATE",
	}
	var found []string
	for line := range strings.Lines(text) {
		for _, form := range forms {
			if strings.Contains(line, form) {
				found = append(found, line[:min(len(line), 400)])
				break
			}
		}
	}
	return found
}

// TestNoSecretOfASourceIsShownAnywhere has publishers that fail in every way, or send their visitors elsewhere, each shown all
// kinds of secrets; and looks for these in all that every command says at debug level, all that the service answers, and
// every file that they write.
func TestNoSecretOfASourceIsShownAnywhere(t *testing.T) {
	dir := t.TempDir()
	free := newPorts()
	l := &leakTest{T: t, dir: dir, config: filepath.Join(dir, "newswire.yaml"), listen: freeAddress(t, free), admin: freeAddress(t, free)}
	l.start()
	given, err := os.ReadFile(l.config)
	if err != nil {
		t.Fatal(err)
	}
	l.commands()
	l.service()
	l.mistakes()

	for _, line := range leaks(l.said()) {
		t.Errorf("said: %s", line)
	}
	for _, shown := range l.shown {
		if shown != "" {
			t.Errorf("another origin is shown %q", shown)
		}
	}
	if !l.let || len(l.shown) == 0 {
		t.Errorf("the members' article was read: %v; another origin was visited: %v; want both, or this proves nothing", l.let, len(l.shown) > 0)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		switch rel, _ := filepath.Rel(dir, path); rel {
		case "bearer", "http-proxy", "us.key": // the secrets' own
			return err
		case "newswire.yaml": // the user's names, which the operator wrote there, and commands add to
			data = bytes.ReplaceAll(data, []byte("user: "+planted+"-user"), nil)
		}
		files++
		for _, line := range leaks(string(data)) {
			t.Errorf("%s: %.200q", path, line)
		}
		return err
	})
	if err != nil || files < 4 || len(given) == 0 {
		t.Errorf("%d files were looked into: %v", files, err)
	}
}

// freeAddress is one of loopback on which nothing listens, nor will soon.
func freeAddress(t *testing.T, free *ports) string {
	t.Helper()
	port, err := free.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", port)
}
