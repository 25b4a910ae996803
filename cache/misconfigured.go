package cache

import "errors"

// ErrMisconfigured marks the errors of a driver's Open that an operator must act on: the address, the
// password or the file is not the right one. After any other error the store is away, and opening it again may help.
var ErrMisconfigured = errors.New("store misconfigured")

// Misconfigured marks an error with [ErrMisconfigured], and leaves its text as it is. It marks no nil.
func Misconfigured(err error) error {
	if err == nil {
		return nil
	}
	return misconfigured{err}
}

type misconfigured struct{ error }

func (e misconfigured) Unwrap() error { return e.error }

func (e misconfigured) Is(target error) bool { return target == ErrMisconfigured }
