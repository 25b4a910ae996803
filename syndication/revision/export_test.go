package revision

import "github.com/newswire/newswire"

// Digest and DigestOf are for tests of what counts as another article.
type Digest = digest

// DigestOf is an article's digest.
func DigestOf(a *newswire.Article) Digest { return new(digester).digest(a) }

// Gzip returns a function that compresses as one worker does, one document after another.
func Gzip() func(body []byte) []byte {
	d := newDeflater()
	return func(body []byte) []byte {
		b, _ := d.gzip(body, nil)
		return b
	}
}

// Brotli compresses a document as all workers do.
func Brotli(body []byte) []byte { return br.encode(body) }
