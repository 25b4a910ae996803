package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/demo"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

type demoCommand struct {
	Listen string `default:"127.0.0.1:8080" help:"Address for readers; a free port is taken when it is in use."`
	Admin  string `default:"127.0.0.1:8081" help:"Address for operators; likewise."`
}

// Run starts sample publishers inside the process, and aggregates and republishes them as serve would. It needs no
// network, and keeps nothing.
func (k demoCommand) Run(c *console) error {
	dir, err := os.MkdirTemp("", "newswire-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	public, err := listenNear(c, "listen", k.Listen)
	if err != nil {
		return err
	}
	operators, err := listenNear(c, "admin", k.Admin)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	publishers, err := demo.Start(c.ctx)
	if err != nil {
		return err
	}
	defer publishers.Close()
	site := "http://" + public.Addr().String()
	conf, err := config.Parse("demo.yaml", publishers.Config(demo.Settings{
		SiteURL: site,
		Listen:  public.Addr().String(),
		Admin:   operators.Addr().String(),
		Store:   "sqlite:" + filepath.Join(dir, "demo.db"),
	}))
	if err != nil {
		return fmt.Errorf("the demo's own config is wrong: %w", err)
	}
	store, err := stores.Open(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer closeStore(c, store)

	fmt.Fprintf(c.stdout, "newswire demo: %d sample publishers on loopback\n\n", len(publishers.All()))
	for _, p := range publishers.All() {
		fmt.Fprintf(c.stdout, "  %s\n      %s\n      %s\n", p.Name, p.Feed, p.Kind)
	}
	fmt.Fprintf(c.stdout, "\nare aggregated and republished. Open\n\n")
	for _, at := range [][2]string{
		{site + "/", "what there is"},
		{site + "/feeds/all.atom", "everything, as Atom; .rss and .json too"},
		{site + "/feeds.opml", "all feeds, to import into a reader"},
		{"http://" + operators.Addr().String() + "/metrics", "for operators"},
	} {
		fmt.Fprintf(c.stdout, "  %-42s  %s\n", at[0], at[1])
	}
	fmt.Fprintf(c.stdout, "\nCtrl-C ends it; nothing is kept.\n\n")

	s := &service.Service{
		Config: conf, Version: versionString(), Store: stores.Opened(store), Log: c.log, Visits: true, Public: public, Admin: operators,
		Formats: c.formats, Search: filepath.Join(dir, "search"),
	}
	return s.Run(c.ctx)
}

// listenNear listens on an address, or on a free port of the same host when it is in use.
func listenNear(c *console, key, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(c.ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		host, _, _ := net.SplitHostPort(address)
		return listen(c.ctx, key, net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return l, nil
}
