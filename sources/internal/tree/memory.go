package tree

import (
	"golang.org/x/net/html"
)

// Memory is what trees are made of, to be used again: a tree takes more memory than the text that it was read from, and seldom
// lives longer than the text takes to clean. The zero value holds no tree.
type Memory struct {
	chunks [][]html.Node
	used   int // of chunks
	attrs  []html.Attribute
}

const (
	chunk     = 128 // nodes that are made at a time
	maxChunks = 32  // that memory holds without a tree
)

// Parse reads a fragment as the function of that name does. The tree is there until Clear.
func (m *Memory) Parse(fragment string) *html.Node {
	if root := parseWellFormed(fragment, m); root != nil {
		return root
	}
	return parseAsWritten(fragment)
}

// Clear takes away the trees. They must not be used any more.
func (m *Memory) Clear() {
	if len(m.chunks) > maxChunks || cap(m.attrs) > chunk*maxChunks {
		*m = Memory{}
		return
	}
	for _, nodes := range m.chunks[:m.used] {
		clear(nodes)
	}
	clear(m.attrs)
	m.used, m.attrs = 0, m.attrs[:0]
}

// nodes are some new nodes.
func (m *Memory) nodes() []html.Node {
	if m.used == len(m.chunks) {
		m.chunks = append(m.chunks, make([]html.Node, chunk))
	}
	m.used++
	return m.chunks[m.used-1]
}
