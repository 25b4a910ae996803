package revision

import (
	"crypto/sha256"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/parts"
)

// fragments are a feed's encoded articles, and what each was made of. What the next revision has in common with this one it
// takes from here: a new article costs the encoding of one. They take no memory but for the digests, being parts of the
// body.
type fragments struct {
	site    newswire.Site // every article's bytes depend on it
	digests []digest      // of the articles, in the feed's order
	parts   parts.Document
}

// compose encodes a gathered feed, of whose articles it is given the digests. Articles that the revision before it has are not
// encoded again; the bytes are those that encoding everything would make.
func compose(by *parts.Encoder, f *newswire.Feed, digests []digest, before *fragments) (*fragments, error) {
	env, err := by.Envelope(f)
	if err != nil {
		return nil, err
	}
	articles := f.Articles
	if by.Distinct != nil {
		articles, digests = slices.Clone(articles), slices.Clone(digests)
		var d digester
		for _, i := range by.Distinct(articles) {
			digests[i] = d.digest(&articles[i])
		}
	}
	positions := before.positions(f.Site)
	encoded := make([][]byte, len(articles))
	for i := range articles {
		if position, ok := positions[digests[i]]; ok {
			encoded[i] = before.parts.Article(position)
			continue
		}
		finished := syndication.Finish(articles[i])
		if encoded[i], err = by.Article(&finished, f.Site); err != nil {
			return nil, err
		}
	}
	return &fragments{f.Site, digests, env.Around(encoded)}, nil
}

// positions says where the articles are that a feed of a site may take over. There may be no fragments at all.
func (x *fragments) positions(site newswire.Site) map[digest]int {
	if x == nil || x.site != site {
		return nil
	}
	positions := make(map[digest]int, len(x.digests))
	for i, p := range x.digests {
		positions[p] = i
	}
	return positions
}

// fragments are those of a feed; nil if the representation is of none, or nil.
func (rep *representation) fragments() *fragments {
	if rep == nil || rep.deltas == nil {
		return nil
	}
	return rep.deltas.fragments
}

// size is what fragments take besides the body, roughly, in bytes.
func (x *fragments) size() int64 { return int64(len(x.digests)) * int64(sha256.Size+16) }
