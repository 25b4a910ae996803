package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"text/template"

	"go.yaml.in/yaml/v4"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
)

//go:embed init.yaml
var initText string

type initCommand struct {
	configFlag
	Title    string `default:"newswire" help:"What the site is called."`
	URL      string `help:"Where readers reach it, such as https://wire.example.org; default: this machine."`
	Contact  string `help:"An e-mail address for readers and publishers."`
	Language string `default:"en" help:"Of the site's own words."`
	Listen   string `default:":8080" help:"Address that readers are answered on."`
}

// Run writes a config to begin with. A file that is there is never touched.
func (k *initCommand) Run(c *console) error {
	switch _, err := os.Lstat(k.Config); {
	case err == nil:
		return fmt.Errorf("%s is there already and was not changed; newswire add SITE adds a source to it, and -c names another file", k.Config)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	text, err := k.text()
	if err != nil {
		return err
	}
	if _, err := config.Parse(k.Config, text); err != nil {
		return fmt.Errorf("%w\nnothing was written", err)
	}
	if err := edit.Write(k.Config, text); err != nil {
		return fmt.Errorf("%s was not written: %w", k.Config, err)
	}
	_, err = fmt.Fprintf(c.stdout, `wrote %s

Next:
  newswire add SITE --category news    finds the feed of a site and adds it
  newswire serve                       visits it, and answers on %s
`, k.Config, k.address())
	return err
}

// text is the config.
func (k *initCommand) text() ([]byte, error) {
	values := struct {
		Title, URL, Contact, Language, Listen string
		Local                                 bool
	}{Listen: k.Listen, Local: k.URL == ""}
	var err error
	for _, v := range []struct {
		to   *string
		from string
	}{{&values.Title, k.Title}, {&values.URL, k.address()}, {&values.Contact, k.Contact}, {&values.Language, k.Language}} {
		if *v.to, err = scalar(v.from); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := template.Must(template.New("init").Parse(initText)).Execute(&b, values); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// address is where readers reach the site.
func (k *initCommand) address() string {
	if k.URL != "" {
		return k.URL
	}
	host, port, err := net.SplitHostPort(k.Listen)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}).String()
}

// scalar is a text as YAML has it on one line; empty for an empty one.
func scalar(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	b, err := yaml.Dump(text, yaml.WithLineWidth(-1))
	if err != nil {
		return "", err
	}
	b = bytes.TrimSpace(b)
	if bytes.ContainsRune(b, '\n') {
		return "", fmt.Errorf("%q has a line break", text)
	}
	return string(b), nil
}
