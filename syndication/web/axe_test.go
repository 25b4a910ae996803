package web_test

import (
	"testing"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestPagesAreAccessible(t *testing.T) {
	s, origin, store := publisher(t, web.PicturesByProxy)
	for _, a := range mixed() {
		store.Put(a, a.Listed)
	}
	webtest.Accessible(t, s, "/", "/category/finance", "/source/dsb", "/source/quiet", "/author/jin-jiang", "/authors", "/sources", "/sources/from/q", "/articles/"+rich(origin).ID, "/about/fetcher", "/nowhere")
}
