package page

import (
	"context"
	"time"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/parse"
)

// Document is a page that is read once and listed by several sets of selectors, such as those that package propose tries.
type Document struct{ page *page }

// Open reads a page. The error wraps [ErrNotPage] or [ErrTooCostly], or is that of ctx.
func Open(ctx context.Context, body []byte, o Options) (*Document, error) {
	p, err := open(ctx, body, o)
	if err != nil {
		return nil, err
	}
	return &Document{page: p}, nil
}

// Root is the page's tree, to be looked at and not to be changed.
func (d *Document) Root() *html.Node { return d.page.root }

// Own is the address of the page itself.
func (d *Document) Own() string { return d.page.own() }

// List is [List] for this page. What Selectors.Remove or Selectors.Content names is not on the page afterwards as it was.
func (d *Document) List(ctx context.Context, s Selectors) ([]parse.Item, error) {
	sel, err := s.compile()
	if err != nil {
		return nil, err
	}
	return d.page.list(ctx, s, sel)
}

// Address makes a reference of the page absolute; empty where it leads to no other document.
func (d *Document) Address(ref string) string { return d.page.address(ref) }

// Date reads a date, alone or inside of a line; zero where there is none.
func (d *Document) Date(text string) time.Time { return d.page.date(text) }

// Text is what a reader sees of an element, as one line.
func Text(n *html.Node) string { return textOf(n) }

// Attribute is the value of an element's attribute; empty where there is none.
func Attribute(n *html.Node, key string) string { return attribute(n, key) }

// LinkTitle is what a link calls its target: the title of an article where no selector names another.
func LinkTitle(n *html.Node) string { return linkTitle(n) }
