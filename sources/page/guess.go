package page

import "context"

// usualItems are selectors of what stands for one article on most pages that list articles, the surest first.
func usualItems() []string {
	return []string{"article", ".post", ".entry", ".news-item", "main li", "h2", "h3", "li"}
}

// fewest is how many articles a page lists at least that is a list.
const fewest = 3

// GuessItem returns a selector of the articles that a page lists, for an operator to look at: the first of the usual ones
// that finds some. It is empty where none does.
func GuessItem(ctx context.Context, body []byte, o Options) string {
	for _, item := range usualItems() {
		items, err := List(ctx, body, o, Selectors{Item: item})
		if err != nil {
			continue
		}
		addresses := map[string]bool{}
		for i := range items {
			if items[i].URL != "" && items[i].Title != "" {
				addresses[items[i].URL] = true
			}
		}
		if len(addresses) >= fewest {
			return item
		}
	}
	return ""
}
