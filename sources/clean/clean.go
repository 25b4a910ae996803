// Package clean makes what publishers send fit to be republished: HTML that is well-formed and harmless, with absolute
// addresses, and without what follows readers around.
//
//	body, err := clean.HTML(ctx, item.Content, base)
//	line := clean.Text(body)
//	read, err := clean.Article(ctx, item.Content, base, &clean.About{Title: item.Title})
//
// [HTML] reads a fragment into a tree, as HTML's algorithm does. It walks once over the tree (walk.go) and applies its
// steps to each element. The tree is written again, so the result is balanced. Bluemonday is the gate (gate.go): it lets
// through nothing but what it lists, even where a step has overlooked something. Cleaning what is clean changes nothing.
//
// [Article] also takes out what is not the article's own: what the page hides (hidden.go), and what stands at the end of
// the text (endings.go): injected links, related reading, notices and marks. It judges the text as a whole (suspicion.go):
// does it look injected? What it removes it returns too, for the operator to see.
//
// The package refuses to remove what may be the author's: where it is in doubt, the text stays.
package clean

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/internal/tree"
)

// maxPasses bounds how often a fragment is taken through a pass again because it was not parsed as it was written.
const maxPasses = 4

// ErrTooCostly says that a text is so large, or becomes so large, that it is no article.
var ErrTooCostly = errors.New("too much to clean")

const (
	maxFragment = 8 << 20  // bytes of a text; the longest of real ones has a tenth
	minGrowth   = 32 << 10 // bytes that its addresses may take when they are absolute, and
	maxGrowth   = 8        // times its length on top of these
)

// HTML cleans a fragment of HTML. Relative addresses are resolved against base; where that is nil, what they lead to is
// taken away. The result holds no scripts, styles, forms, frames, event handlers, tracking pixels or tracking parameters,
// and is empty when neither text nor media are left.
//
// What it costs is bounded by the length of the fragment. The error wraps [ErrTooCostly], or is that of ctx.
func HTML(ctx context.Context, fragment string, base *url.URL) (string, error) {
	c := newCleaning(base, nil)
	defer c.free()
	cleaned, err := c.run(ctx, fragment)
	if err != nil {
		return "", fmt.Errorf("clean: %w", err)
	}
	return cleaned, nil
}

// cleaning is the cleaning of one fragment; as an article, if there is a place for what is found.
type cleaning struct {
	base     *url.URL
	findings *findings
	memory   tree.Memory
	lines    []line // memory for those of the findings
}

// cleanings are those that have ended, for their memory: it is the most of what cleaning takes.
var cleanings = sync.Pool{New: func() any { return new(cleaning) }}

func newCleaning(base *url.URL, r *findings) *cleaning {
	c := cleanings.Get().(*cleaning)
	if c.base, c.findings = base, r; r != nil {
		r.lines = c.lines[:0]
	}
	return c
}

// maxLines bounds the memory for lines that is kept.
const maxLines = 256

// free ends the cleaning, and with it the lines of the findings and the nodes that they stand for.
func (c *cleaning) free() {
	if c.findings != nil {
		c.lines = c.findings.lines
	}
	if cap(c.lines) > maxLines {
		c.lines = nil
	}
	clear(c.lines[:cap(c.lines)])
	c.base, c.findings = nil, nil
	c.memory.Clear()
	cleanings.Put(c)
}

// run cleans the fragment.
func (c *cleaning) run(ctx context.Context, fragment string) (string, error) {
	if tags := tree.CountTags(fragment); len(fragment) > maxFragment || tags > tree.MaxTags {
		return "", fmt.Errorf("%w: a text of %d bytes and %d tags", ErrTooCostly, len(fragment), tags)
	}
	fragment = strings.TrimSpace(Legal(fragment))
	for range maxPasses {
		if fragment == "" {
			return "", nil
		}
		cleaned, stable, err := c.once(ctx, fragment)
		if err != nil || stable || cleaned == fragment {
			return cleaned, err
		}
		fragment = cleaned
	}
	return html.EscapeString(Text(fragment)), nil // it parses differently each time: its text is all that can be trusted
}

// once takes a fragment through one pass and the gate. It is stable if what comes out would come out of another pass
// unchanged.
func (c *cleaning) once(ctx context.Context, fragment string) (cleaned string, stable bool, err error) {
	root := c.memory.Parse(fragment)
	if root == nil {
		return html.EscapeString(Text(fragment)), false, ctx.Err()
	}
	p := &pass{resolver: resolver{base: c.base, most: minGrowth + maxGrowth*len(fragment)}, root: root, findings: c.findings}
	if err := p.children(ctx, root, 0); err != nil {
		return "", false, err
	}
	if !p.kept {
		return "", true, nil
	}
	stable = !p.unstable
	if c.findings != nil {
		done, err := c.findings.foot(ctx, root)
		if err != nil {
			return "", false, err
		}
		stable = stable && done
	}
	return strings.TrimSpace(gate(tree.Render(root, len(fragment)))), stable, ctx.Err()
}
