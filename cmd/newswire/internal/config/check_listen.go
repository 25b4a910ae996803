package config

import (
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/newswire/newswire/syndication/admin"
)

func (c *checker) address(p path, address, fallback string) string {
	if address == "" {
		return fallback
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		c.problem(p, "%q is not an address to listen on; write host:port or :port", address)
	}
	return address
}

// onePort finds listeners that cannot both have their port.
func (c *checker) onePort(listen, operators string) {
	host, port, err := net.SplitHostPort(listen)
	adminHost, adminPort, adminErr := net.SplitHostPort(operators)
	if err != nil || adminErr != nil || port != adminPort || port == "0" {
		return
	}
	loopback := admin.IsLoopback(listen) && admin.IsLoopback(operators)
	if host != adminHost && !loopback && !everyInterface(host) && !everyInterface(adminHost) {
		return
	}
	p := path{"admin"}
	if c.line(p) == 0 {
		p = path{"listen"}
	}
	c.problem(p, "listen %s and admin %s have one port: give each its own", listen, operators)
}

// everyInterface says whether a host to listen on stands for all of the machine's addresses.
func everyInterface(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// adminLine is a line of a config that names the admin listener, for a file that is no YAML.
var adminLine = regexp.MustCompile(`(?m)^admin:[ \t]*["']?([^\s"'#]+)`)

// AdminAddress is where the admin listener of a service with this config file is, as far as the file says so: it may be full
// of mistakes, for a service goes on with what it read before. The error says that there is no such file.
func AdminAddress(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", readErrors(file, err)
	}
	var d struct {
		Admin any `yaml:"admin"`
	}
	address := ""
	if err := yaml.Load(data, &d); err == nil {
		address, _ = d.Admin.(string)
	} else if m := adminLine.FindSubmatch(data); m != nil {
		address = string(m[1])
	}
	if _, port, err := net.SplitHostPort(address); err != nil {
		return defaultAdmin, nil
	} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return defaultAdmin, nil
	}
	return address, nil
}
