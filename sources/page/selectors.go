package page

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
)

// Selectors say where on a publisher's pages things stand, as CSS selectors. "a@href" takes an attribute instead of the
// text; "@href" alone takes it from the element itself. All are optional, but a list needs Item.
//
// Title, Author, Published and Content are looked for on the article's page and, for what the list says by itself,
// inside of each item.
type Selectors struct {
	Item      string   // on a list page: each element that stands for one article
	Link      string   // inside of an item: the link to the article; the first link where empty
	Title     string   // the first match's text
	Author    string   // every match is an author, or a line with several
	Published string   // the first match that holds a date
	Content   string   // every match, one after the other, is the text
	Remove    []string // taken off the page before anything else is looked for
}

// Check says which selectors do not parse, each by its name in the config; nil when all do.
func (s Selectors) Check() error {
	_, err := s.compile()
	return err
}

// compiled are parsed Selectors. One that was not given is nil.
type compiled struct {
	item, link, title, author, published, content *selector
	remove                                        []*selector
}

// selector finds elements and takes their text, or one of their attributes.
type selector struct {
	matcher   goquery.Matcher // nil for the element itself
	attribute string          // empty for the text
}

func (s Selectors) compile() (*compiled, error) {
	var c compiled
	var errs []error
	compile := func(name, text string) *selector {
		sel, err := newSelector(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: selector %q: %w", name, text, err))
		}
		return sel
	}
	c.item, c.link = compile("item", s.Item), compile("link", s.Link)
	c.title, c.author = compile("title", s.Title), compile("author", s.Author)
	c.published, c.content = compile("published", s.Published), compile("content", s.Content)
	for _, text := range s.Remove {
		if sel := compile("remove", text); sel != nil {
			c.remove = append(c.remove, sel)
		}
	}
	if c.item != nil && c.item.attribute != "" {
		errs = append(errs, fmt.Errorf("item: selector %q: an attribute is no element", s.Item))
	}
	return &c, errors.Join(errs...)
}

// attributeForm is the attribute at the end of a selector. An at sign elsewhere, as in [href*="@"], belongs to the
// selector.
var attributeForm = regexp.MustCompile(`^([^@]*|.*\])@([A-Za-z_][A-Za-z0-9_.:-]*)$`)

// newSelector parses one selector. It is nil for an empty one.
func newSelector(text string) (*selector, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	var s selector
	if m := attributeForm.FindStringSubmatch(text); m != nil {
		text, s.attribute = strings.TrimSpace(m[1]), strings.ToLower(m[2])
	}
	if text == "" {
		return &s, nil
	}
	matcher, err := cascadia.Compile(text)
	if err != nil {
		return nil, err
	}
	s.matcher = matcher
	return &s, nil
}

// in finds the selector's elements inside of a selection. Of a selector that was not given there are none.
func (s *selector) in(within *goquery.Selection) *goquery.Selection {
	switch {
	case s == nil:
		return within.Slice(0, 0)
	case s.matcher == nil:
		return within
	default:
		return within.FindMatcher(s.matcher)
	}
}

// texts are what the selector's elements say, without those that say nothing.
func (s *selector) texts(within *goquery.Selection) []string {
	var texts []string
	for _, n := range s.in(within).Nodes {
		text := ""
		switch {
		case s.attribute != "":
			text = line(attribute(n, s.attribute))
		case n.Data == "meta":
			text = line(attribute(n, "content"))
		default:
			text = textOf(n)
		}
		if text != "" && len(texts) < maxValues {
			texts = append(texts, text)
		}
	}
	return texts
}
