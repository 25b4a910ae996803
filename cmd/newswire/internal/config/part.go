package config

import (
	"crypto/sha256"
	"errors"
	"os"
	"slices"

	"go.yaml.in/yaml/v4"
)

// part is a text that is read by itself: a file, or some of the sources of a long one.
type part struct {
	file   string
	before int // lines of the file before it
	root   yaml.Node
}

// textDigest is that of a part's text and of the settings that hold for all sources.
type textDigest = [sha256.Size]byte

// extent is where the sources of a part are among all.
type extent struct {
	file       string
	start, end int
	digest     textDigest
	plain      bool // the sources follow from the text alone, and there is nothing else to say of them
}

// errWhole says that a config has to be read file by file, without shortcuts: for what it means, or for what is said of it.
var errWhole = errors.New("config: to be read without shortcuts")

// load reads the text of the part, in which unknown keys are mistakes.
func (c *checker) load(text []byte, into any) error {
	if err := yaml.Load(text, &c.root); err != nil { // first as a tree, for the lines
		return err
	}
	return c.root.Load(into, yaml.WithKnownFields())
}

// sources checks the sources of the config's own file, of which the runs were not read yet, then those of the included files.
func (c *checker) sources(s *sourceChecker, d *document, runs []run) error {
	s.add(d.Sources)
	s.parts = append(s.parts, extent{file: c.file, end: len(s.out)})
	if err := c.runs(s, runs); err != nil {
		return err
	}
	c.includes.patterns = d.Include
	files := c.includes.files(func(i int, format string, args ...any) { c.problem(path{"include", i}, format, args...) })
	c.files = append(c.files, files...)
	for i, file := range files {
		text := fileText{name: file}
		text.data, text.err = os.ReadFile(file)
		text.digest(c.read)
		if text.err != nil {
			c.problems = append(c.problems, readErrors(file, text.err)...)
			continue
		}
		if err := c.include(s, file, text.text()); err != nil {
			return err
		}
		s.reserve(i+1, len(files))
	}
	return nil
}

// reserve makes room for the sources of the files that are yet to be read, taking them to be as long as those that were. To
// grow by a quarter time and again would need several times the memory.
func (c *sourceChecker) reserve(read, of int) {
	if len(c.out) == cap(c.out) || read == 1 {
		c.out = slices.Grow(c.out, len(c.out)*(of-read)/read+(of-read))
	}
}

// include checks the sources of an included file.
func (c *checker) include(s *sourceChecker, file string, text []byte) error {
	main := c.part
	defer func() { c.part = main }()
	c.part = part{file: file}
	if l := c.layout(text); l != nil {
		var rest included
		if c.load(l.rest, &rest) != nil || !l.holds(&c.root) {
			return errWhole
		}
		return c.runs(s, l.runs)
	}
	return c.text(s, text)
}

// layout is how a long text is read in runs; nil where it is to be read whole.
func (c *checker) layout(text []byte) *layout {
	if c.whole {
		return nil
	}
	l := splitSources(text, runLength)
	c.shortened = c.shortened || l != nil
	return l
}

// runs checks the sources of a long file.
func (c *checker) runs(s *sourceChecker, runs []run) error {
	file := c.part
	defer func() { c.part = file }()
	s.out = slices.Grow(s.out, runLength*len(runs))
	for _, r := range runs {
		c.part = part{file: file.file, before: r.before - 1} // the head is a line, too
		if err := c.text(s, append([]byte(listHead), r.text...)); err != nil {
			return err
		}
		if anchored(&c.root) { // what follows could refer to it
			return errWhole
		}
	}
	return nil
}

// text checks the sources of a text, unless that was done before.
func (c *checker) text(s *sourceChecker, text []byte) error {
	of := extent{file: c.file, start: len(s.out), digest: s.digest(text)}
	if earlier, ok := c.earlier[of.digest]; ok && !c.whole {
		c.shortened = true
		if of.plain = s.reuse(earlier); !of.plain {
			return errWhole
		}
	} else {
		var d included
		if err := c.load(text, &d); err != nil {
			if c.shortened {
				return errWhole
			}
			c.problems = append(c.problems, yamlProblems(c.file, err)...)
		}
		said := len(c.problems) + len(c.notices) + len(s.access) + len(s.rules)
		s.add(d.Sources)
		of.plain = len(c.problems)+len(c.notices)+len(s.access)+len(s.rules) == said
	}
	of.end = len(s.out)
	s.parts = append(s.parts, of)
	return nil
}

// digest is that of a text of sources, under the settings that hold for all.
func (c *sourceChecker) digest(text []byte) textDigest {
	h := sha256.New()
	h.Write(c.settings)
	h.Write(text)
	return textDigest(h.Sum(nil))
}
