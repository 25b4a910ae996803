package websub

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // WebSub §8 has hubs that sign with it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// methods are those that a hub may sign with (§8.1).
func methods(name string) func() hash.Hash {
	switch strings.ToLower(name) {
	case "sha1":
		return sha1.New
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// Signed says whether a body was signed with one of the secrets, by what X-Hub-Signature says: "method=signature". The time
// that it takes does not depend on how much of a wrong signature is right.
func Signed(header string, body []byte, secrets ...string) bool {
	name, text, _ := strings.Cut(header, "=")
	method := methods(strings.TrimSpace(name))
	if method == nil {
		return false
	}
	signature, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(signature) != method().Size() {
		return false
	}
	signed := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(method, []byte(secret))
		mac.Write(body)
		signed = hmac.Equal(mac.Sum(nil), signature) || signed
	}
	return signed
}
