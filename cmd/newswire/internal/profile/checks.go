package profile

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
)

// What rules of several partners ask. Each returns what a rule says where the answer is no.

func (it *item) lacks(value, name string) string {
	if value == "" {
		return "it has no " + name
	}
	return ""
}

// formats says whether the feed is in one of some formats.
func formats(f *feed, allowed ...string) string {
	for _, format := range allowed {
		if f.format == format {
			return ""
		}
	}
	return fmt.Sprintf("its outermost element is %q", f.root.name.Local)
}

func larger(size, most int) string {
	if size > most {
		return fmt.Sprintf("it has %d bytes, %d are allowed", size, most)
	}
	return ""
}

// repeated says whether another item before this one has the same id.
func repeated(it *item, f *feed) string {
	if n, ok := f.ids[it.id]; ok && f.items[n] != it {
		return fmt.Sprintf("item %d has the same", n+1)
	}
	return ""
}

// length counts characters as people see them.
func length(s string) int { return uniseg.GraphemeClusterCount(s) }

func longer(s string, most int) string {
	if n := length(s); n > most {
		return fmt.Sprintf("it has %d characters, %d are allowed", n, most)
	}
	return ""
}

func shorter(s string, least int) string {
	if n := length(s); n < least {
		return fmt.Sprintf("it has %d characters, %d are wanted", n, least)
	}
	return ""
}

// markup says whether text that must be plain has an element in it.
func markup(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			return fmt.Sprintf("it has the element %s in it", name)
		}
	}
}

// plain is the text of HTML.
func plain(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
		}
	}
}

// elements calls see with each element of HTML that begins, and its attributes, until it returns something.
func elements(s string, see func(name string, attrs map[string]string) string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag, attrs := string(name), map[string]string{}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				attrs[string(key)] = string(value)
			}
			if found := see(tag, attrs); found != "" {
				return found
			}
		}
	}
}

// dated reads a date as RSS (RFC 822, with a year of four digits) or as Atom (RFC 3339) has it.
func dated(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := mail.ParseDate(s)
	return t, err == nil
}

func undated(s string) string {
	if s == "" {
		return "it has no date"
	}
	if _, ok := dated(s); !ok {
		return fmt.Sprintf("%q is no date by RFC 822 or RFC 3339 with a zone", s)
	}
	return ""
}

// outside says whether a date lies in the future, or too long ago.
func outside(s string, now time.Time, oldest time.Duration) string {
	t, ok := dated(s)
	switch {
	case !ok:
		return ""
	case t.After(now):
		return s + " lies in the future"
	case oldest > 0 && now.Sub(t) > oldest:
		return fmt.Sprintf("%s is more than %d days ago", s, int(oldest/(24*time.Hour)))
	}
	return ""
}

// smaller says whether the feed says of each of an item's pictures that its shorter side is less than so many pixels.
func smaller(it *item, least int) string {
	largest := 0
	for _, p := range it.pictures {
		if p.width == 0 || p.height == 0 {
			return "" // the feed does not say
		}
		largest = max(largest, min(p.width, p.height))
	}
	if len(it.pictures) > 0 && largest < least {
		return fmt.Sprintf("the shorter side of its largest picture has %d pixels", largest)
	}
	return ""
}

// pictured says whether an item has a picture, beside its text or in it.
func pictured(it *item) string {
	if len(it.pictures) > 0 {
		return ""
	}
	if elements(it.body+it.summary, func(name string, _ map[string]string) string {
		if name == "img" {
			return name
		}
		return ""
	}) != "" {
		return ""
	}
	return "it has no picture"
}

// unlinked says whether an item's link is none that a browser can follow.
func unlinked(it *item) string {
	switch u := webAddress(it.link); {
	case it.link == "":
		return "it has no link"
	case u == nil:
		return fmt.Sprintf("%q is no web address", it.link)
	case u.User != nil:
		return "its link has a user name in it"
	}
	return ""
}

// whole is the whole text of an item: content:encoded, or else what RSS has for it.
func (it *item) whole() string { return first(it.body, it.summary) }
