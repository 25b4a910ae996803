package web

import "github.com/newswire/newswire"

// Print and PrintOf are for tests of what counts as another article.
type Print = print

// PrintOf is an article's print.
func PrintOf(a *newswire.Article) Print { return new(printer).print(a) }

// ArchiveEdition is for the test that knows the bytes.
const ArchiveEdition = archiveEdition

// ArchiveFeed is a page of an archive with a feed's articles.
func ArchiveFeed(f newswire.Feed) newswire.Feed {
	return archiveFeed(&Directory{Site: f.Site}, f.Topic, 1, f.Articles)
}

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
