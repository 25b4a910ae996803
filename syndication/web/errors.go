package web

import (
	"errors"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/search"
)

var (
	errStore  = errors.New("store unavailable")
	errMethod = errors.New("method not allowed")
	errOver   = errors.New("the time of the article is over")
	errSearch = errors.New("search unavailable")
)

// answer is what a reader is told of an error.
type answer struct {
	code  int
	key   string // of what people are told, among [pages.Words]
	limit int    // stands for {n} there
	cache string // Cache-Control
	text  string // what programs are told; empty: the same, in English
}

// answers is where HTTP status codes are chosen. The first that matches counts: a store's error may wrap anything else.
var answers = []struct {
	err error
	answer
}{
	{newswire.ErrWithdrawn, answer{code: http.StatusGone, key: "withdrawn", cache: "max-age=60"}},
	{errOver, answer{code: http.StatusGone, key: "over", cache: "max-age=60"}},
	{newswire.ErrNotFound, answer{code: http.StatusNotFound, key: "nothing", cache: "max-age=60"}},
	{pictures.ErrNone, answer{code: http.StatusNotFound, key: "picture", cache: "max-age=60"}},
	{newswire.ErrCursor, answer{code: http.StatusNotFound, key: "page", cache: "no-store"}},
	{errStore, answer{code: http.StatusServiceUnavailable, key: "store", cache: "no-store"}},
	{errSearch, answer{code: http.StatusServiceUnavailable, key: "search", cache: "no-store"}},
	{revision.ErrBusy, answer{code: http.StatusServiceUnavailable, key: "busy", cache: "no-store"}},
	{revision.ErrBehind, answer{code: http.StatusServiceUnavailable, key: "behind", cache: "no-store"}},
	{revision.ErrOver, answer{code: http.StatusServiceUnavailable, key: "ended", cache: "no-store"}},
	{errMethod, answer{code: http.StatusMethodNotAllowed, key: "method", cache: "no-store"}},
	{revision.ErrCoding, answer{code: http.StatusNotAcceptable, key: "coding", cache: "no-store"}},
}

// searchKeys are what people are told of a search that cannot be.
var searchKeys = map[search.Fault]string{
	search.TooLong: "search.long", search.TooMany: "search.many", search.OnlyWithout: "search.without", search.ShortStar: "search.star",
}

// answerTo is the answer to an error. An error that is not in the table is a fault of ours.
func answerTo(err error) answer {
	var bad queryError
	if errors.As(err, &bad) {
		return answer{code: http.StatusBadRequest, key: "query", cache: "max-age=60", text: string(bad)}
	}
	var unsearchable search.QueryError
	if errors.As(err, &unsearchable) {
		return answer{code: http.StatusBadRequest, key: searchKeys[unsearchable.Fault], limit: unsearchable.Limit, cache: "max-age=60"}
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.answer
		}
	}
	return answer{code: http.StatusInternalServerError, key: "wrong", cache: "no-store"}
}

// in is what people are told, in their words.
func (a answer) in(words *pages.Words) string { return words.Text("say."+a.key, "n", a.limit) }

// line is what programs are told.
func (a answer) line() string {
	if a.text != "" {
		return a.text
	}
	return a.in(pages.WordsIn("en"))
}

// isAnswer says whether an error says something of what was asked for, as a store that is away does not.
func isAnswer(err error) bool {
	var elsewhere retired
	var without unconditional
	if errors.As(err, &elsewhere) || errors.As(err, &without) {
		return true
	}
	code := answerTo(err).code
	return code >= 400 && code < 500
}
