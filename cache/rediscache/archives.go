package rediscache

import (
	"context"
	"fmt"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// closedAtOnce bounds how long one call of the archive script holds up the server.
const closedAtOnce = 20

// Archive implements [cache.Archives].
func (s archives) Archive(ctx context.Context, c cache.Closing) (newest int, more bool, err error) {
	defer wrap(&err, "archive %s", c.Topic)
	if c.Size <= 0 {
		return 0, false, errLimit
	}
	if c.After != "" && !memberForm.MatchString(string(c.After)) {
		return 0, false, newswire.ErrCursor
	}
	reply, err := s.call(ctx, archiveScript, s.keys.topic(c.Topic).all(), c.Settings, string(c.After), c.Size, closedAtOnce)
	if err != nil {
		return 0, false, err
	}
	numbers, err := reply.Int64Slice()
	if err != nil || len(numbers) != 4 {
		return 0, false, fmt.Errorf("unexpected reply %v: %w", numbers, err)
	}
	for n := numbers[2]; n <= numbers[3]; n++ {
		if err := s.versioned(ctx, c.Topic, int(n)); err != nil {
			return 0, false, err
		}
	}
	return int(numbers[0]), numbers[1] == 0, nil
}

// Newest implements [cache.Archives].
func (s archives) Newest(ctx context.Context, topic newswire.Topic, settings string) (newest int, err error) {
	defer wrap(&err, "newest page of the archive of %s", topic)
	reply, err := s.call(ctx, newestScript, s.keys.topic(topic).all(), settings)
	if err != nil {
		return 0, err
	}
	return reply.Int()
}

// archived is a page as its topic's slot knows it.
type archived struct {
	given    int64 // the newest number that was given to a page
	settings string
	older    int64
	version  string // of the listing
	members  []string
	versions []string // of the articles at members
}

// Archived implements [cache.Archives]. A page's articles lie in other slots than its members, and change a moment
// earlier: a page is read as one that stands only if each of them has the version that the page has of it. Otherwise the
// page is retired in the topic's slot, as a worker that crashed may not have done, and the page is read again.
func (s archives) Archived(ctx context.Context, topic newswire.Topic, number int) (_ cache.ArchivePage, err error) {
	defer wrap(&err, "page %d of the archive of %s", number, topic)
	for {
		a, err := s.archived(ctx, topic, number)
		if err != nil {
			return cache.ArchivePage{}, err
		}
		if number < 1 || int64(number) > a.given {
			return cache.ArchivePage{}, newswire.ErrNotFound
		}
		p := cache.ArchivePage{Settings: a.settings, Older: int(a.older)}
		if len(a.members) == 0 {
			return p, nil
		}
		// Text before version: read in this order, a version that is still the page's is that of the text.
		texts, err := s.texts(ctx, a.members)
		if err != nil {
			return cache.ArchivePage{}, err
		}
		stands, err := s.stands(ctx, topic, number, a)
		if err != nil {
			return cache.ArchivePage{}, err
		}
		gone := func(t storedText) bool { return t.text == "" }
		if !stands || slices.ContainsFunc(texts, gone) { // or it went, and came back before its version was read
			continue
		}
		for _, t := range texts {
			article, err := s.decode(t)
			if err != nil {
				return cache.ArchivePage{}, err
			}
			p.Articles = append(p.Articles, article)
		}
		return p, nil
	}
}

// versioned has the topic's slot know in which versions the articles of a page are that was just closed, before a visit lists one of
// them again as it is. Where a crash comes before that, the page's first reader does it.
func (s archives) versioned(ctx context.Context, topic newswire.Topic, number int) error {
	a, err := s.archived(ctx, topic, number)
	if err != nil {
		return err
	}
	_, err = s.stands(ctx, topic, number, a)
	return err
}

func (s archives) archived(ctx context.Context, topic newswire.Topic, number int) (a archived, err error) {
	reply, err := s.call(ctx, pageScript, s.keys.topic(topic).all(), number)
	if err != nil {
		return a, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 5 {
		return a, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	a.given, _ = parts[0].(int64)
	a.settings, _ = parts[1].(string)
	a.older, _ = parts[2].(int64)
	a.version, _ = parts[3].(string)
	for i, text := range strs(parts[4]) {
		if i%2 == 0 {
			a.members = append(a.members, text)
		} else {
			a.versions = append(a.versions, text)
		}
	}
	return a, nil
}

// stands says whether all articles of a page are still what they were when it was closed. If one is not, the page is
// retired, unless the listing has changed meanwhile. Where it is not known what one was, it is from now on.
func (s archives) stands(ctx context.Context, topic newswire.Topic, number int, a archived) (bool, error) {
	beside, err := s.fields(ctx, a.members, func(k sourceKeys) string { return k.known })
	if err != nil {
		return false, err
	}
	changed, found, unversioned := []any{a.version}, []any{number}, false
	for i, text := range beside {
		var k known
		if text != nil {
			if k, err = parseKnown(memberID(a.members[i]), *text); err != nil {
				return false, err
			}
		}
		version := k.known().Version()
		found = append(found, a.members[i], version)
		switch {
		case k.Member != a.members[i] || !k.Topics[topic]:
			changed = append(changed, "-"+a.members[i])
		case a.versions[i] == "":
			unversioned = true
		case a.versions[i] != version:
			changed = append(changed, "~"+a.members[i])
		}
	}
	keys := s.keys.topic(topic).all()
	if len(changed) > 1 {
		_, err := s.call(ctx, healScript, keys, changed...)
		return false, err
	}
	if unversioned {
		_, err := s.call(ctx, adoptScript, keys, found...)
		return false, err // what was read before may be of the version before
	}
	return true, nil
}
