package fetch

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Certificate is a client's certificate with its key. It prints as "…".
type Certificate struct {
	pair *tls.Certificate
}

// String hides the key.
func (*Certificate) String() string { return hidden }

// NewCertificate reads a certificate, with those that lead to its authority behind it, and its key, both in PEM. The error
// has nothing of the key in it.
func NewCertificate(certificate, key []byte) (*Certificate, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &Certificate{&pair}, nil
}

// Authorities are the system's certificate authorities and those of a PEM file.
func Authorities(file []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	if !pool.AppendCertsFromPEM(file) {
		return nil, errors.New("there is no certificate in it (PEM)")
	}
	return pool, nil
}
