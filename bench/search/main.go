// Command search says what it costs to find articles by their words: how large the index of many articles is beside their
// text, how long it takes to make, and how long searches of each kind take.
//
//	go run ./bench/search -articles 100000
//	go run ./bench/search -texts FOLDER
//
// The articles are of a made-up language whose words are as often used as those of a real one (Zipf's law), one in five of
// Chinese characters; or they are pieces of the text files in a folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/search"
)

func main() {
	articles := flag.Int("articles", 100_000, "how many articles")
	searches := flag.Int("searches", 200, "how many searches of each kind")
	dir := flag.String("dir", "", "folder for the index, which stays there and is made once; default a temporary one")
	texts := flag.String("texts", "", "folder of text files (.md, .txt) to make articles of, in place of a made-up language")
	flag.Parse()
	store := &made{count: *articles, article: article}
	if *texts != "" {
		pieces, err := readPieces(*texts)
		if err != nil {
			log.Fatal(err)
		}
		store = &made{count: len(pieces), article: func(i int) newswire.Article { return pieces[i] }}
	}
	if err := measure(store, *searches, *dir); err != nil {
		log.Fatal(err)
	}
}

func measure(store *made, searches int, dir string) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "newswire-search-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	path := filepath.Join(dir, "search")
	if err := fill(path, store); err != nil {
		return err
	}
	index, err := search.Open(context.Background(), path, store, search.Options{})
	if err != nil {
		return err
	}
	defer index.Close()
	for _, k := range kinds {
		if err := k.measure(index, searches); err != nil {
			return err
		}
	}
	return nil
}

// fill makes the index, unless it is there, and prints how long that took and what it has come to.
func fill(path string, store *made) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	index, err := search.Open(ctx, path, store, search.Options{})
	if err != nil {
		return err
	}
	defer index.Close()
	if index.Complete() {
		return nil
	}
	began := time.Now()
	done := make(chan error, 1)
	go func() { done <- index.Run(ctx) }()
	for !index.Complete() {
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
	took := time.Since(began)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		return err
	}
	if err := index.Close(); err != nil { // then all of it is in the one file
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%d articles, %d MB of text: made in %s, the index has %d MB, %.2f of the text\n", store.count, store.bytes>>20,
		took.Round(time.Second/10), info.Size()>>20, float64(info.Size())/float64(store.bytes))
	return nil
}

// kind is a kind of searches.
type kind struct {
	name  string
	query func(r *rand.Rand) string
}

// kinds go from the rarest to the most frequent words.
var kinds = []kind{
	{"a rare word", func(r *rand.Rand) string { return word(5000 + r.IntN(40_000)) }},
	{"a frequent word", func(r *rand.Rand) string { return word(r.IntN(20)) }},
	{"two words", func(r *rand.Rand) string { return word(r.IntN(200)) + " " + word(r.IntN(2000)) }},
	{"a frequent word, and not another", func(r *rand.Rand) string { return word(r.IntN(20)) + " -" + word(r.IntN(20)) }},
	{"a phrase of frequent words", func(r *rand.Rand) string { return `"` + word(r.IntN(50)) + " " + word(r.IntN(50)) + `"` }},
	{"an author", func(r *rand.Rand) string { return "author:" + word(r.IntN(300)) }},
	{"the beginning of a word", func(r *rand.Rand) string { return word(r.IntN(2000))[:4] + "*" }},
	{"two Chinese characters", func(r *rand.Rand) string { return string([]rune{character(r.IntN(60)), character(r.IntN(60))}) }},
	{"four Chinese characters", func(r *rand.Rand) string {
		return string([]rune{character(r.IntN(60)), character(r.IntN(60)), character(r.IntN(60)), character(r.IntN(60))})
	}},
	{"one Chinese character", func(r *rand.Rand) string { return string(character(r.IntN(300))) }},
}

