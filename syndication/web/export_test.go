package web

import "github.com/newswire/newswire"

// ArchiveEdition is for the test that knows the bytes.
const ArchiveEdition = archiveEdition

// ArchiveFeed is a page of an archive with a feed's articles.
func ArchiveFeed(f newswire.Feed) newswire.Feed {
	return archiveFeed(&Directory{Site: f.Site}, f.Topic, 1, f.Articles)
}
