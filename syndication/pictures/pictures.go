// Package pictures fetches publishers' pictures for our own pages, so that to read a page sends nothing to anybody else.
//
//	proxy := pictures.New(pictures.Options{UserAgent: agent})
//	picture, err := proxy.Get(ctx, article.Image.URL)
//
// What it fetches is kept in memory within a bound, and asked for again with its validators after a day. It sends no cookie, no
// referrer and nothing of the reader. The package refuses private addresses, large files, and all that is not, by its first bytes,
// a picture of pixels: a drawing in SVG can have scripts. It refuses to decide which addresses may be asked for: its caller
// names them, and a reader must not.
package pictures

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/guard"
)

// ErrNone says that there is no picture to be had at an address, for now at least.
var ErrNone = errors.New("no picture to be had")

// Options adjust a [Proxy]. The zero value works.
type Options struct {
	UserAgent    string           // default "newswire"
	AllowPrivate []netip.Prefix   // private ranges that are not refused
	Timeout      time.Duration    // of one request; default 15 s
	MaxBytes     int64            // of one picture; default 4 MiB
	CacheBytes   int64            // of all that are kept; default 32 MiB
	Fresh        time.Duration    // how long a picture is kept without asking again; default 24 h
	Log          *slog.Logger     // default: discard
	Now          func() time.Time // default time.Now
}

func (o Options) withDefaults() Options {
	if o.UserAgent == "" {
		o.UserAgent = "newswire"
	}
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 4 << 20
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 32 << 20
	}
	if o.Fresh == 0 {
		o.Fresh = 24 * time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// failedFor is how long an address is left alone after it had no picture.
const failedFor = 10 * time.Minute

// Picture is a picture of pixels. Its bytes are shared, and never written to.
type Picture struct {
	MediaType string
	Body      []byte
	ETag      string // quoted: a strong validator, made from the bytes
}

// Proxy fetches pictures and keeps them. Make one with [New].
type Proxy struct {
	options Options
	client  *http.Client
	flights singleflight.Group // one request for an address at a time
	slots   slots
	cache   cache
}

// New returns a proxy.
func New(o Options) *Proxy {
	o = o.withDefaults()
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: guard.New(o.AllowPrivate)}
	return &Proxy{
		options: o,
		client: &http.Client{
			Timeout: o.Timeout,
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
				MaxIdleConns: 32, MaxIdleConnsPerHost: atHost, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: followed,
		},
		slots: newSlots(),
		cache: cache{limit: o.CacheBytes},
	}
}

// Size is how many bytes of Options.CacheBytes are in use.
func (p *Proxy) Size() int64 { return p.cache.bytes() }

// Close lets connections go that wait for another request.
func (p *Proxy) Close() { p.client.CloseIdleConnections() }

// Name names an address in one of ours: short, and no way to ask for another address.
func Name(address string) string { return newswire.Hash(address)[:16] }

// mostRedirects is how many redirects lead to a picture.
const mostRedirects = 3

func followed(r *http.Request, via []*http.Request) error {
	r.Header.Del("Referer")
	if len(via) > mostRedirects || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	return nil
}

// Get is the picture at an address. [ErrNone].
func (p *Proxy) Get(ctx context.Context, address string) (Picture, error) {
	known := p.cache.get(address)
	if known != nil && p.options.Now().Before(known.until) {
		return known.answer()
	}
	made := p.flights.DoChan(address, func() (any, error) {
		// A reader that goes away must not take the picture from those that wait for the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Timeout)
		defer cancel()
		return p.renew(ctx, address, known), nil
	})
	select {
	case result := <-made:
		return result.Val.(*entry).answer()
	case <-ctx.Done():
		return Picture{}, fmt.Errorf("picture: %w: %w", ErrNone, ctx.Err())
	}
}

// renew fetches a picture and keeps it, or that there is none. Where one was known it stays while its publisher is away.
func (p *Proxy) renew(ctx context.Context, address string, known *entry) *entry {
	fresh, err := p.fetch(ctx, address, known)
	if err != nil {
		p.options.Log.DebugContext(ctx, "picture not fetched", "host", host(address), "error", err)
		fresh = &entry{until: p.options.Now().Add(failedFor)}
		if known != nil {
			fresh.Picture, fresh.etag, fresh.modified = known.Picture, known.etag, known.modified
		}
	}
	p.cache.put(address, fresh)
	return fresh
}

func (p *Proxy) fetch(ctx context.Context, address string, known *entry) (*entry, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errors.New("the address cannot be read")
	}
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.User != nil {
		return nil, errors.New("the address is none of the web")
	}
	release, err := p.slots.acquire(ctx, r.URL.Host)
	if err != nil {
		return nil, err
	}
	defer release()
	r.Header.Set("User-Agent", p.options.UserAgent)
	r.Header.Set("Accept", "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1")
	known.ask(r.Header)
	resp, err := p.client.Do(r)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer resp.Body.Close()
	until := p.options.Now().Add(p.options.Fresh)
	switch {
	case resp.StatusCode == http.StatusNotModified && known != nil && len(known.Body) > 0:
		return &entry{Picture: known.Picture, etag: known.etag, modified: known.modified, until: until}, nil
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("answered %s", resp.Status)
	case resp.ContentLength > p.options.MaxBytes:
		return nil, fmt.Errorf("%d bytes are too many", resp.ContentLength)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, p.options.MaxBytes+1))
	if err != nil {
		return nil, withoutAddress(err)
	}
	if int64(len(body)) > p.options.MaxBytes {
		return nil, fmt.Errorf("more than %d bytes", p.options.MaxBytes)
	}
	mediaType := sniff(body)
	if mediaType == "" {
		return nil, errors.New("what came is no picture of pixels")
	}
	return &entry{
		Picture: Picture{mediaType, body, `"` + newswire.Hash(string(body))[:20] + `"`},
		etag:    resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified"), until: until,
	}, nil
}

// withoutAddress is an error of the HTTP client without the address, whose query may hold a secret.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
