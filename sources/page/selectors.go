package page

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Selectors say where on a publisher's pages things stand, as CSS selectors. "a@href" takes an attribute instead of the
// text; "@href" alone takes it from the element itself. Alternatives stand behind commas: "time@datetime, .date". All
// are optional, but a list needs Item.
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

// ForArticles are the selectors for articles, as opposed to lists of them, by their names in the config.
func (s Selectors) ForArticles() map[string]string {
	return map[string]string{"title": s.Title, "author": s.Author, "published": s.Published, "content": s.Content}
}

// noteMatches tells which of the selectors for articles find something inside of a selection.
func (o *Options) noteMatches(within *goquery.Selection, sel *compiled) {
	if o.Matched == nil {
		return
	}
	for name, s := range map[string]selector{
		"title": sel.title, "author": sel.author, "published": sel.published, "content": sel.content,
	} {
		if len(s.in(within)) > 0 {
			o.Matched(name)
		}
	}
}

// compiled are parsed Selectors. One that was not given is nil.
type compiled struct {
	item, link, title, author, published, content selector
	remove                                        []selector
}

// selector finds elements and takes their text, or one of their attributes. Its alternatives are tried in their order;
// those that all take the text are one.
type selector []alternative

type alternative struct {
	matcher   goquery.Matcher // nil for the element itself
	attribute string          // empty for the text
}

func (s Selectors) compile() (*compiled, error) {
	var c compiled
	var errs []error
	compile := func(name, text string) selector {
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
	for _, element := range [][2]string{{"item", s.Item}, {"content", s.Content}} {
		if hasAttributeForm(element[1]) {
			errs = append(errs, fmt.Errorf("%s: selector %q: an attribute is no element", element[0], element[1]))
		}
	}
	return &c, errors.Join(errs...)
}

// attributeForm is the attribute at the end of a selector. An at sign elsewhere, as in [href*="@"], belongs to the
// selector.
var attributeForm = regexp.MustCompile(`^([^@]*|.*\])@([A-Za-z_][A-Za-z0-9_.:-]*)$`)

func hasAttributeForm(text string) bool {
	return slices.ContainsFunc(alternatives(text), attributeForm.MatchString)
}

// newSelector parses one selector. It is nil for an empty one.
func newSelector(text string) (selector, error) {
	parts := []string{text}
	if hasAttributeForm(text) {
		parts = alternatives(text)
	}
	var s selector
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		var a alternative
		if m := attributeForm.FindStringSubmatch(part); m != nil {
			part, a.attribute = strings.TrimSpace(m[1]), strings.ToLower(m[2])
		}
		if part != "" {
			matcher, err := cascadia.Compile(part)
			if err != nil {
				return nil, err
			}
			a.matcher = matcher
		}
		s = append(s, a)
	}
	return s, nil
}

// alternatives splits a selector at its commas, but for those inside of brackets, parentheses and quotation marks.
func alternatives(text string) []string {
	var parts []string
	depth, quote, start := 0, rune(0), 0
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			parts, start = append(parts, strings.TrimSpace(text[start:i])), i+1
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

// in finds the alternative's elements inside of a selection.
func (a alternative) in(within *goquery.Selection) []*html.Node {
	if a.matcher == nil {
		return within.Nodes
	}
	return within.FindMatcher(a.matcher).Nodes
}

// in finds the selector's elements inside of a selection. Of a selector that was not given there are none.
func (s selector) in(within *goquery.Selection) []*html.Node {
	var nodes []*html.Node
	for _, a := range s {
		nodes = append(nodes, a.in(within)...)
	}
	return nodes
}

// texts are what the selector's elements say, without those that say nothing.
func (s selector) texts(within *goquery.Selection) []string {
	return s.textsOf(within, func(found []*html.Node) []*html.Node { return found })
}

// textsOf is texts for those of the elements that keep returns.
func (s selector) textsOf(within *goquery.Selection, keep func([]*html.Node) []*html.Node) []string {
	var texts []string
	for _, a := range s {
		for _, n := range keep(a.in(within)) {
			text := ""
			switch {
			case a.attribute != "":
				text = line(attribute(n, a.attribute))
			case n.Data == "meta":
				text = line(attribute(n, "content"))
			default:
				text = textOf(n)
			}
			if text != "" && len(texts) < maxValues {
				texts = append(texts, text)
			}
		}
	}
	return texts
}
