package fetch

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// planted is in every secret of these tests.
const planted = "hunter2"

// loopback lets a test's client visit servers of the test.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// everything is one credential of each kind, but those that exclude each other.
func everything(origin string) Credentials {
	return Credentials{
		Origin: origin, User: NewSecret(planted + "-user"), Password: NewSecret(planted),
		Headers: []Field{{"X-Key", NewSecret(planted + "-header")}}, Cookies: []Field{{"session", NewSecret(planted + "-cookie")}},
	}
}

// diary is what a server was asked with.
type diary struct {
	*httptest.Server
	mu   sync.Mutex // guards seen
	seen []string   // path and credentials of each request
}

// newDiary starts a server that redirects a path in the table, and answers others with a document.
func newDiary(t *testing.T, redirects map[string]string) *diary {
	t.Helper()
	d := &diary{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.seen = append(d.seen, r.URL.Path+" "+credentialsOf(r))
		d.mu.Unlock()
		if to := redirects[r.URL.Path]; to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		fmt.Fprint(w, "a document")
	}))
	t.Cleanup(d.Close)
	return d
}

// credentialsOf is what a request shows.
func credentialsOf(r *http.Request) string {
	var shown []string
	for _, h := range []string{"Authorization", "X-Key", "Cookie", "Proxy-Authorization"} {
		if v := r.Header.Get(h); v != "" {
			shown = append(shown, h)
		}
	}
	return strings.Join(shown, " ")
}

func (d *diary) log() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.seen, ", ")
}

func TestCredentialsAreForTheirOriginAlone(t *testing.T) {
	const all = "Authorization X-Key Cookie"
	ours, theirs := map[string]string{}, map[string]string{}
	own, other := newDiary(t, ours), newDiary(t, theirs)
	ours["/feed"] = other.URL + "/elsewhere"
	theirs["/elsewhere"] = own.URL + "/back"
	ours["/here"] = "/there"
	byName := strings.Replace(own.URL, "127.0.0.1", "localhost", 1) // the same server, and another origin
	for _, tt := range []struct {
		name, url, own, other string
		shown                 Shown
	}{
		{"itself", own.URL + "/", "/ " + all, "", ShownSent},
		{"a redirect within", own.URL + "/here", "/here " + all + ", /there " + all, "", ShownSent},
		{"there and back", own.URL + "/feed", "/feed " + all + ", /back " + all, "/elsewhere ", ShownSent},
		{"another port", other.URL + "/", "", "/ ", ShownWithheld},
		{"another host", byName + "/", "/ ", "", ShownWithheld},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own.seen, other.seen = nil, nil
			c := NewClient(Options{AllowPrivate: loopback}).For(everything(own.URL + "/any/where?x"))
			defer c.Close()
			a, err := c.Get(t.Context(), Request{URL: tt.url})
			if err != nil {
				t.Fatal(err)
			}
			if own.log() != tt.own || other.log() != tt.other || a.Shown != tt.shown {
				t.Errorf("own origin saw %q, the other %q, shown %v; want %q, %q, %v", own.log(), other.log(), a.Shown, tt.own, tt.other, tt.shown)
			}
		})
	}
}

func TestAnOriginIsOneHoweverItIsWritten(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"https://news.example/feed", "https://NEWS.example:443/other", true},
		{"http://news.example", "http://news.example:80/", true},
		{"http://news.example", "https://news.example", false},
		{"http://news.example", "http://news.example:443", false},
		{"https://news.example", "https://www.news.example", false},
		{"https://news.example", "https://news.example.evil.example", false},
		{"https://[::1]:443/", "https://[::1]/", true},
	} {
		if got := originOf(tt.a) == originOf(tt.b); got != tt.same {
			t.Errorf("%s and %s of one origin: %v, want %v", tt.a, tt.b, got, tt.same)
		}
	}
}

func TestABearerTokenIsSent(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }))
	defer server.Close()
	c := NewClient(Options{AllowPrivate: loopback}).For(Credentials{Origin: server.URL, Bearer: NewSecret(planted)})
	defer c.Close()
	if _, err := c.Get(t.Context(), Request{URL: server.URL}); err != nil || got != "Bearer "+planted {
		t.Errorf("the server sees Authorization: %q (%v)", got, err)
	}
}

