package rediscache

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// This file is the whole key layout. P is Options.Prefix. What stands in braces is the hash tag: keys that share it lie
// in one slot of a Cluster, and one script changes them in one atomic step. No script touches two tags.
//
// Beside each of these, with :touched behind it, a key may stand for some seconds: see replicas.go.
//
// Processes of two versions may share a server while the one takes the other's place. The newer one reads what the older one wrote,
// and writes it in its own form when it has to write it. The older one may fail to read the newer form: it has an error then, before
// it writes anything that depends on that, and the newer one repairs what it left half done.
//
// One source, tag {source/ID}:
//
//	P:{source/ID}:meta        hash    token        the fencing token of the last lease
//	                                  seq          number of the last pending entry; never repeats
//	                                  state        newswire.State as JSON
//	                                  state_token  the token under which state was written
//	                                  +TOPIC       the topic has listed an article of the source
//	                                  topics       there is a +TOPIC for each
//	P:{source/ID}:articles    hash    article ID → newswire.Article as JSON, compressed; as it is where an earlier version wrote it
//	P:{source/ID}:known       hash    article ID → known as a line: what a visit needs without reading the text; as JSON where an
//	                                  earlier version wrote it, until the article is written again
//	P:{source/ID}:tombstones  hash    article ID → tombstone as JSON
//	P:{source/ID}:pending     hash    article ID → pending as JSON: what listings and change log have yet to learn. An
//	                                  article's revision is marked as logged when it has no such entry
//	P:{source/ID}:offered     set     IDs of the articles that the publisher offers
//	P:{source/ID}:left        zset    IDs of those that it stopped offering; score: when, in Unix milliseconds
//	P:{source/ID}:departed    zset    the same ones as members, for dropping the oldest; score 0
//	P:{source/ID}:revisions   hash    article ID → numbers of its earlier revisions that are kept, oldest first
//	                                  article ID, space, number → that revision, as in articles
//	P:{source/ID}:notes       hash    number of a note, modulo newswire.NotesKept → newswire.Note as JSON
//	P:{source/ID}:dictionaries  hash  number of a dictionary → its frame: see package texts. One that is there stays as it is
//	P:{source/ID}:limits      zset    IDs of the articles that have a limit ahead; score: when it passes, in Unix milliseconds
//
// One topic, tag {TOPIC}:
//
//	P:{TOPIC}:listing         zset    members of the articles; score 0, so that they order as strings
//	P:{TOPIC}:guard           hash    version      counts the changes of the listing
//	                                  @SOURCE      the highest token under which the source wrote to the listing
//	                                  xARTICLE     the article was withdrawn and never comes in again
//	                                  pages        the newest number that was given to a page of the archive
//	                                  bound        the highest member that came into a page, if there is any
//	                                  settings     as cache.Archives has them
//	P:{TOPIC}:withdrawn       zset    members of the tombstones, made of At; score 0
//	P:{TOPIC}:pages           zset    the listing's members up to the bound; score: the page of the archive that the article is in,
//	                                  0 for none. Those beyond are in no page, where no earlier version has put them there
//	P:{TOPIC}:versions        hash    #, number of a page → versions of its articles, as cache.Known.Version gives them, in the order of
//	                                  their members, with blanks between them
//	                                  member with a limit ahead → version of the article; of each member where an earlier version wrote it
//
// The change log with the directory of topics, tag {changes}:
//
//	P:{changes}:log           stream  at the entry's ID: op, article, revision, topics (as JSON), mark
//	P:{changes}:trimmed       string  ID of the newest entry that was trimmed
//	P:{changes}:id            string  names the log in cursors: the time of its first record
//	P:{changes}:marks         hash    article ID → mark of its last record, while the log holds that; @SOURCE → token
//	P:{changes}:changed       hash    topic → Unix milliseconds of the last record that touched it
//	P:{changes}:names         hash    topic → name, of authors
//	P:{changes}:topics:KIND   zset    topics of the kind that ever listed anything; score 0
//
// The due index, tag {due}:
//
//	P:{due}:index             zset    source → when it is due, in Unix milliseconds
//	P:{due}:tokens            hash    source → token of its last lease; "@last" → the last token of all; "@index" → the name of
//	                                  the index: the time at which it was begun; "@catalog" → with which one it is in line
//	P:{due}:claim:NONCE       string  what a claim handed out, for a minute: its repetition hands out the same
//
// One registrable domain, tag {domain/NAME}:
//
//	P:{domain/NAME}:turn      hash    key          names the last turn
//	                                  until        when that ends by itself, in Unix milliseconds; absent once it was left
//	                                  open         no turn before, in Unix milliseconds
//	                                  state        newswire.Domain as JSON; {} where open says all
//
// What limits are ahead, tag {limits}:
//
//	P:{limits}:index          zset    source → when the first of its limits passes, or before that, in Unix milliseconds
//	P:{limits}:notes          hash    source → counts how often a visit put it there
//
// The audience of one day, tag {audience/DAY}, for three days:
//
//	P:{audience/DAY}:readers  zset    topic → how many read it
//
// One quota, tag {quota/NAME}, until all of it is there again:
//
//	P:{quota/NAME}:full       string  when that is, in Unix microseconds
//
// One partner, tag {partner/ID}, for cache.UsageKept:
//
//	P:{partner/ID}:usage:DAY  hash    requests, refused, items, bytes
//
// The subscriptions of one channel, tag {subscriptions/CHANNEL}:
//
//	P:{subscriptions/CHANNEL}:ids       zset    IDs; score 0
//	P:{subscriptions/CHANNEL}:rows      hash    ID → group, since when in Unix milliseconds, and row as JSON, a line each
//	P:{subscriptions/CHANNEL}:progress  hash    ID → progress as JSON
//	P:{subscriptions/CHANNEL}:topics    zset    topic, blank, ID; score 0
//	P:{subscriptions/CHANNEL}:groups    zset    group, blank, ID; score 0
//	P:{subscriptions/CHANNEL}:due       zset    ID → when it is told next, or its claim ends, in Unix milliseconds
//	P:{subscriptions/CHANNEL}:retry     zset    the same of those in failing or slow
//	P:{subscriptions/CHANNEL}:ends      zset    ID → when it ends, in Unix milliseconds
//	P:{subscriptions/CHANNEL}:failing   zset    ID → since when its deliveries fail, in Unix milliseconds
//	P:{subscriptions/CHANNEL}:slow      zset    IDs of those whose last delivery took long; score 0
//	P:{subscriptions/CHANNEL}:claims    hash    ID → token of the claim under way; behind it + where the subscription was woken
//	                                            since, ! where it was rewound
//	P:{subscriptions/CHANNEL}:waking    hash    topic, or * for all → the last ID of it that was woken
//	P:{subscriptions/CHANNEL}:meta      hash    woken        cursor up to which subscriptions were woken, or are in waking
//	                                            token        of the last claim
//	P:{subscriptions/CHANNEL}:claim:NONCE  string  what a claim handed out, for half a minute: its repetition hands out the same
//
// The processes at work, tag {processes}:
//
//	P:{processes}:seen        hash    ID → until when, in Unix milliseconds, a blank, and cache.Process as JSON
type keys struct {
	prefix string
	due    string // of the due index
	index  []any  // due and the tokens, as scripts take them: every visit needs them
}

