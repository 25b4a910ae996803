package newswire

import "errors"

// What callers decide on. Every layer wraps these with its operation and subject; test with [errors.Is].
var (
	// ErrNotFound says that there is no such article, topic or source, and none is known to have been there.
	ErrNotFound = errors.New("not found")

	// ErrWithdrawn says that the article was there and was withdrawn: HTTP's 410, RFC 6721's deleted entry.
	ErrWithdrawn = errors.New("withdrawn")

	// ErrGone says that a cursor into the change log is older than the log: start over from a listing.
	ErrGone = errors.New("cursor is older than the change log")

	// ErrCursor says that a cursor was not made by the store that is asked to follow it: it is no cursor at all, or ErrReplaced.
	ErrCursor = errors.New("malformed cursor")

	// ErrReplaced says that a cursor was made by another store than the one that is asked: this one was emptied since, is a
	// new one, or was put back to an earlier state. It is an ErrCursor.
	ErrReplaced error = replaced{}

	// ErrFenced says that the lease was lost to a later worker, whose result counts instead of this one.
	ErrFenced = errors.New("lease lost to a later worker")
)

type replaced struct{}

func (replaced) Error() string {
	return "the store is another one, was emptied, or was put back to an earlier state"
}

func (replaced) Is(target error) bool { return target == ErrCursor }