func TestACookieOfTheirsReplacesOursOfThatName(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "newer"})
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		got = r.Header.Get("Cookie")
	}))
	defer server.Close()
	c := NewClient(Options{AllowPrivate: loopback}).For(everything(server.URL))
	defer c.Close()
	if _, err := c.Get(t.Context(), Request{URL: server.URL}); err != nil || got != "session=newer" {
		t.Errorf("the server sees Cookie: %q (%v)", got, err)
	}
}

// refusedCredentials cannot be sent, or would say what is ours to say.
var refusedCredentials = []struct {
	name string
	c    Credentials
	want string
}{
	{"user without password", Credentials{User: NewSecret("a")}, "go together"},
	{"colon in user", Credentials{User: NewSecret(planted + ":"), Password: NewSecret("x")}, "colon"},
	{"user and token", Credentials{User: NewSecret("a"), Password: NewSecret("b"), Bearer: NewSecret("c")}, "user or a bearer"},
	{"line break in token", Credentials{Bearer: NewSecret(planted + "\r\nX: y")}, "line break"},
	{"line break in header", Credentials{Headers: []Field{{"X-Key", NewSecret(planted + "\nX: y")}}}, "line break"},
	{"no header", Credentials{Headers: []Field{{"X Key", NewSecret(planted)}}}, "no name of a header"},
	{"Host", Credentials{Headers: []Field{{"host", NewSecret(planted)}}}, "not for you"},
	{"User-Agent", Credentials{Headers: []Field{{"user-agent", NewSecret(planted)}}}, "not for you"},
	{"If-None-Match", Credentials{Headers: []Field{{"If-None-Match", NewSecret(planted)}}}, "not for you"},
	{"Proxy-Authorization", Credentials{Headers: []Field{{"Proxy-Authorization", NewSecret(planted)}}}, "not for you"},
	{"Cookie", Credentials{Headers: []Field{{"Cookie", NewSecret(planted)}}}, "cookies:"},
	{"two in Authorization", Credentials{Bearer: NewSecret("c"), Headers: []Field{{"Authorization", NewSecret(planted)}}}, "give one of them"},
	{"semicolon in cookie", Credentials{Cookies: []Field{{"a", NewSecret(planted + "; b=c")}}}, "cookie"},
	{"no cookie", Credentials{Cookies: []Field{{"a b", NewSecret(planted)}}}, "cookie"},
}

func TestCredentialsThatCannotBeSentAreRefused(t *testing.T) {
	for _, tt := range refusedCredentials {
		err := tt.c.Check()
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), planted) {
			t.Errorf("%s: %v; want %q in it and no secret", tt.name, err, tt.want)
		}
	}
	all := everything("https://news.example")
	if err := all.Check(); err != nil {
		t.Error(err)
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	credentials := everything("https://news.example/")
	credentials.Bearer = NewSecret(planted)
	pki := newAuthority(t)
	credentials.Certificate = pki.certificate(t, "us")
	p, err := ParseProxy("http://" + planted + ":" + planted + "@127.0.0.1:3128")
	if err != nil {
		t.Fatal(err)
	}
	client := NewClient(Options{Proxy: p}).For(credentials)
	type nested struct {
		Credentials Credentials
		hidden      Credentials
		Pointer     *Credentials
		Proxy       *Proxy
		proxy       *Proxy
		Client      *Client
		Any         any
		Map         map[string]Field
	}
	n := nested{credentials, credentials, &credentials, p, p, client, credentials, map[string]Field{"a": credentials.Headers[0]}}
	var out bytes.Buffer
	for _, v := range []any{n, &n, credentials, &credentials, credentials.Password, &credentials.Password, p, client, credentials.Certificate, client.private} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		_ = json.NewEncoder(&out).Encode(v)
		_ = xml.NewEncoder(&out).Encode(v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	}
	hex := fmt.Sprintf("%x", planted)
	if text := out.String(); strings.Contains(text, planted) || strings.Contains(text, hex) || strings.Contains(text, pki.secretOf(t, "us")) {
		for line := range strings.Lines(text) {
			if strings.Contains(line, planted) || strings.Contains(line, hex) {
				t.Errorf("printed: %.300s", line)
			}
		}
		t.Fatal("a secret was printed")
	}
}