func newKeys(prefix string) keys {
	due := prefix + ":{due}:index"
	return keys{prefix, due, []any{due, prefix + ":{due}:tokens"}}
}

type sourceKeys struct {
	meta, articles, known, tombstones, pending, offered, left, departed, revisions, limits, notes, dictionaries string
}

// meta and pending are those of a source's keys that every visit needs.
func (k keys) meta(source string) string    { return k.ofSource(source, "}:meta") }
func (k keys) pending(source string) string { return k.ofSource(source, "}:pending") }

func (k keys) ofSource(source, end string) string {
	return k.prefix + ":{" + string(newswire.KindSource) + "/" + source + end
}

func (k keys) source(id string) sourceKeys {
	tag := k.prefix + ":{" + string(newswire.SourceTopic(id)) + "}:"
	return sourceKeys{
		meta: tag + "meta", articles: tag + "articles", known: tag + "known", tombstones: tag + "tombstones",
		pending: tag + "pending", offered: tag + "offered", left: tag + "left", departed: tag + "departed",
		revisions: tag + "revisions", limits: tag + "limits", notes: tag + "notes", dictionaries: tag + "dictionaries",
	}
}

// all are the keys in the order in which the scripts of a source take them.
func (s sourceKeys) all() []any {
	return []any{s.meta, s.articles, s.known, s.tombstones, s.pending, s.offered, s.left, s.departed, s.revisions, s.limits, s.notes, s.dictionaries}
}

