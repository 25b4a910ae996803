package fetch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority is a certificate authority of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	keys map[string]*ecdsa.PrivateKey // of those it has certified

	mu sync.Mutex // guards keys
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, keys: map[string]*ecdsa.PrivateKey{}}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// pair makes a certificate for a name, with its key, as PEM.
func (a *authority) pair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	a.keys[name] = private
	serial := big.NewInt(int64(len(a.keys) + 1))
	a.mu.Unlock()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: text})
}

// secretOf is the number that makes a key.
func (a *authority) secretOf(t *testing.T, name string) string {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	secret, err := a.keys[name].Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return new(big.Int).SetBytes(secret).String()
}

func (a *authority) certificate(t *testing.T, name string) *Certificate {
	t.Helper()
	c, err := NewCertificate(a.pair(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (a *authority) pool(t *testing.T) *x509.CertPool {
	t.Helper()
	pool, err := Authorities(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// gate is a server over TLS, HTTP/2 too, that asks for a client's certificate and notes whose it gets.
type gate struct {
	*httptest.Server
	mu   sync.Mutex // guards seen
	seen []string   // path, protocol and the client's name, of each request
}

func newGate(t *testing.T, a *authority, auth tls.ClientAuthType, handler http.HandlerFunc) *gate {
	t.Helper()
	g := &gate{}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := "-"
		if len(r.TLS.PeerCertificates) > 0 {
			client = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		g.mu.Lock()
		g.seen = append(g.seen, strings.TrimSpace(r.URL.Path+" "+r.Proto+" "+client+" "+credentialsOf(r)))
		g.mu.Unlock()
		if handler != nil {
			handler(w, r)
		}
	}))
	pair, err := tls.X509KeyPair(a.pair(t, "news.example"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	g.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: auth, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	g.EnableHTTP2 = true
	g.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

func (g *gate) log() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.seen, ", ")
}

func TestACertificateIsShownToItsOriginAlone(t *testing.T) {
	a := newAuthority(t)
	other := newGate(t, a, tls.RequestClientCert, nil)
	own := newGate(t, a, tls.RequireAndVerifyClientCert, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, other.URL+"/there", http.StatusFound)
		}
	})
	c := NewClient(Options{AllowPrivate: loopback, Authorities: a.pool(t)}).
		For(Credentials{Origin: own.URL, Certificate: a.certificate(t, "us")})
	defer c.Close()
	for _, path := range []string{"/", "/moved", "/"} {
		if _, err := c.Get(t.Context(), Request{URL: own.URL + path}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := own.log(), "/ HTTP/2.0 us, /moved HTTP/2.0 us, / HTTP/2.0 us"; got != want {
		t.Errorf("its origin sees %q, want %q", got, want)
	}
	if got, want := other.log(), "/there HTTP/2.0 -"; got != want {
		t.Errorf("another origin sees %q, want %q", got, want)
	}
}

// TestConnectionsAreNotShared has clients with certificates of their own, and one without, take turns at one server, while
// the connections of the others are open.
func TestConnectionsAreNotShared(t *testing.T) {
	a := newAuthority(t)
	g := newGate(t, a, tls.RequestClientCert, nil)
	base := NewClient(Options{AllowPrivate: loopback, Authorities: a.pool(t)})
	defer base.Close()
	clients := map[string]*Client{"-": base}
	for _, name := range []string{"ann", "ben"} {
		clients[name] = base.For(Credentials{Origin: g.URL, Certificate: a.certificate(t, name)})
	}
	clients["ann again"] = base.For(Credentials{Origin: g.URL, Headers: []Field{{"X-Key", NewSecret(planted)}}})
	var want []string
	for range 3 {
		for _, name := range []string{"ann", "-", "ben", "ann again"} {
			if _, err := clients[name].Get(t.Context(), Request{URL: g.URL}); err != nil {
				t.Fatal(err)
			}
			if name == "ann again" {
				name = "- X-Key"
			}
			want = append(want, "/ HTTP/2.0 "+name)
		}
	}
	if got := g.log(); got != strings.Join(want, ", ") {
		t.Errorf("the server sees %s; want %s", got, strings.Join(want, ", "))
	}
}

func TestTLSThatFailsSaysWhatToDo(t *testing.T) {
	a := newAuthority(t)
	g := newGate(t, a, tls.RequireAndVerifyClientCert, nil)
	g.TLS.MaxVersion = tls.VersionTLS12 // in which the handshake itself fails
	for _, tt := range []struct {
		name  string
		c     *Client
		wants string
	}{
		{"an unknown authority", NewClient(Options{AllowPrivate: loopback}), "ca_file"},
		{"no certificate", NewClient(Options{AllowPrivate: loopback, Authorities: a.pool(t)}), "cert_file"},
		{"a stranger's certificate", NewClient(Options{AllowPrivate: loopback, Authorities: a.pool(t)}).
			For(Credentials{Origin: g.URL, Certificate: newAuthority(t).certificate(t, "stranger")}), "cert_file"},
	} {
		_, err := tt.c.Get(t.Context(), Request{URL: g.URL})
		if err == nil || !strings.Contains(err.Error(), tt.wants) {
			t.Errorf("%s: %v; want %q in it", tt.name, err, tt.wants)
		}
		tt.c.Close()
	}
}

func TestTheGuardHoldsWithACertificate(t *testing.T) {
	a := newAuthority(t)
	g := newGate(t, a, tls.RequestClientCert, nil)
	c := NewClient(Options{Authorities: a.pool(t)}).For(Credentials{Origin: g.URL, Certificate: a.certificate(t, "us")})
	defer c.Close()
	if _, err := c.Get(t.Context(), Request{URL: g.URL}); !errors.Is(err, ErrPrivate) {
		t.Errorf("a private address with a certificate: %v", err)
	}
}

func TestAKeyThatIsNoneIsNotQuoted(t *testing.T) {
	cert, key := newAuthority(t).pair(t, "us")
	for _, bad := range [][]byte{nil, []byte(planted), []byte(strings.Replace(string(key), "EC PRIVATE", planted, 2)), cert} {
		if _, err := NewCertificate(cert, bad); err == nil || strings.Contains(fmt.Sprint(err), planted+"-") {
			t.Errorf("a key that is none: %v", err)
		}
	}
	if _, err := Authorities(key); err == nil {
		t.Error("a key is taken for an authority")
	}
}
