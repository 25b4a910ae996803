package diagnosis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/discover"
	"github.com/newswire/newswire/sources/fetch"
)

// failure names why a visit brought nothing.
func (d *diagnosis) failure(r *sources.Result, f fetched) {
	switch {
	case r.Outcome == sources.PutOff:
		d.wrong(r.Source, "not visited", r.Why, "check it again after "+r.Due.UTC().Format("2006-01-02 15:04 MST"))
	case f.err != nil:
		kind, next := unreachable(f.err)
		d.wrong(r.Source, kind, r.Error, next)
	case f.answer != nil && f.answer.Status != http.StatusOK:
		d.status(r, f.answer)
	default:
		kind, next := d.unread(r.Error, f.answer)
		d.wrong(r.Source, kind, r.Error, next)
	}
}

// unreachable says of which kind an error of a request is, and what to do.
func unreachable(err error) (kind, next string) {
	var (
		dns     *net.DNSError
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		tlsErr  *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, fetch.ErrPrivate):
		return "private address", "give a public address; or allow the range by fetch.allow_private, if the server is yours"
	case errors.Is(err, fetch.ErrTooLarge):
		return "oversize", "ask the publisher for a feed of fewer articles; or raise fetch.max_bytes"
	case errors.Is(err, fetch.ErrRedirects):
		return "redirects", "open the address in a browser, and write the one where that ends"
	case errors.Is(err, fetch.ErrTimeout):
		return "timeout", "try again later; if it stays slow, raise fetch.timeout or tell its publisher"
	case errors.As(err, &dns):
		return "DNS", "check the spelling of the host in its url; if it is right, look at this machine's DNS"
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &tlsErr):
		return "TLS", "tell its publisher; for an authority of your own, write tls: {ca_file: …}"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused", "check the host and the port in its url; if they are right, its server is down: try again later"
	case strings.Contains(err.Error(), "robots.txt"):
		return "robots.txt", "ask its publisher for a feed or for leave, or remove the source"
	case strings.Contains(err.Error(), "http:// for https://"), strings.Contains(err.Error(), "https:// for http://"):
		return "scheme", "write the other scheme in its url"
	}
	return "unreachable", "check its url; if it is right, try again later"
}

// status names what an answer without a document means.
func (d *diagnosis) status(r *sources.Result, a *fetch.Answer) {
	kinds := map[int]string{
		http.StatusUnauthorized: "needs access", http.StatusForbidden: "forbidden", http.StatusProxyAuthRequired: "needs access", http.StatusNotFound: "not found",
		http.StatusGone: "gone", http.StatusTooManyRequests: "too many requests",
	}
	kind := kinds[a.Status]
	switch {
	case kind != "":
	case a.Status >= 500:
		kind = "server error"
	default:
		kind = "status"
	}
	// The error says what the publisher answers, and then what to do about it.
	const says = "the publisher answers "
	before, rest, ok := strings.Cut(r.Error, says)
	cause, next, advised := strings.Cut(rest, ": ")
	if !ok || !advised {
		d.wrong(r.Source, kind, r.Error, "open the address in a browser; newswire add looks for the feed's new one")
		return
	}
	switch {
	case a.Status == http.StatusTooManyRequests:
		next += "; visit it less often: give it a longer schedule"
	case a.Status == http.StatusNotFound:
		next += ", or have newswire add look for the feed's new one"
	case a.Status >= 500:
		next += "; try again later, and tell its publisher if that lasts"
	}
	d.wrong(r.Source, kind, before+says+cause, next)
}

// unread says of which kind a document is that could not be read, and what to do.
func (d *diagnosis) unread(text string, a *fetch.Answer) (kind, next string) {
	switch {
	case strings.Contains(text, "robots.txt"):
		return "robots.txt", "ask its publisher for a feed or for leave, or remove the source"
	case strings.Contains(text, "selector"):
		return "selector", "look at the page's elements again; newswire preview shows what a selector finds"
	case a != nil && strings.Contains(text, "HTML"):
		if feeds := discover.Declared(a); len(feeds) > 0 {
			return "HTML", fmt.Sprintf("the page links to a feed: write %s as its url", fetch.Redact(feeds[0]))
		}
		return "HTML", "the page links to no feed: newswire add looks further, and newswire preview --page proposes selectors for a page without one"
	case strings.Contains(text, "empty"):
		return "empty", "check its url; if it is right, tell its publisher"
	}
	return "not a feed", "check its url; newswire add looks for the feed of a site"
}
