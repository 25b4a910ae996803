package audience

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// A service that reads for many says for how many, in words that have become customary:
//
//	Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)
//	Feedbin feed-id:12345 - 1 subscriber
//	LiveJournal.com (webmaster@livejournal.com; 3 readers)
//	PlainFeeder v0.0.1 (+http://plainfeeder.com/about ; Subscriber Count: 5)
var (
	before = regexp.MustCompile(`(?i)(\d{1,9})[ _](?:subscriber|reader)s?\b`)
	after  = regexp.MustCompile(`(?i)\bsubscribers?(?: count)?[:_ ] ?(\d{1,9})\b`)
)

// mostReported is the largest number of readers that a service is believed to have.
const mostReported = 1_000_000

// reported is how many a client reads for, by its User-Agent, and the rest of that, which names the service and, with
// some, the feed as they know it. The name is empty for a client that does not say.
func reported(agent string) (service string, n int) {
	lower := strings.ToLower(agent)
	if i := strings.Index(lower, "reader"); !strings.Contains(lower, "subscriber") && (i < 2 || lower[i-2] < '0' || lower[i-2] > '9') {
		return "", 0 // most, told apart cheaply
	}
	for _, form := range []*regexp.Regexp{before, after} {
		if at := form.FindStringSubmatchIndex(agent); at != nil {
			n, err := strconv.Atoi(agent[at[2]:at[3]])
			if err != nil || n > mostReported {
				return "", 0
			}
			return agent[:at[2]] + "#" + agent[at[3]:], n
		}
	}
	return "", 0
}

// robotic says whether a client names itself a robot: those that crawl are no readers.
func robotic(agent string) bool {
	lower := strings.ToLower(agent)
	for _, word := range []string{"bot", "crawl", "spider"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// lastForwarded is the last address of an X-Forwarded-For, which is the one that the nearest proxy has seen itself.
func lastForwarded(forwarded string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:]))
	return addr.Unmap(), err == nil
}
