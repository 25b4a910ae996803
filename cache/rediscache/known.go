package rediscache

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// known is what stands beside an article for those who need not read its text: cache.Known, and what the scripts need.
type known struct {
	Revision  int                     `json:"revision"`
	Digest    string                  `json:"digest"`
	Offer     string                  `json:"offer,omitempty"`
	Published time.Time               `json:"published,omitzero"`
	Updated   time.Time               `json:"updated,omitzero"`
	FirstSeen time.Time               `json:"first_seen,omitzero"`
	Listed    time.Time               `json:"listed,omitzero"`
	AtomID    string                  `json:"atom_id"`
	Member    string                  `json:"place"`
	Topics    map[newswire.Topic]bool `json:"topics"` // all true: a set
	Since     time.Time               `json:"since,omitzero"`
	Hidden    bool                    `json:"hidden,omitempty"` // it is not at its time, and not held
	Limit     int64                   `json:"limit,omitempty"`  // when the next limit passes, in Unix milliseconds; 0 for none
}

func (k *known) known() cache.Known {
	return cache.Known{
		Revision: k.Revision, Digest: k.Digest, Offer: k.Offer,
		Published: k.Published, Updated: k.Updated, FirstSeen: k.FirstSeen, Listed: k.Listed, Since: k.Since,
	}
}

func newKnown(a *newswire.Article) known {
	k := known{
		Revision: a.Revision, Digest: a.Digest(), Offer: a.Offer,
		Published: a.Published, Updated: a.Updated, FirstSeen: a.FirstSeen, Listed: a.Listed,
		AtomID: a.AtomID, Member: member(a.Listed, a.ID), Topics: map[newswire.Topic]bool{},
		Since: a.Rights.Since, Hidden: a.Phase != newswire.Open && !a.UnderReview(),
	}
	if next := a.NextLimit(); !next.IsZero() {
		k.Limit = next.UnixMilli()
	}
	for _, t := range a.Topics() {
		k.Topics[t] = true
	}
	return k
}

// pending is what listings and change log have to learn of an article.
func (k *known) pending(a *newswire.Article) pending {
	p := pending{
		Op: newswire.Put, Revision: k.Revision, Member: k.Member, Version: k.known().Version(), Was: map[string]bool{},
		Topics: k.Topics, Names: names(a), Hidden: k.Hidden, Limit: k.Limit,
	}
	if k.Hidden {
		p.Op = newswire.Remove
	}
	return p
}

// What stands beside an article is a line: this sign, and parts with tabs between them, of which empty ones at the end are left out:
//
//	revision, digest, offer, AtomID, topics with blanks between them, Listed in Unix milliseconds;
//	FirstSeen, Published, Updated, Since and Limit, in milliseconds after Listed, empty for zero; 1 where it is hidden
//
// An AtomID that ends in the article's ID is a tilde and what is before that. What does not fit is the JSON of known, as all that an
// earlier version wrote. A line is no JSON, so that a script of an earlier version fails on it before it writes anything.
const (
	lineSign  = '='
	lineParts = 12

	// mostListed bounds Listed to times of which scripts can make a member, in Unix milliseconds: the year 10889.
	mostListed = 1 << 48
)

// encode is what stands beside the article.
func (k *known) encode() ([]byte, error) {
	id := memberID(k.Member)
	atom := k.AtomID
	if before, ours := strings.CutSuffix(atom, id); ours {
		atom = "~" + before
	} else if strings.HasPrefix(atom, "~") {
		return json.Marshal(k)
	}
	topics := make([]string, 0, len(k.Topics))
	for topic := range k.Topics {
		topics = append(topics, string(topic))
	}
	slices.Sort(topics)
	line := make([]byte, 1, 200)
	line[0] = lineSign
	for _, part := range [...]string{strconv.Itoa(k.Revision), k.Digest, k.Offer, atom, strings.Join(topics, " ")} {
		line = append(append(line, part...), '\t')
	}
	listed := k.Listed.UnixMilli()
	line = strconv.AppendInt(line, listed, 10)
	if !k.Listed.Equal(whole(k.Listed)) || listed >= mostListed || listed < -mostListed || bytes.Count(line, []byte("\t")) != 5 {
		return json.Marshal(k)
	}
	for _, at := range [...]time.Time{k.FirstSeen, k.Published, k.Updated, k.Since, k.limit()} {
		if line = append(line, '\t'); !at.IsZero() {
			line = strconv.AppendInt(line, at.UnixMilli()-listed, 10)
		}
		if !at.Equal(whole(at)) {
			return json.Marshal(k)
		}
	}
	if line = append(line, '\t'); k.Hidden {
		line = append(line, '1')
	}
	return bytes.TrimRight(line, "\t"), nil
}

// limit is when the next limit passes, zero for none.
func (k *known) limit() (at time.Time) {
	if k.Limit != 0 {
		at = fromMS(k.Limit)
	}
	return at
}

// parseKnown reads what stands beside an article.
func parseKnown(id, text string) (k known, err error) {
	line, is := strings.CutPrefix(text, string(lineSign))
	if !is {
		if err := json.Unmarshal([]byte(text), &k); err != nil {
			return k, fmt.Errorf("what is known of %s: %w", id, err)
		}
		return k, nil
	}
	var parts [lineParts]string
	for i := range parts {
		parts[i], line, _ = strings.Cut(line, "\t")
	}
	number := func(part string) int64 {
		n, bad := strconv.ParseInt(part, 10, 64)
		if bad != nil && err == nil {
			err = fmt.Errorf("what is known of %s: %w", id, bad)
		}
		return n
	}
	k.Revision, k.Digest, k.Offer = int(number(parts[0])), parts[1], parts[2]
	k.AtomID = parts[3]
	if before, ours := strings.CutPrefix(k.AtomID, "~"); ours {
		k.AtomID = before + id
	}
	k.Topics = map[newswire.Topic]bool{}
	for topic := range strings.FieldsSeq(parts[4]) {
		k.Topics[newswire.Topic(topic)] = true
	}
	listed := number(parts[5])
	k.Listed = fromMS(listed)
	for i, at := range [...]*time.Time{&k.FirstSeen, &k.Published, &k.Updated, &k.Since} {
		if part := parts[6+i]; part != "" {
			*at = fromMS(listed + number(part))
		}
	}
	if parts[10] != "" {
		k.Limit = listed + number(parts[10])
	}
	k.Member, k.Hidden = member(k.Listed, id), parts[11] != ""
	return k, err
}
