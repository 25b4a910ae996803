package pictures

import (
	"context"
	"sync"
)

const (
	atOnce = 8 // requests under way
	atHost = 2 // of them, to one host
)

// slots bound the requests that are under way: in all, and to each host.
type slots struct {
	all chan struct{}

	mu    *sync.Mutex // guards hosts
	hosts map[string]*hostSlots
}

type hostSlots struct {
	slots chan struct{}
	users int // that have one or wait for one
}

func newSlots() slots {
	return slots{all: make(chan struct{}, atOnce), mu: new(sync.Mutex), hosts: map[string]*hostSlots{}}
}

// acquire waits for a slot of a host, and for one of all.
func (s *slots) acquire(ctx context.Context, host string) (release func(), err error) {
	of := s.enter(host)
	select {
	case of.slots <- struct{}{}:
	case <-ctx.Done():
		s.leave(host)
		return nil, ctx.Err()
	}
	select {
	case s.all <- struct{}{}:
	case <-ctx.Done():
		<-of.slots
		s.leave(host)
		return nil, ctx.Err()
	}
	return func() {
		<-s.all
		<-of.slots
		s.leave(host)
	}, nil
}

func (s *slots) enter(host string) *hostSlots {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.hosts[host]
	if of == nil {
		of = &hostSlots{slots: make(chan struct{}, atHost)}
		s.hosts[host] = of
	}
	of.users++
	return of
}

func (s *slots) leave(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hosts[host].users--; s.hosts[host].users == 0 {
		delete(s.hosts, host)
	}
}
