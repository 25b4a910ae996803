package config

import (
	"crypto/sha256"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
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
func (p *part) load(text []byte, into any) error {
	if err := yaml.Load(text, &p.root); err != nil { // first as a tree, for the lines
		return err
	}
	return p.root.Load(into, yaml.WithKnownFields())
}

// sources checks the sources of the config's own file, of which the runs were not read yet, then those of the included files.
func (c *checker) sources(s *sourceChecker, d *document, runs []run) error {
	s.add(d.Sources)
	s.parts = append(s.parts, extent{file: c.file, end: len(s.out)})
	c.includes.patterns = d.Include
	files := c.includes.files(func(i int, format string, args ...any) { c.problem(path{"include", i}, format, args...) })
	c.files = append(c.files, files...)
	for _, file := range files {
		text := fileText{name: file}
		text.data, text.err = os.ReadFile(file)
		text.digest(c.read)
		if text.err != nil {
			c.problems = append(c.problems, readErrors(file, text.err)...)
			continue
		}
		of, err := c.cut(file, text.text())
		if err != nil {
			return err
		}
		runs = append(runs, of...)
	}
	if c.whole {
		c.inTurn(s, runs)
		return nil
	}
	return c.together(s, runs)
}

// cut has the runs of an included file: one where it is short.
func (c *checker) cut(file string, text []byte) ([]run, error) {
	l := c.layout(file, text)
	if l == nil {
		return []run{{file: file, text: text}}, nil
	}
	var rest included
	if of := (&part{file: file}); of.load(l.rest, &rest) != nil || !l.holds(&of.root) {
		return nil, errWhole
	}
	return l.runs, nil
}

// layout is how a long text is read in runs; nil where it is to be read whole.
func (c *checker) layout(file string, text []byte) *layout {
	if c.whole {
		return nil
	}
	l := splitSources(file, text, runLength)
	c.shortened = c.shortened || l != nil
	return l
}

// inTurn checks the sources of runs one after the other, each in sight of those before it.
func (c *checker) inTurn(s *sourceChecker, runs []run) {
	main := c.part
	defer func() { c.part = main }()
	for _, r := range runs {
		c.part = r.part()
		s.check(r)
	}
}

// together checks the sources of runs, several at a time, and whether no two of all are the same. Of mistakes it only says
// that there are some.
func (c *checker) together(s *sourceChecker, runs []run) error {
	if len(runs) == 0 {
		return nil
	}
	c.shortened = true
	all := newDistinct()
	if !all.add(all.marks(s.out)) {
		return errWhole
	}
	done := 0
	for found := range ahead(len(runs), func(i int) *finding { return s.find(runs[i], all) }) {
		if found == nil || !all.add(found.marks) {
			return errWhole
		}
		s.take(found)
		done++
		s.reserve(done, len(runs))
	}
	return nil
}

// finding is what there is to say of a run without mistakes.
type finding struct {
	extent  // from 0
	marks   []uint64
	sources []newswire.Source
	access  map[string]Access
	rules   []*rules.Rule
	notices Errors
}

// find checks the sources of a run by themselves. It returns nil where the config is to be read without shortcuts.
func (c *sourceChecker) find(r run, all *distinct) *finding {
	own := c.alone(r)
	own.check(r)
	if len(own.problems)+len(own.notices)+len(own.rules) > 0 { // these have their lines
		own = c.alone(r)
		own.whole = true
		own.check(r)
	}
	if len(own.problems) > 0 || anchored(&own.root) { // what follows could refer to an anchor
		return nil
	}
	return &finding{own.parts[0], all.marks(own.out), own.out, own.access, own.rules, own.notices}
}

// alone is a checker of one run.
func (c *sourceChecker) alone(r run) *sourceChecker {
	return &sourceChecker{
		checker: &checker{part: r.part(), dir: c.dir, earlier: c.earlier, common: c.common},
		base:    c.base, settings: c.settings, categories: c.categories,
		ids: map[string]at{}, addresses: map[string]at{}, access: map[string]Access{},
	}
}

// take adds what was found of a run.
func (c *sourceChecker) take(f *finding) {
	f.start, f.end = len(c.out), len(c.out)+len(f.sources)
	c.parts = append(c.parts, f.extent)
	c.out = append(c.out, f.sources...)
	maps.Copy(c.access, f.access)
	c.rules = append(c.rules, f.rules...)
	c.notices = append(c.notices, f.notices...)
}

// reserve makes room for the sources of the runs that are yet to be taken, as if they were as long as those before them. To
// grow by a quarter time and again would need several times the memory.
func (c *sourceChecker) reserve(done, of int) {
	if len(c.out) == cap(c.out) || done == 1 {
		c.out = slices.Grow(c.out, len(c.out)*(of-done)/done+(of-done))
	}
}

// check checks the sources of a run, which is the part at the moment, unless that was done before.
func (c *sourceChecker) check(r run) {
	of := extent{file: r.file, start: len(c.out), digest: c.digest(r)}
	if earlier, ok := c.earlier[of.digest]; ok && !c.whole {
		c.out, of.plain = append(c.out, earlier...), true
	} else {
		said := len(c.problems) + len(c.notices) + len(c.access) + len(c.rules)
		c.add(c.entries(r))
		of.plain = len(c.problems)+len(c.notices)+len(c.access)+len(c.rules) == said
	}
	of.end = len(c.out)
	c.parts = append(c.parts, of)
}

// entries reads the sources of a run, so that their lines are known if they have to be.
func (c *sourceChecker) entries(r run) []source {
	if list := c.quickly(r); list != nil {
		return list
	}
	var d included
	if err := c.load(r.document(), &d); err != nil {
		c.problems = append(c.problems, yamlProblems(c.file, err)...)
	}
	return d.Sources
}

// quickly reads the entries of a run without their lines: those that are plain one by one, and the others together by the YAML
// library. It returns nil where that cannot be. An entry that leaves a quote or a bracket open takes the next one into itself, so
// that there are fewer than there should be.
func (c *sourceChecker) quickly(r run) []source {
	if c.whole || r.head != listHead {
		return nil
	}
	entries, _ := cutEntries(r.text, r, 1)
	list := make([]source, len(entries))
	var odd []int
	others := run{head: r.head}
	for i, e := range entries {
		if !c.common.plain.entry(e.text, reflect.ValueOf(&list[i]).Elem()) {
			odd, others.text = append(odd, i), append(others.text, e.text...)
		}
	}
	if len(odd) == 0 {
		return list
	}
	var of part
	var d included
	if of.load(others.document(), &d) != nil || anchored(&of.root) || len(d.Sources) != len(odd) {
		return nil
	}
	for n, i := range odd {
		list[i] = d.Sources[n]
	}
	return list
}

// digest is that of a run, under the settings that hold for all.
func (c *sourceChecker) digest(r run) textDigest {
	h := sha256.New()
	h.Write(c.settings)
	h.Write([]byte(r.head))
	h.Write(r.text)
	return textDigest(h.Sum(nil))
}
