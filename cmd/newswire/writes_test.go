package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// jammed is a store whose writes end with what it is told.
type jammed struct {
	cache.Store
	err, away error
}

func (j *jammed) Record(context.Context, cache.Lease, newswire.Visit, ...cache.Turn) error {
	return j.err
}

func (j *jammed) Claim(context.Context, int, time.Duration, ...string) ([]cache.Lease, error) {
	return nil, j.err
}

func (j *jammed) Archive(context.Context, newswire.Topic, string, newswire.Cursor, int) (int, error) {
	return 0, j.err
}

func (j *jammed) Ping(context.Context) error { return j.away }

func TestHealthSaysWhyNothingIsStored(t *testing.T) {
	full, refused := errors.New("the disk is full"), errors.New("connection refused")
	for _, tt := range []struct {
		name string
		say  func(s cache.Store, j *jammed)
		want string // nothing when all is well
	}{
		{"no write yet", func(cache.Store, *jammed) {}, ""},
		{"a visit that is not recorded", func(s cache.Store, j *jammed) {
			j.err = full
			_ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{})
		}, "the disk is full"},
		{"another write that finds nothing to do after that", func(s cache.Store, j *jammed) {
			j.err = full
			_ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{})
			j.err = nil
			_, _ = s.Claim(t.Context(), 1, time.Minute)
		}, "the disk is full"},
		{"the same again, well", func(s cache.Store, j *jammed) {
			j.err = full
			_, _ = s.Claim(t.Context(), 1, time.Minute)
			j.err = nil
			_, _ = s.Claim(t.Context(), 1, time.Minute)
		}, ""},
		{"a visit that is recorded after all kinds of failures", func(s cache.Store, j *jammed) {
			j.err = full
			_, _ = s.Claim(t.Context(), 1, time.Minute)
			_, _ = s.Archive(t.Context(), newswire.All, "", "", 50)
			j.err = nil
			_ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{})
		}, ""},
		{"an answer", func(s cache.Store, j *jammed) {
			j.err = fmt.Errorf("record: %w", newswire.ErrFenced)
			_ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{})
		}, ""},
		{"a store that is away", func(s cache.Store, j *jammed) {
			j.err, j.away = refused, refused
			_ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{})
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := &jammed{}
			s := openedStore(j)
			tt.say(s.store, j)
			err := s.writes.check(t.Context())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("check = %v; want %q", err, tt.want)
			}
		})
	}
}
