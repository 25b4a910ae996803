package web

import (
	"errors"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/revision"
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
	text  string
	cache string // Cache-Control
}

// answers is where HTTP status codes are chosen. The first that matches counts: a store's error may wrap anything else.
var answers = []struct {
	err error
	answer
}{
	{newswire.ErrWithdrawn, answer{http.StatusGone, "This article was withdrawn.", "max-age=60"}},
	{errOver, answer{http.StatusGone, "This article was here for a time that is over.", "max-age=60"}},
	{newswire.ErrNotFound, answer{http.StatusNotFound, "There is nothing at this address.", "max-age=60"}},
	{pictures.ErrNone, answer{http.StatusNotFound, "This picture cannot be had at the moment.", "max-age=60"}},
	{newswire.ErrCursor, answer{http.StatusNotFound, "There is no such page in this list.", "no-store"}},
	{errStore, answer{http.StatusServiceUnavailable, "The articles cannot be reached at the moment. Please try again shortly.", "no-store"}},
	{errSearch, answer{http.StatusServiceUnavailable, "Articles cannot be searched at the moment. Please try again shortly.", "no-store"}},
	{revision.ErrBusy, answer{http.StatusServiceUnavailable, "Too many feeds of this kind are being made at the moment. Please try again shortly.", "no-store"}},
	{revision.ErrBehind, answer{http.StatusServiceUnavailable, "The latest articles cannot be reached at the moment. Please try again shortly.", "no-store"}},
	{revision.ErrOver, answer{http.StatusServiceUnavailable, "What was here may be shown no longer. Please try again shortly.", "no-store"}},
	{errMethod, answer{http.StatusMethodNotAllowed, "Only GET, HEAD and OPTIONS are answered here.", "no-store"}},
	{revision.ErrCoding, answer{http.StatusNotAcceptable, "None of the content codings that the request accepts is available.", "no-store"}},
}

// answerTo is the answer to an error. An error that is not in the table is a fault of ours.
func answerTo(err error) answer {
	var bad queryError
	if errors.As(err, &bad) {
		return answer{http.StatusBadRequest, string(bad), "max-age=60"}
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.answer
		}
	}
	return answer{http.StatusInternalServerError, "Something went wrong here.", "no-store"}
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
