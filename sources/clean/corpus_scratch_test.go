package clean_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/parse"
)

func TestScratchCorpus(t *testing.T) {
	files, _ := filepath.Glob("/work/shared/corpus/feeds/*")
	n, withRem := 0, 0
	var th, ta time.Duration
	for _, f := range files {
		b, _ := os.ReadFile(f)
		d, err := parse.Parse(b, parse.Options{URL: "https://example.org/feed"})
		if err != nil {
			fmt.Println(f, err)
			continue
		}
		for _, it := range d.Items {
			n++
			base, _ := url.Parse(it.Base)
			for _, in := range []string{it.Article.Summary, it.Article.Content} {
				t0 := time.Now()
				h := clean.HTML(in, base)
				t1 := time.Now()
				r := clean.Article(in, base, clean.About{Title: it.Article.Title, Language: d.Publisher.Language, Publisher: d.Publisher.Title + " " + d.Publisher.Subtitle, Sites: []string{d.Publisher.URL, d.Publisher.FeedURL, it.Article.URL}})
				t2 := time.Now()
				th += t1.Sub(t0)
				ta += t2.Sub(t1)
				if len(r.Removed) > 0 || r.Suspicion != "" || r.Statement != "" {
					withRem++
					fmt.Printf("%s | %s | sus=%q st=%q c=%q\n", filepath.Base(f), it.Article.Title, r.Suspicion, r.Statement, r.Contact)
					for _, x := range r.Removed {
						fmt.Printf("    %s: %s\n", x.Reason, x.Text)
					}
				} else if h != r.HTML {
					fmt.Println("DIFF", f, it.Article.Title)
				}
			}
		}
	}
	fmt.Println(n, withRem, th, ta)
}
