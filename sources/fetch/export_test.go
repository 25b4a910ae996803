package fetch

import (
	"crypto/x509"
	"net/http"
)

// Trust has the client believe a test's own certificate, before its first request.
func (c *Client) Trust(certificate *x509.Certificate) {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	c.transport.(*http.Transport).TLSClientConfig.RootCAs = roots
}
