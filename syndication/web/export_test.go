package web

import "github.com/newswire/newswire"

// Print and PrintOf are for tests of what counts as another article.
type Print = print

// PrintOf is an article's print.
func PrintOf(a *newswire.Article) Print { return new(printer).print(a) }
