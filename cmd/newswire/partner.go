package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/syndication/partner"
)

type partnerCommand struct {
	Add    partnerAddCommand    `cmd:"" help:"Make a key for a partner, show it once, and add the partner to the config."`
	List   partnerListCommand   `cmd:"" help:"List the partners, what they get, and what they used."`
	Rotate partnerRotateCommand `cmd:"" help:"Make another key for a partner, show it once, and accept the old one for a while."`
	Remove partnerRemoveCommand `cmd:"" help:"Take a partner out of the config."`
}

type partnerAddCommand struct {
	configFlag
	ID         string   `arg:"" help:"The partner's ID: lower-case letters, digits and dashes."`
	Categories []string `name:"category" help:"A category that the partner gets; default: all."`
	Content    string   `enum:"full,excerpt,title," default:"" help:"At most this much of any article: full, excerpt or title; default: what each source allows."`
	Rate       string   `help:"How often the partner may ask, such as 600/m, which is the default."`
}

// Run makes a key and writes its digest. The key itself goes to standard output, and nowhere else.
func (k partnerAddCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if d.partner(k.ID) != nil {
		return fmt.Errorf("there is a partner %q already; newswire partner rotate %s makes another key", k.ID, k.ID)
	}
	key := partner.NewKey()
	entry := edit.Partner{ID: k.ID, KeySHA256: digestOf(key), Categories: k.Categories, Content: k.Content, Rate: k.Rate}
	if d, err = d.with(edit.Addition{Partners: []edit.Partner{entry}}); err != nil {
		return err
	}
	if err := d.save(); err != nil {
		return err
	}
	return showKey(c, key, fmt.Sprintf("partner %s added to %s", k.ID, k.Config))
}

type partnerRotateCommand struct {
	configFlag
	ID      string        `arg:"" help:"The partner's ID."`
	Overlap time.Duration `default:"168h" help:"How long the old key is accepted as well; default: ${default}."`
}

// Run makes a key, and writes its digest in the place of the old one's, which is kept for the overlap.
func (k partnerRotateCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	p := d.partner(k.ID)
	if p == nil {
		return d.noPartner(k.ID)
	}
	if k.Overlap < 0 {
		return errors.New("--overlap must not be negative; 0 ends the old key at once")
	}
	key := partner.NewKey()
	pairs := []edit.Pair{{Key: "key_sha256", Value: digestOf(key)}}
	for _, old := range p.Keys {
		if old.Until.IsZero() {
			pairs = append(
				pairs, edit.Pair{Key: "previous_key_sha256", Value: hex.EncodeToString(old.Digest[:])},
				edit.Pair{Key: "previous_key_until", Value: time.Now().Add(k.Overlap).UTC().Format(time.RFC3339)},
			)
		}
	}
	d, err = d.edited("change", func(text []byte) ([]byte, error) { return edit.Set(text, "partners", k.ID, pairs...) })
	if err != nil {
		return fmt.Errorf("%w; a key that stands in a file or in the environment is replaced there", err)
	}
	if err := d.save(); err != nil {
		return err
	}
	said := fmt.Sprintf("partner %s has another key in %s", k.ID, k.Config)
	if len(pairs) > 1 {
		said += "; the old one is accepted until " + pairs[2].Value
	}
	return showKey(c, key, said)
}

// showKey shows a key, which cannot be shown again.
func showKey(c *console, key, said string) error {
	if _, err := fmt.Fprintf(c.stderr, "%s; a running service reloads it. This is the key, which is shown once and not kept:\n", said); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.stdout, key)
	return err
}

type partnerRemoveCommand struct {
	configFlag
	ID string `arg:"" help:"The partner's ID."`
}

// Run takes a partner out. Its keys are refused as soon as a running service has reloaded the config.
func (k partnerRemoveCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if d.partner(k.ID) == nil {
		return d.noPartner(k.ID)
	}
	if d, err = d.edited("remove", func(text []byte) ([]byte, error) { return edit.Remove(text, "partners", k.ID) }); err != nil {
		return err
	}
	if err := d.save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stderr, "partner %s taken out of %s\n", k.ID, k.Config)
	return err
}

type partnerListCommand struct {
	configFlag
	JSON bool `help:"A line of JSON for each partner instead of the table."`
}

// partnerLine is a partner as it is listed.
type partnerLine struct {
	ID         string          `json:"id"`
	Keys       int             `json:"keys"` // that are accepted now
	Overlap    time.Time       `json:"overlap_until,omitzero"`
	Categories []string        `json:"categories,omitempty"`
	Content    newswire.Policy `json:"content,omitempty"`
	Rate       string          `json:"rate"`
	Webhook    string          `json:"webhook,omitempty"`
	Today      int64           `json:"requests_today"`
	Month      int64           `json:"requests_30_days"`
	Refused    int64           `json:"refused_30_days"`
	Last       string          `json:"last_day,omitempty"` // on which there were any
}

// Run lists the partners of the config, with what the store knows of their usage.
func (k partnerListCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if d.made {
		return fmt.Errorf("%s: no such file", k.Config)
	}
	return k.withStore(c, func(store cache.Store) error {
		lines := make([]partnerLine, len(d.conf.Partners))
		for i := range d.conf.Partners {
			days, err := store.Usage(c.ctx, d.conf.Partners[i].ID, time.Now().Add(-30*24*time.Hour))
			if err != nil {
				return err
			}
			lines[i] = newPartnerLine(&d.conf.Partners[i], days, time.Now())
		}
		if k.JSON {
			return printLines(c, lines)
		}
		table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintln(table, "PARTNER\tKEYS\tCATEGORIES\tCONTENT\tRATE\tTODAY\t30 DAYS\tREFUSED\tLAST")
		for _, l := range lines {
			fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", l.ID, l.Keys, orAll(strings.Join(l.Categories, ",")),
				orAll(string(l.Content)), l.Rate, l.Today, l.Month, l.Refused, dash(l.Last))
		}
		return table.Flush()
	})
}

func newPartnerLine(p *partner.Partner, days []cache.DayUsage, now time.Time) partnerLine {
	l := partnerLine{ID: p.ID, Categories: p.Categories, Content: p.Content, Rate: partner.FormatRate(p.Limit())}
	for _, key := range p.Keys {
		if key.Until.IsZero() || now.Before(key.Until) {
			l.Keys++
		}
		if now.Before(key.Until) {
			l.Overlap = key.Until
		}
	}
	if p.Webhook != nil {
		l.Webhook = p.Webhook.URL
	}
	for _, d := range days {
		l.Month += d.Requests
		l.Refused += d.Refused
		l.Last = d.Day.Format(time.DateOnly)
		if l.Last == now.UTC().Format(time.DateOnly) {
			l.Today = d.Requests
		}
	}
	return l
}

func orAll(s string) string {
	if s == "" {
		return "all"
	}
	return s
}

// digestOf is the digest of a key, as the config has it.
func digestOf(key string) string {
	digest := partner.DigestOf(key)
	return hex.EncodeToString(digest[:])
}

// partner is the partner with an ID, or nil.
func (d *draft) partner(id string) *partner.Partner {
	for i := range d.conf.Partners {
		if d.conf.Partners[i].ID == id {
			return &d.conf.Partners[i]
		}
	}
	return nil
}

func (d *draft) noPartner(id string) error {
	return fmt.Errorf("there is no partner %q in %s", id, d.path)
}
