package service

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/discover"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/syndication/console"
)

// finder finds sources for the console, by the client that visits publishers and as newswire add does.
type finder struct{ service *Service }

// maxOffers bounds what is shown of what was found.
const maxOffers = 3

// Find implements [console.Finder].
func (f finder) Find(ctx context.Context, address string) (console.Found, error) {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, " \t\r\n") || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "feed" {
		return console.Found{}, console.RefusalError("This is no address of a site. Give one such as https://news.example.com/")
	}
	s := f.service
	setup := *s.setup.Load()
	memory := lookup.NewMemory(setup.Fetcher)
	l := looking{finder: f, setup: setup, memory: memory, text: s.configText()}
	candidates, err := discover.Discover(ctx, memory, address, discover.Options{
		Robots: RobotsOf(&setup), UserAgent: UserAgent(s.Config, s.Version), Interval: setup.DomainInterval,
	})
	found := console.Found{Address: fetch.Redact(address)}
	switch {
	case err == nil:
		found.Feeds = true
		found.Offers, err = l.feeds(ctx, candidates)
	case errors.Is(err, discover.ErrNone) && memory.First() != nil:
		found.Offers, err = l.pages(ctx)
	default:
		err = console.RefusalError(sentence(err) + " Is the address right, and does the site open in a browser? newswire check --online knows more of what can be wrong.")
	}
	return found, err
}

// sentence is an error as a sentence.
func sentence(err error) string {
	text := strings.TrimSuffix(err.Error(), ".")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// configText is the config as it is now; empty where there is no file or it cannot be read.
func (s *Service) configText() []byte {
	if s.File == nil {
		return nil
	}
	text, err := os.ReadFile(s.File.loader.Path())
	if err != nil {
		return nil
	}
	return text
}

// looking is one look at a site.
type looking struct {
	finder
	setup  sources.Setup
	memory *lookup.Memory
	text   []byte // of the config
}

// feeds offers the feeds of articles that were found.
func (l *looking) feeds(ctx context.Context, candidates []discover.Candidate) ([]console.Offer, error) {
	var offers []console.Offer
	for _, c := range candidates {
		if c.Comments || len(offers) == maxOffers {
			continue
		}
		entry := edit.Source{ID: edit.SourceID(c.Title, c.URL, l.taken), Name: c.Title, URL: c.URL}
		offer := console.Offer{Name: c.Title, How: fmt.Sprintf("%s, found in %s", c.Format, c.How)}
		if offer.Name == "" {
			offer.Name = entry.ID
		}
		if err := l.preview(ctx, &offer, entry); err != nil {
			return nil, err
		}
		offers = append(offers, offer)
	}
	if len(offers) == 0 {
		return nil, console.RefusalError("Only comments have a feed there. If that is what you want, give the feed's own address to newswire add.")
	}
	return offers, nil
}

// pages offers selectors for the page that was named.
func (l *looking) pages(ctx context.Context) ([]console.Offer, error) {
	answer := l.memory.First()
	proposals, err := lookup.Propose(ctx, answer)
	if err != nil {
		return nil, console.RefusalError("The site has no feed that we could find, and " + err.Error() + ".")
	}
	var offers []console.Offer
	for i, p := range proposals[:min(len(proposals), maxOffers)] {
		entry := lookup.Entry(edit.SourceID("", answer.URL, l.taken), answer.URL, p.Selectors)
		offer := console.Offer{Name: fmt.Sprintf("List %d", i+1), How: "by " + p.Selectors.Item}
		if err := l.preview(ctx, &offer, entry); err != nil {
			return nil, err
		}
		offers = append(offers, offer)
	}
	return offers, nil
}

// preview fills an offer with what would be republished, and with the lines for the config. The error is the end of ctx or
// that of a store.
func (l *looking) preview(ctx context.Context, offer *console.Offer, entry edit.Source) error {
	offer.URL = fetch.Redact(entry.URL)
	if id := l.configured(entry.URL); id != "" {
		offer.Trouble = "It is a source already: " + id + "."
	}
	conf, err := l.with(entry)
	if err != nil {
		offer.Trouble = sentence(err)
		return nil
	}
	at := slices.IndexFunc(conf.Sources, func(s newswire.Source) bool { return s.ID == entry.ID })
	catalog, err := sources.NewCatalog(conf.Sources[at:at+1], conf.Categories, conf.Authors)
	if err != nil {
		offer.Trouble = sentence(err)
		return nil
	}
	visited, err := lookup.Visit(ctx, sources.Setup{
		Catalog: catalog.WithRules(conf.Rules), Fetcher: l.memory, Robots: listOnly(entry.URL), Retention: conf.Retention,
	}, entry.ID, VisitTimeout(conf))
	if err != nil {
		return err
	}
	offer.Articles = visited.Articles
	if visited.Result.Error != "" {
		offer.Trouble = sentence(errors.New(visited.Result.Error))
		return nil
	}
	if plain := lookup.WithoutUser(entry.URL); plain != entry.URL {
		entry.URL = plain
		offer.Trouble = "Its user and password are not shown: write them as access: {user: …, password_env: …}."
	}
	offer.YAML = entry.Text()
	return nil
}

// with is the config with a source more. What cannot be added to the operator's own text is added to an empty one: it is
// for a look alone.
func (l *looking) with(entry edit.Source) (*config.Config, error) {
	path := "newswire.yaml"
	if l.service.File != nil {
		path = l.service.File.loader.Path()
	}
	if text, err := edit.Append(l.text, edit.Addition{Sources: []edit.Source{entry}}); err == nil {
		if conf, err := config.Parse(path, text); err == nil {
			return conf, nil
		}
	}
	text, err := edit.Append(nil, edit.Addition{Sources: []edit.Source{entry}})
	if err != nil {
		return nil, err
	}
	return config.Parse(path, text)
}

// configured is the ID of the source that has an address already; empty for none.
func (l *looking) configured(address string) string {
	for _, s := range l.service.directory.Load().Sources {
		if config.FeedKey(s.URL) == config.FeedKey(address) {
			return s.ID
		}
	}
	return ""
}

func (l *looking) taken(id string) bool {
	return slices.ContainsFunc(l.service.directory.Load().Sources, func(s newswire.Source) bool { return s.ID == id })
}

// listOnly are rules that let the list itself be read, which is in memory, and no page of an article: a look at a site is
// no visit.
type listOnly string

// Allowed implements [sources.Robots].
func (l listOnly) Allowed(_ context.Context, address string) (bool, time.Duration, error) {
	return address == string(l), 0, nil
}
