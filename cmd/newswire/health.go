package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

type healthCommand struct {
	configFlag
	Admin string `help:"Address of the service's admin listener; default what the config says."`
}

// Run asks the admin listener of a running service whether it is alive: a health check for containers that have no curl. A
// mistake in the config is no reason to fail: the service goes on with what it read before, and says so in its answer.
func (k healthCommand) Run(c *console) error {
	admin := k.Admin
	if admin == "" {
		var err error
		if admin, err = config.AdminAddress(k.Config); err != nil {
			return err
		}
	}
	host, port, err := net.SplitHostPort(admin)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Second)
	defer cancel()
	address := "http://" + net.JoinHostPort(host, port) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no service answers at %s: %w", address, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", address, response.Status, strings.TrimSpace(string(body)))
	}
	_, err = c.stdout.Write(body)
	return err
}
