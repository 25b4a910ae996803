package propose

import "testing"

func TestNamesOfPeopleGoIntoSelectors(t *testing.T) {
	for name, want := range map[string]int{
		"news-list": 3, "newsList__item": 3, "post": 3, "card-body": 3, "entry-title": 3, "topictitle": 2, "athing": 2, "meldung": 2, "news-block": 3,
		"row": 1, "container": 1, "clearfix": 1, "btn": 1, "h2": 1,
		"css-1q2w3e": 0, "sc-bdvvtL": 0, "kQwEpz": 0, "hTyQQu": 0, "jyKjRq": 0, "_3xYz1": 0, "Card_title__3xYz1": 0, "Card_title__": 3, "post-4200": 0, "col-md-3": 1,
		"list_009": 0, "r-18u37iz": 0, "odd": 0, "is-active": 0, "js-item": 0, "md:w-1/2": 0, "新闻": 0, "x": 0, "bdvvt": 0, "jss12": 0,
	} {
		if got := rank(name); got != want {
			t.Errorf("rank(%q) = %d; want %d", name, got, want)
		}
	}
}

func TestAHashAtTheEndOfAClassIsLeftOut(t *testing.T) {
	for class, want := range map[string]string{
		"Card_title__3xYz1": `[class*="Card_title__"]`, "news-list_item__aB-c9": `[class*="news-list_item__"]`, "Feed__xQzRt": `[class*="Feed__"]`,
		"newsList__item": ".newsList__item", "story__link": ".story__link", "card__Title": ".card__Title", "plain": ".plain",
	} {
		if got := written("li ." + lasting(class) + " a"); got != "li "+want+" a" {
			t.Errorf("%s: %s; want %s", class, got, want)
		}
	}
}
