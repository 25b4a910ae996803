package service

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/pace"
	hubs "github.com/newswire/newswire/sources/push"
	"github.com/newswire/newswire/sources/websub"
)

// newPush has sources subscribe to the hubs of their feeds, where hubs can reach the site. Nil where they cannot.
func newPush(conf *config.Config, setup *sources.Setup) *sources.Push {
	poster, ok := setup.Fetcher.(pace.Poster)
	if !ok || !reachable(conf.Site.URL, conf.Fetch.AllowPrivate) {
		return nil
	}
	return &sources.Push{Site: conf.Site.URL, Poster: poster}
}

// reachable says whether hubs may be able to reach an address: it names a public host, or one in a private range that the
// operator has us visit.
func reachable(site string, private []netip.Prefix) bool {
	u, err := url.Parse(site)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return strings.Contains(host, ".") // else a name of a network at home
	}
	at = at.Unmap()
	isPrivate := at.IsPrivate() || !at.IsGlobalUnicast()
	return !isPrivate || slices.ContainsFunc(private, func(p netip.Prefix) bool { return p.Contains(at) })
}

// pushMetrics counts what the hubs of publishers do.
type pushMetrics struct {
	requests      *prometheus.CounterVec
	subscriptions *prometheus.GaugeVec
}

func newPushMetrics(registry prometheus.Registerer) *pushMetrics {
	m := &pushMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_push_requests_total", Help: "Requests from publishers' hubs, by what became of them: deliveries and verifications.",
		}, []string{"outcome"}),
		subscriptions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "newswire_push_subscriptions", Help: "Sources whose feeds name a hub, by how it fares.",
		}, []string{"state"}),
	}
	registry.MustRegister(m.requests, m.subscriptions)
	return m
}

// pushCounts is the pause between two counts of subscriptions.
const pushCounts = 5 * time.Minute

// watch counts subscriptions at intervals until ctx ends.
func (m *pushMetrics) watch(ctx context.Context, store cache.Visits, catalog func() *sources.Catalog, log *slog.Logger) error {
	ticker := time.NewTicker(pushCounts)
	defer ticker.Stop()
	for {
		counts, err := sources.CountPushes(ctx, store, catalog())
		if err == nil {
			for _, state := range hubs.Conditions() {
				m.subscriptions.WithLabelValues(string(state)).Set(float64(counts[state]))
			}
		} else if ctx.Err() == nil {
			log.DebugContext(ctx, "subscriptions at hubs not counted", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// withHubs answers the hubs of publishers on the listener of readers.
func (s *Service) withHubs(readers http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, websub.Path) {
			readers.ServeHTTP(w, r)
		} else if answers := s.hubs.Load(); answers != nil {
			answers.ServeHTTP(w, r)
		} else {
			w.Header().Set("Retry-After", "30")
			http.Error(w, "the store is away: try again", http.StatusServiceUnavailable)
		}
	})
}
