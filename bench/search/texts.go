package main

import (
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// piece is about how many bytes of a file make an article.
const piece = 3000

// addresses would be in attributes of an article, not in its text.
var addresses = regexp.MustCompile(`https?://[^)\s]+`)

// readPieces makes articles of the text files in a folder, cut at the ends of lines.
func readPieces(folder string) (articles []newswire.Article, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".md", ".txt"}, filepath.Ext(path)) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for rest := addresses.ReplaceAllString(string(content), ""); rest != ""; {
			text := rest
			if len(rest) > piece {
				if end := strings.IndexByte(rest[piece:], '\n'); end >= 0 {
					text = rest[:piece+end+1]
				}
			}
			rest = rest[len(text):]
			title, body, _ := strings.Cut(text, "\n")
			i := len(articles)
			articles = append(articles, newswire.Article{
				ID: articleID(i), Source: "bench", Title: title, Content: html.EscapeString(body), Authors: []newswire.Person{{Name: filepath.Base(path)}},
				Listed: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(i) * time.Minute), Rights: newswire.Rights{Policy: newswire.PolicyFull},
			})
		}
		return nil
	})
	return articles, err
}
