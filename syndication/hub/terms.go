package hub

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // WebSub §7.1 lists it; who asks for it has a reason
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
)

// terms are what a subscription is about, as the store has them.
type terms struct {
	Topic    string `json:"topic"` // as the subscriber wrote it
	Callback string `json:"callback"`
	Secret   string `json:"secret,omitempty"`
	Method   string `json:"method,omitempty"` // of signatures
	Lease    int64  `json:"lease,omitempty"`  // in seconds, as granted
}

func (t *terms) encode() []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic("hub: terms of strings do not marshal: " + err.Error())
	}
	return b
}

func decodeTerms(b []byte) (terms, error) {
	var t terms
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("read the terms of a subscription: %w", err)
	}
	return t, nil
}

// defaultMethod is the hash function of signatures for subscribers that do not choose.
const defaultMethod = "sha256"

// hashOf is the hash function of a method of signatures (WebSub §7.1); nil for none that there is.
func hashOf(method string) func() hash.Hash {
	switch method {
	case "sha1":
		return sha1.New
	case defaultMethod:
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// signatureMethod reads the hash function that a subscriber asks for. The parameter is ours: WebSub leaves the choice to hubs.
func signatureMethod(asked string) (string, error) {
	switch {
	case asked == "":
		return defaultMethod, nil
	case hashOf(asked) == nil:
		return "", invalid("hub.method", "must be sha1, sha256, sha384 or sha512")
	}
	return asked, nil
}

// sign is the value of X-Hub-Signature for a body (WebSub §7.1); empty for a subscription without a secret.
func (t *terms) sign(body []byte) string {
	if t.Secret == "" {
		return ""
	}
	method, function := t.Method, hashOf(t.Method)
	if function == nil { // stored by another release
		method, function = defaultMethod, hashOf(defaultMethod)
	}
	mac := hmac.New(function, []byte(t.Secret))
	mac.Write(body)
	return method + "=" + hex.EncodeToString(mac.Sum(nil))
}
