package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/internal/stable"
	"github.com/newswire/newswire/sources/parse"
)

// churnRemembered is how long after guids have changed every unknown item is compared with what is stored.
const churnRemembered = 30 * 24 * time.Hour

// recognize finds the items of a document whose guids have changed while the articles have not, and gives them the guids
// by which the store knows them. These are:
//
//   - guids of another form: http for https, with or without a slash at the end, #1 for #0. The address of the article
//     is the same, and so is its date;
//   - any other guids, at worst new ones at every visit. Address, title and date of the article are the same; where it
//     has no date, the beginning of its text is.
//
// An item keeps its new guid where the document offers the older one, too. The error is the store's.
func (v *visiting) recognize(ctx context.Context, d *parse.Document) error {
	r := recognition{visiting: v, items: d.Items, offered: make(map[string]bool, len(d.Items))}
	if v.record.State.Health.LastSuccess.IsZero() {
		return nil // nothing is stored
	}
	if err := r.unknown(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.byForm, r.byLikeness} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if r.found > 0 {
		v.record.State.Churned = v.record.At
		d.Repairs = append(d.Repairs, fmt.Sprintf("guids of %d articles have changed, and the articles have not: they are known by their first guids", r.found))
	}
	return nil
}

// recognition looks for what the store knows by another guid.
type recognition struct {
	*visiting
	items   []parse.Item
	offered map[string]bool // IDs in the document, as far as they are settled
	strange []int           // items that the store does not know, and may know by another guid
	found   int
}

// unknown looks for items that the store does not know. A new article of the usual kind is dated after the last visit: then
// it cannot be stored. But this is no sign where most items are unknown, or where guids have changed before.
func (r *recognition) unknown(ctx context.Context) error {
	ids := make([]string, len(r.items))
	for i := range r.items {
		ids[i] = newswire.ArticleID(r.source.ID, r.items[i].GUID)
		r.offered[ids[i]] = true
	}
	known, err := r.lookUp(ctx, ids)
	if err != nil {
		return err
	}
	state := &r.record.State
	all := 2*len(known) <= len(r.items) || r.record.At.Sub(state.Churned) < churnRemembered
	for i := range r.items {
		if _, met := known[ids[i]]; met || r.items[i].URL == "" {
			continue
		}
		if all || !r.items[i].Published.After(state.Health.LastSuccess) {
			r.strange = append(r.strange, i)
		}
	}
	return nil
}

// adopt gives an item the guid of a stored article.
func (r *recognition) adopt(i int, guid string, permaLink bool) {
	it := &r.items[i]
	delete(r.offered, newswire.ArticleID(r.source.ID, it.GUID))
	it.GUID, it.PermaLink = guid, permaLink
	r.offered[newswire.ArticleID(r.source.ID, guid)] = true
	r.found++
}

// byForm recognizes guids of another form.
func (r *recognition) byForm(ctx context.Context) error {
	var ids []string
	forms := map[string]string{} // by ID
	for _, i := range r.strange {
		for _, guid := range formsOf(r.items[i].GUID) {
			id := newswire.ArticleID(r.source.ID, guid)
			forms[id], ids = guid, append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := r.lookUp(ctx, ids)
	if err != nil {
		return err
	}
	var rest []int
	for _, i := range r.strange {
		is, err := r.inForm(ctx, i, known)
		if err != nil {
			return err
		}
		if !is {
			rest = append(rest, i)
		}
	}
	r.strange = rest
	return nil
}

// inForm gives an item the guid of a stored article that is a form of its own.
func (r *recognition) inForm(ctx context.Context, i int, known map[string]cache.Known) (bool, error) {
	it := &r.items[i]
	for _, guid := range formsOf(it.GUID) {
		id := newswire.ArticleID(r.source.ID, guid)
		k, met := known[id]
		if !met || r.offered[id] {
			continue
		}
		if k.Withdrawn { // it stays so under every form of its guid
			r.adopt(i, guid, it.PermaLink)
			return true, nil
		}
		stored, err := r.store.Article(ctx, id)
		switch {
		case errors.Is(err, newswire.ErrNotFound), errors.Is(err, newswire.ErrWithdrawn):
		case err != nil:
			return false, fmt.Errorf("%w: %w", errStore, err)
		case stable.Same(stored.URL, it.URL) && (stored.Published.Equal(it.Published) || stored.Published.IsZero() || it.Published.IsZero()):
			r.adopt(i, stored.GUID, stored.PermaLink)
			return true, nil
		}
	}
	return false, nil
}

// maxCounted bounds the numbers after a # that are tried: few articles are corrected so often.
const maxCounted = 20

// formsOf are other forms of a guid that is an address.
func formsOf(guid string) []string {
	scheme, rest, ok := strings.Cut(guid, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return nil
	}
	bare, fragment, hasFragment := strings.Cut(rest, "#")
	paths := []string{rest}
	if n, err := strconv.Atoi(fragment); err == nil && hasFragment && n > 0 {
		for n--; n >= 0 && len(paths) < maxCounted; n-- {
			paths = append(paths, bare+"#"+strconv.Itoa(n))
		}
	}
	if !hasFragment && !strings.Contains(rest, "?") {
		if plain := strings.TrimSuffix(rest, "/"); plain != rest {
			paths = append(paths, plain)
		} else {
			paths = append(paths, rest+"/")
		}
	}
	var forms []string
	for _, path := range paths {
		for _, form := range []string{"https://" + path, "http://" + path} {
			if form != guid {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// byLikeness recognizes articles by address, title and date. An item whose guid is its address has no other guid at that
// address.
func (r *recognition) byLikeness(ctx context.Context) error {
	wanted := map[string][]int{}
	for _, i := range r.strange {
		if it := &r.items[i]; !stable.Same(it.GUID, it.URL) {
			key := likeness(&it.Article)
			wanted[key] = append(wanted[key], i)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	most := max(20, min(2*len(r.items), pageOf)) // a document offers the newest
	stored := map[string]*newswire.Article{}
	for _, topic := range r.source.topics() {
		page, err := r.store.Articles(ctx, cache.Query{Topic: topic, Limit: most})
		if err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		for i := range page.Articles {
			a := &page.Articles[i]
			key := likeness(a)
			if first := stored[key]; wanted[key] != nil && !r.offered[a.ID] && (first == nil || a.FirstSeen.Before(first.FirstSeen)) {
				stored[key] = a
			}
		}
	}
	for key, items := range wanted {
		if a := stored[key]; a != nil && len(items) == 1 { // several that are alike are told apart by their guids
			r.adopt(items[0], a.GUID, a.PermaLink)
		}
	}
	return nil
}

// likeness is what stays of an article whose guid changes.
func likeness(a *newswire.Article) string {
	date := a.Published.Format(time.RFC3339)
	if a.Published.IsZero() {
		date = beginning(cmp.Or(a.Summary, a.Content))
	}
	return strings.Join([]string{stable.Key(a.URL), identity.Fold(a.Title), date}, "\x00")
}

// beginning is the first letters and digits of a text, which cleaning leaves as they are.
func beginning(fragment string) string {
	const letters, enough = 80, 4000
	var b strings.Builder
	for _, c := range clean.Text(fragment[:min(len(fragment), enough)]) {
		if b.Len() >= letters {
			break
		}
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(unicode.ToLower(c))
		}
	}
	return b.String()
}