// measure makes searches of the kind, and prints how long they took.
func (k *kind) measure(index *search.Index, searches int) error {
	r := rand.New(rand.NewPCG(1, 2))
	var times []time.Duration
	found := 0
	for range searches {
		q, err := search.Parse(k.query(r))
		if err != nil {
			return err
		}
		began := time.Now()
		f, err := index.Find(context.Background(), search.Wanted{Query: q, Limit: 50})
		if err != nil {
			return err
		}
		times = append(times, time.Since(began))
		found += len(f.Articles)
	}
	slices.Sort(times)
	fmt.Printf("  %-34s median %8s, 95 %% %8s, most %8s; %.1f found of 50\n", k.name, times[len(times)/2].Round(10*time.Microsecond),
		times[len(times)*95/100].Round(10*time.Microsecond), times[len(times)-1].Round(10*time.Microsecond), float64(found)/float64(searches))
	return nil
}

// made is a store of articles that are made when they are asked for.
type made struct {
	count   int
	article func(i int) newswire.Article
	bytes   int64 // of the text of those that were listed
}

func (*made) Changes(context.Context, newswire.Cursor, int) ([]newswire.Change, error) {
	return nil, nil
}

func (*made) Head(context.Context) (newswire.Cursor, error) { return "1", nil }

func (*made) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

func (m *made) Article(_ context.Context, id string) (newswire.Article, error) {
	i, err := strconv.Atoi(strings.TrimPrefix(id, "a"))
	if err != nil || i >= m.count {
		return newswire.Article{}, newswire.ErrNotFound
	}
	return m.article(i), nil
}

func (m *made) Articles(_ context.Context, q cache.Query) (cache.Page, error) {
	from := 0
	if q.After != "" {
		var err error
		if from, err = strconv.Atoi(string(q.After)); err != nil {
			return cache.Page{}, newswire.ErrCursor
		}
	}
	var page cache.Page
	for i := from; i < min(from+q.Limit, m.count); i++ {
		a := m.article(i)
		m.bytes += int64(len(a.Title) + len(a.Content) + len(a.Authors[0].Name))
		page.Articles = append(page.Articles, a)
	}
	if from+q.Limit < m.count {
		page.Next = newswire.Cursor(strconv.Itoa(from + q.Limit))
	}
	return page, nil
}

// vocabulary is how many words there are.
const vocabulary = 200_000

// word is a word by how often it is used, the most frequent first.
func word(n int) string {
	const consonants, vowels = "bcdfghjklmnprstvz", "aeiou"
	var b strings.Builder
	for n += len(consonants) * len(vowels); n > 0; n /= len(consonants) * len(vowels) {
		i := n % (len(consonants) * len(vowels))
		b.WriteByte(consonants[i%len(consonants)])
		b.WriteByte(vowels[i/len(consonants)])
	}
	return b.String()
}

// character is a Chinese character likewise.
func character(n int) rune { return rune(0x4E00 + n*7%20_000) }

// articleID is as long as a real one.
func articleID(i int) string { return fmt.Sprintf("a%021d", i) }

func article(i int) newswire.Article {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	listed := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(i) * time.Minute)
	a := newswire.Article{ID: articleID(i), Source: "bench", Listed: listed, Rights: newswire.Rights{Policy: newswire.PolicyFull}}
	length := 100 + r.IntN(800)
	if i%5 == 0 {
		z := rand.NewZipf(r, 1.1, 10, 5000)
		text := make([]rune, 0, length)
		for range length {
			text = append(text, character(int(z.Uint64())))
		}
		a.Title, a.Content = string(text[:20]), string(text)
	} else {
		z := rand.NewZipf(r, 1.1, 3, vocabulary)
		words := make([]string, length)
		for j := range words {
			words[j] = word(int(z.Uint64()))
		}
		a.Title, a.Content = strings.Join(words[:8], " "), strings.Join(words, " ")
	}
	a.Authors = []newswire.Person{{Name: word(r.IntN(300)) + " " + word(r.IntN(300))}}
	return a
}
