package tree

import (
	"strings"
)

// MaxTags bounds the tags of what is read: a tree takes some hundred bytes for each, and the longest of articles has a
// tenth of them.
const MaxTags = 400_000

// CountTags counts what looks like the beginning of a tag or a comment.
func CountTags(document string) int {
	n := 0
	for {
		at := strings.IndexByte(document, '<')
		if at < 0 || at+1 == len(document) {
			return n
		}
		if c := document[at+1]; beginsName(c) || c == '/' || c == '!' || c == '?' {
			n++
		}
		document = document[at+1:]
	}
}

// IsCostly says whether x/net/html would make a tree that is out of proportion to the document.
//
// Formatting that a paragraph has closed is opened again in each block behind it (HTML §13.2.4.3), so a few hundred tags
// and many paragraphs make millions of elements. And the attributes of a second html or body element are compared with
// those of all before (HTML §13.2.6.4.7). Both are counted here, in one look at the tags, and never too low.
func IsCostly(document string) bool {
	c := costs{open: map[string][]string{}, same: map[string]int{}}
	bound := len(document) + 2000
	for rest := document; c.total <= bound && c.tags <= MaxTags && c.outer <= maxOuter; {
		at := strings.IndexByte(rest, '<')
		if at < 0 || at+1 == len(rest) {
			return false
		}
		rest = rest[at+1:]
		c.tag(rest)
	}
	return true
}

// maxOuter is more html and body elements than any document has, or any that others were pasted into.
const maxOuter = 16

// costs are what the tags of a document make a parser do.
type costs struct {
	tags, total int
	formatting  int                 // elements that would be opened again
	open        map[string][]string // those, by their names: the tags
	same        map[string]int      // how many of them are of the same tag
	outer       int                 // html and body elements
}

// tag counts the tag that a less-than sign before s begins.
func (c *costs) tag(s string) {
	end := strings.HasPrefix(s, "/")
	name := strings.ToLower(tagName(strings.TrimPrefix(s[:min(len(s), 32)], "/")))
	if name == "" {
		return
	}
	c.tags++
	switch {
	case (name == "html" || name == "body") && !end:
		c.outer++
	case reopened[name] && !end:
		c.opens(name, s)
		return
	case reopened[name]:
		c.closes(name)
	}
	c.total += c.formatting
}

// opens counts formatting. Of elements that are the same in name and attributes a parser keeps three.
func (c *costs) opens(name, s string) {
	const maxKept = 3
	key, _, _ := strings.Cut(s[:min(len(s), maxTag)], ">")
	if c.same[key] == maxKept {
		return
	}
	c.same[key]++
	c.open[name] = append(c.open[name], key)
	c.formatting++
}

func (c *costs) closes(name string) {
	open := c.open[name]
	if len(open) == 0 {
		return
	}
	c.same[open[len(open)-1]]--
	c.open[name] = open[:len(open)-1]
	c.formatting--
}

// reopened are the formatting elements of HTML's algorithm.
var reopened = map[string]bool{
	"a": true, "b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "nobr": true, "s": true, "small": true,
	"strike": true, "strong": true, "tt": true, "u": true,
}
