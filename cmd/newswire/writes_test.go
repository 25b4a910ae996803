package main

import (
	"context"
	"errors"
	"fmt"
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
	record := func(s cache.Store) { _ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{}) }
	claim := func(s cache.Store) { _, _ = s.Claim(t.Context(), 1, time.Minute) }
	archive := func(s cache.Store) { _, _ = s.Archive(t.Context(), newswire.All, "", "", 50) }
	type step struct {
		write func(s cache.Store)
		err   error
	}
	for _, tt := range []struct {
		name  string
		away  error // what Ping says
		steps []step
		want  error // nil when all is well
	}{
		{"no write yet", nil, nil, nil},
		{"a visit that is not recorded", nil, []step{{record, full}}, full},
		{"another write that finds nothing to do after that", nil, []step{{record, full}, {claim, nil}}, full},
		{"the same again, well", nil, []step{{claim, full}, {claim, nil}}, nil},
		{"a visit that is recorded after failures of all kinds", nil, []step{{claim, full}, {archive, full}, {record, nil}}, nil},
		{"an answer", nil, []step{{record, fmt.Errorf("record: %w", newswire.ErrFenced)}}, nil},
		{"a store that is away", refused, []step{{record, refused}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := &jammed{away: tt.away}
			s := openedStore(j)
			for _, step := range tt.steps {
				j.err = step.err
				step.write(s.store)
			}
			if err := s.writes.check(t.Context()); !errors.Is(err, tt.want) {
				t.Errorf("check = %v; want %v", err, tt.want)
			}
		})
	}
}