type topicKeys struct {
	listing, guard, withdrawn, pages, versions string
}

func (k keys) topic(t newswire.Topic) topicKeys {
	tag := k.prefix + ":{" + string(t) + "}:"
	return topicKeys{
		listing: tag + "listing", guard: tag + "guard", withdrawn: tag + "withdrawn", pages: tag + "pages", versions: tag + "versions",
	}
}

// all are the keys in the order in which the scripts of a topic take them.
func (t topicKeys) all() []any {
	return []any{t.listing, t.guard, t.withdrawn, t.pages, t.versions}
}

func (k keys) log() string     { return k.prefix + ":{changes}:log" }
func (k keys) trimmed() string { return k.prefix + ":{changes}:trimmed" }
func (k keys) logID() string   { return k.prefix + ":{changes}:id" }
func (k keys) marks() string   { return k.prefix + ":{changes}:marks" }
func (k keys) changed() string { return k.prefix + ":{changes}:changed" }
func (k keys) names() string   { return k.prefix + ":{changes}:names" }

func (k keys) topics(kind newswire.Kind) string {
	return k.prefix + ":{changes}:topics:" + string(kind)
}

func (k keys) domain(name string) string { return k.prefix + ":{domain/" + name + "}:turn" }

func (k keys) audience(day time.Time) string {
	return k.prefix + ":{audience/" + day.UTC().Format(time.DateOnly) + "}:readers"
}

func (k keys) quota(name string) string { return k.prefix + ":{quota/" + name + "}:full" }

func (k keys) usage(partner string, day time.Time) string {
	return k.prefix + ":{partner/" + partner + "}:usage:" + day.UTC().Format(time.DateOnly)
}

// limits are the keys of the index of limits, in the order in which its scripts take them.
func (k keys) limits() []any {
	return []any{k.prefix + ":{limits}:index", k.prefix + ":{limits}:notes"}
}

type subscriptionKeys struct {
	ids, rows, progress, topics, groups, due, retry, ends, failing, slow, claims, waking, meta string
}

func (k keys) subscriptions(c cache.Channel) subscriptionKeys {
	tag := k.prefix + ":{subscriptions/" + string(c) + "}:"
	return subscriptionKeys{
		ids: tag + "ids", rows: tag + "rows", progress: tag + "progress", topics: tag + "topics", groups: tag + "groups",
		due: tag + "due", retry: tag + "retry", ends: tag + "ends", failing: tag + "failing", slow: tag + "slow",
		claims: tag + "claims", waking: tag + "waking", meta: tag + "meta",
	}
}

// all are the keys in the order in which the scripts of a channel's subscriptions take them.
func (s subscriptionKeys) all() []any {
	return []any{
		s.ids, s.rows, s.progress, s.topics, s.groups, s.due, s.retry, s.ends, s.failing, s.slow, s.claims, s.waking, s.meta,
	}
}

func (k keys) subscriptionsClaim(c cache.Channel, nonce string) string {
	return k.prefix + ":{subscriptions/" + string(c) + "}:claim:" + nonce
}

func (k keys) processes() string          { return k.prefix + ":{processes}:seen" }
func (k keys) claim(n string) string      { return k.prefix + ":{due}:claim:" + n }
func ms(t time.Time) string               { return strconv.FormatInt(t.UnixMilli(), 10) }
func fromMS(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }

// member is an article's member in a listing: Listed, so written that any two times order as their strings do, a colon,
// and the ID. It is also the cursor of a page that ended there.
func member(listed time.Time, articleID string) string {
	return fmt.Sprintf("%016x:%s", uint64(listed.UnixMilli())^1<<63, articleID)
}

var (
	memberForm   = regexp.MustCompile(`^[0-9a-f]{16}:[!-~]+$`)
	streamIDForm = regexp.MustCompile(`^[0-9]{1,19}-[0-9]{1,19}$`)
)

// memberID is the article ID of a place.
func memberID(member string) string {
	_, id, _ := strings.Cut(member, ":")
	return id
}
