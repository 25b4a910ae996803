package config

import (
	"time"

	"github.com/newswire/newswire/syndication/hub"
)

const (
	defaultLease    = 240 * time.Hour
	defaultMaxLease = 720 * time.Hour
	longestLease    = 366 * 24 * time.Hour
	defaultPerHost  = 100
)

func (c *checker) hub(k hubKeys) Hub {
	if k.Off {
		return Hub{Off: true}
	}
	out := Hub{Lease: defaultLease, MaxLease: defaultMaxLease, PerHost: defaultPerHost}
	if k.MaxLease != nil {
		p := path{"hub", "max_lease"}
		if out.MaxLease = *k.MaxLease; !c.misread(p) && (out.MaxLease < hub.LeastLease || out.MaxLease > longestLease) {
			c.problem(p, "hub.max_lease is from %v to %v", hub.LeastLease, longestLease)
		}
		out.Lease = min(out.Lease, out.MaxLease)
	}
	if k.Lease != nil {
		p := path{"hub", "lease"}
		switch out.Lease = *k.Lease; {
		case c.misread(p):
		case out.Lease < hub.LeastLease:
			c.problem(p, "hub.lease is %v or more", hub.LeastLease)
		case out.Lease > out.MaxLease:
			c.problem(p, "hub.lease is longer than hub.max_lease, which is %v", out.MaxLease)
		}
	}
	if k.PerHost != nil {
		p := path{"hub", "per_host"}
		if out.PerHost = *k.PerHost; out.PerHost < 1 && !c.misread(p) {
			c.problem(p, "hub.per_host is 1 or more; hub: off has no hub")
		}
	}
	return out
}
