package config

import (
	"encoding/hex"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/partner"
)

const (
	defaultBatch = 100  // changes in a delivery
	mostBatch    = 1000 // of them
	leastSecret  = 24   // bytes of what deliveries are signed with
)

// partnerChecker is the part of the checker that concerns partners.
type partnerChecker struct{ *checker }

func (c partnerChecker) partners(in []partnerKeys, categories []newswire.Category) []partner.Partner {
	var out []partner.Partner
	seen := map[string]at{}
	holders := map[partner.Digest]string{}
	for i := range in {
		p, keys := path{"partners", i}, &in[i]
		c.id(p, "partner", keys.ID, seen)
		for j, id := range keys.Categories {
			c.knownCategory(append(p, "categories", j), id, categories)
		}
		one := partner.Partner{
			ID: keys.ID, Keys: c.keys(p, keys), Categories: keys.Categories,
			Content: c.policy(append(p, "content"), "content", keys.Content), Webhook: c.webhook(p, keys.Webhook),
		}
		if keys.Rate != "" {
			var err error
			if one.Rate, err = partner.ParseRate(keys.Rate); err != nil {
				c.problem(append(p, "rate"), "rate: %v", err)
			}
		}
		for _, k := range one.Keys {
			if other, taken := holders[k.Digest]; taken {
				c.problem(p, "partners %s and %s have the same key", name(other), name(keys.ID))
			}
			holders[k.Digest] = keys.ID
		}
		out = append(out, one)
	}
	return out
}

// keys are those that a partner may use.
func (c partnerChecker) keys(p path, k *partnerKeys) []partner.Key {
	var out []partner.Key
	mistakes := len(c.problems)
	secret := c.secret(p, "key", secret(k.Key))
	switch given := k.KeySHA256 != "" && k.KeySHA256 != placeholder; {
	case given && (k.Key.File != "" || k.Key.Env != ""):
		c.problem(append(p, "key_sha256"), "give only one of key_sha256, key_file and key_env")
	case given:
		if digest, ok := c.digest(append(p, "key_sha256"), k.KeySHA256); ok {
			out = append(out, partner.Key{Digest: digest})
		}
	case secret != "":
		const least = 32
		if len(secret) < least {
			c.problem(p, "the key of partner %s is shorter than %d characters and could be guessed; newswire partner add makes one", name(k.ID), least)
		}
		out = append(out, partner.Key{Digest: partner.DigestOf(secret)})
	case len(c.problems) == mistakes:
		c.notice(p, "partner %s has no key and cannot ask for anything; newswire partner rotate %s makes one", name(k.ID), k.ID)
	}
	if k.PreviousSHA256 == "" {
		return out
	}
	digest, ok := c.digest(append(p, "previous_key_sha256"), k.PreviousSHA256)
	until, err := time.Parse(time.RFC3339, k.PreviousUntil)
	if err != nil {
		c.problem(append(p, "previous_key_until"), "previous_key_until: %q is not a time such as 2026-12-01T00:00:00Z", k.PreviousUntil)
	} else if ok {
		out = append(out, partner.Key{Digest: digest, Until: until})
	}
	return out
}

// placeholder stands in examples where a digest goes.
const placeholder = "…"

func (c partnerChecker) digest(p path, text string) (digest partner.Digest, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(digest) {
		c.problem(p, "%s: want the SHA-256 of a key in %d hexadecimal digits; newswire partner add and rotate write it", p[len(p)-1], 2*len(digest))
		return digest, false
	}
	return partner.Digest(b), true
}

// policy checks how much of an article something allows; empty where that is not said.
func (c *checker) policy(p path, key, written string) newswire.Policy {
	switch policy := newswire.Policy(written); policy {
	case "", newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle:
		return policy
	}
	c.problem(p, "%s is full, excerpt or title, not %q", key, written)
	return ""
}

func (c partnerChecker) webhook(p path, w *webhook) *partner.Webhook {
	if w == nil {
		return nil
	}
	p = append(p, "webhook")
	out := &partner.Webhook{URL: w.URL, Secret: c.secret(p, "secret", secret(w.Secret)), Batch: defaultBatch}
	if w.URL == "" {
		c.problem(p, "webhook has no url")
	} else if u, ok := c.webAddress(append(p, "url"), w.URL); ok && u.User != nil {
		c.problem(append(p, "url"), "webhook.url must hold no user and password: deliveries are signed")
	}
	if w.Secret.File == "" && w.Secret.Env == "" {
		c.problem(p, "webhook has no secret to sign with; name one by secret_env or secret_file")
	} else if key, err := out.Key(); err != nil {
		c.problem(append(p, "secret"), "webhook.secret: %v", err)
	} else if len(key) > 0 && len(key) < leastSecret {
		c.notice(p, "the secret of the webhook of a partner has %d bytes and may be guessed; Standard Webhooks wants at least %d", len(key), leastSecret)
	}
	if w.Batch != nil {
		if out.Batch = *w.Batch; out.Batch < 1 || out.Batch > mostBatch {
			c.problem(append(p, "batch"), "webhook.batch is from 1 to %d", mostBatch)
		}
	}
	return out
}
