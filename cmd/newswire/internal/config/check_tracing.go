package config

// checkTracing checks where traces go. An address with a password or a key in it has no place in the config.
func checkTracing(c *checker, k tracingKeys) Tracing {
	out := Tracing{Endpoint: k.Endpoint, Sample: 1}
	p := path{"tracing", "endpoint"}
	if k.Endpoint != "" {
		if u, ok := c.webAddress(p, k.Endpoint); ok && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
			c.problem(p, "tracing.endpoint is an address without user, ? or #; a collector that asks for a key has it from OTEL_EXPORTER_OTLP_HEADERS in the environment")
		}
	}
	if k.Sample != nil {
		p := path{"tracing", "sample"}
		if out.Sample = *k.Sample; !(out.Sample >= 0 && out.Sample <= 1) && !c.misread(p) {
			c.problem(p, "tracing.sample is a share from 0 to 1")
		}
	}
	return out
}
