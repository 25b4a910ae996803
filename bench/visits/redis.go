//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"time"
)

// redisServer is a server of its own, with every write on disk before it is answered, as compose.yaml has it.
type redisServer struct {
	address string
	command *exec.Cmd
	cancel  context.CancelFunc
}

func startRedis(ctx context.Context, dir string) (*redisServer, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if binary, err = exec.LookPath("valkey-server"); err != nil {
			return nil, errors.New("neither redis-server nor valkey-server is installed; leave redis out with -stores sqlite")
		}
	}
	s := new(redisServer)
	if s.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(s.address)
	ctx, s.cancel = context.WithCancel(ctx)
	s.command = exec.CommandContext(ctx, binary, "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "everysec", "--databases", "1000")
	if err := s.command.Start(); err != nil {
		s.cancel()
		return nil, err
	}
	for range 100 {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", s.address)
		if err == nil {
			return s, c.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.close()
	return nil, fmt.Errorf("redis-server does not answer on %s", s.address)
}

func (s *redisServer) close() {
	s.cancel()
	_ = s.command.Wait() // it was killed
}
