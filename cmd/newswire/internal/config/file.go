package config

import "time"

// document is newswire.yaml as it is written. The yaml tags are the contract; every default is in Config's making.
type document struct {
	// What readers are told of the site.
	Site site `yaml:"site"`
	// Where readers and partners are answered; default ":8080".
	Listen string `yaml:"listen"`
	// Where health, metrics and the console are answered; default 127.0.0.1:8081.
	Admin string `yaml:"admin"`

	AdminToken struct {
		Value string `yaml:"-"`
		// File with the admin listener’s token.
		File string `yaml:"admin_token_file"`
		// Environment variable with the admin listener’s token.
		Env string `yaml:"admin_token_env"`
	} `yaml:",inline"`

	Store struct {
		// Where articles are kept: sqlite:FILE, redis:, rediss:, redis+sentinel: or redis+cluster:; default sqlite:newswire.db.
		Value string `yaml:"store"`
		// File with the store’s address.
		File string `yaml:"store_file"`
		// Environment variable with the store’s address.
		Env string `yaml:"store_env"`
	} `yaml:",inline"`

	// Folder of the last good feeds, for a start without the store; off for none. Default newswire.snapshot with Redis, off with SQLite.
	Snapshot string `yaml:"snapshot"`
	// File of the search index; off for no search. Default newswire.search.
	Search string `yaml:"search"`
	// What the whole process is to take at most; default 512MiB, or seven eighths of what its control group may take if that is less.
	Memory string `yaml:"memory"`
	// How publishers are visited.
	Fetch fetchKeys `yaml:"fetch"`
	// What no article of any source is about.
	Clean cleaning `yaml:"clean"`
	// What holds for every source that does not say otherwise.
	Defaults settings `yaml:"defaults"`
	// Your categories, each with a feed.
	Categories []category `yaml:"categories"`
	// People who publish under several names.
	Authors []author `yaml:"authors"`
	// The publishers.
	Sources []source `yaml:"sources"`
	// Patterns of files with more sources, such as sources.d/*.yaml, relative to the config’s folder; each has sources alone.
	Include []string `yaml:"include"`
	// Partner sites.
	Partners []partnerKeys `yaml:"partners"`
	// Decisions over articles of all sources, in order.
	Rules []ruleKeys `yaml:"rules"`
	// The WebSub hub; off for none.
	Hub hubKeys `yaml:"hub"`
	// Where traces of visits go, by OpenTelemetry; default nowhere.
	Tracing tracingKeys `yaml:"tracing"`
}

// included is a file that include names.
type included struct {
	// The publishers.
	Sources []source `yaml:"sources"`
}

// secret is a value that is given in one of three places. In the document its keys are KEY, KEY_file and KEY_env; a
// struct of these fields converts to it, with any tags.
type secret struct {
	Value string // empty where it must not stand in the config itself
	File  string // relative to the config's folder
	Env   string // name of an environment variable
}

type site struct {
	// What the site is called; default newswire.
	Title string `yaml:"title"`
	// Where readers reach it, with its path; ids of feeds derive from it.
	URL string `yaml:"url"`
	// An e-mail address for readers and publishers.
	Contact string `yaml:"contact"`
	// Of the site’s own words (BCP 47); default en.
	Language string `yaml:"language"`
	// Pictures of articles on pages: proxy, direct or off; default proxy.
	Pictures string `yaml:"pictures"`
	// Folder with templates and styles in place of ours.
	Theme string `yaml:"theme"`
}

type fetchKeys struct {
	// Of one visit, redirects and body included; default 30s.
	Timeout *time.Duration `yaml:"timeout"`
	// Of one document, compressed and not; default 15MB.
	MaxBytes string `yaml:"max_bytes"`
	// Between two requests to one registrable domain; default 2s.
	DomainInterval *time.Duration `yaml:"domain_interval"`
	// Ranges of private addresses that may be reached all the same.
	AllowPrivate []string `yaml:"allow_private"`
	// Visits at once, of different domains; default 32.
	Concurrency *int      `yaml:"concurrency"`
	Proxy       proxyKeys `yaml:",inline"`
}

// proxyKeys name a proxy, whose address may have a password in it.
type proxyKeys struct {
	// Address of a proxy: http, https or socks5.
	Value string `yaml:"proxy"`
	// File with the address of a proxy.
	File string `yaml:"proxy_file"`
	// Environment variable with the address of a proxy.
	Env string `yaml:"proxy_env"`
}

type cleaning struct {
	// Words: links under them are removed, articles under them held.
	Block []string `yaml:"block"`
}

// settings are the keys that defaults and each source have in common. What a source leaves out, it has from the defaults.
type settings struct {
	// When to visit: a cron spec or @every; default @every 1h.
	Schedule string `yaml:"schedule"`
	// Of dates that name none; default UTC.
	Timezone string `yaml:"timezone"`
	// What may be republished.
	Rights rights `yaml:"rights"`
	// Whether each article ends with a line that names its publisher; default true.
	Credit *bool `yaml:"credit"`
	// What is kept.
	Retention retention `yaml:"retention"`
	// Which of the publisher’s own withdrawals are followed: trust, all or ignore; default trust.
	Withdrawals string `yaml:"withdrawals"`
}

type rights struct {
	// How much of an article readers get: full, excerpt or title; default excerpt.
	Policy string `yaml:"policy"`
	// Address of a licence, where the feed names none.
	License string `yaml:"license"`
	// Where the feed says nothing.
	Statement string `yaml:"statement"`
	// Where complaints go.
	Contact string `yaml:"contact"`
	// How much of an article partners get; default as policy.
	Partners string `yaml:"partners"`
	// What machines may not do, such as train-ai=n (AIPREF).
	Usage string `yaml:"usage"`

	// Published here no sooner than this after the publisher’s date.
	Embargo *time.Duration `yaml:"embargo"`
	// Gone everywhere this long after the publisher’s date.
	Expires *time.Duration `yaml:"expires"`
}

type retention struct {
	// Since the publisher last offered an article; 0 for ever. Default 720h.
	Age *time.Duration `yaml:"age"`
	// For each source; 0 for all. Default 5000.
	Articles *int `yaml:"articles"`
}

type category struct {
	// Part of the feed’s address.
	ID string `yaml:"id"`
	// For readers.
	Title string `yaml:"title"`
	// Publishers’ terms that assign it, compared without case.
	Match []string `yaml:"match"`
}

type author struct {
	// Part of the feed’s address.
	ID string `yaml:"id"`
	// For readers.
	Name string `yaml:"name"`
	// Names under which the author publishes.
	Aliases []alias `yaml:"aliases"`
}

type alias struct {
	// ID of the source; default any.
	Source string `yaml:"source"`
	// As that has it.
	Name string `yaml:"name"`
}

type source struct {
	// Part of addresses and of article ids: never change it.
	ID string `yaml:"id"`
	// Default the feed’s own title.
	Name string `yaml:"name"`
	// Address of the feed, or of the page.
	URL string `yaml:"url"`
	// The publisher’s site, where the feed does not say.
	Site string `yaml:"site"`
	// IDs of categories that every article gets.
	Categories []string `yaml:"categories"`
	Settings   settings `yaml:",inline"`
	// More words, for this source alone.
	Clean cleaning `yaml:"clean"`
	// Read the text from each article’s own page.
	FullText bool `yaml:"full_text"`
	// Selectors, for a publisher without a feed.
	Page *pageKeys `yaml:"page"`
	// What is shown to the source’s own origin.
	Access access    `yaml:"access"`
	Proxy  proxyKeys `yaml:",inline"`
	// Authorities and a certificate of your own.
	TLS tlsKeys `yaml:"tls"`
	// Decisions over the source’s articles, after those of all sources.
	Rules []ruleKeys `yaml:"rules"`
}

type ruleKeys struct {
	// An expression over the article; see docs/rules.md.
	When string `yaml:"when"`
	// drop, hold, publish, category ID, not-category ID or language TAG; or a list.
	Do actions `yaml:"do"`
}

// actions are one action, or a list of them.
type actions []string

type access struct {
	// Name for basic authentication.
	User string `yaml:"user"`

	Password struct {
		Value string `yaml:"-"`
		// File with the password.
		File string `yaml:"password_file"`
		// Environment variable with the password.
		Env string `yaml:"password_env"`
	} `yaml:",inline"`

	Bearer struct {
		Value string `yaml:"-"`
		// File with a bearer token.
		File string `yaml:"bearer_file"`
		// Environment variable with a bearer token.
		Env string `yaml:"bearer_env"`
	} `yaml:",inline"`

	// Header fields, by name, each from a file or an environment variable.
	Headers map[string]place `yaml:"headers"`
	// Cookies likewise.
	Cookies map[string]place `yaml:"cookies"`
}

// place is where a secret is. It is never the secret itself.
type place struct {
	// File with the value.
	File string `yaml:"file"`
	// Environment variable with the value.
	Env string `yaml:"env"`
}

type tlsKeys struct {
	// File of authorities to trust beside the system’s.
	CA string `yaml:"ca_file"`
	// File of a client certificate.
	Cert string `yaml:"cert_file"`
	// File of its key.
	Key string `yaml:"key_file"`
}

type pageKeys struct {
	// On the list: each element that stands for one article.
	Item string `yaml:"item"`
	// Inside of it: the link; default the first.
	Link string `yaml:"link"`
	// On the article’s page, or inside of the item.
	Title string `yaml:"title"`
	// Likewise.
	Author string `yaml:"author"`
	// Likewise.
	Published string `yaml:"published"`
	// On the article’s page.
	Content string `yaml:"content"`
	// Taken off a page before anything else is looked for.
	Remove []string `yaml:"remove"`
}

type partnerKeys struct {
	// Names the partner.
	ID string `yaml:"id"`
	// SHA-256 of its key, in hexadecimal.
	KeySHA256 string `yaml:"key_sha256"`

	Key struct {
		Value string `yaml:"-"`
		// File with the partner’s key.
		File string `yaml:"key_file"`
		// Environment variable with the partner’s key.
		Env string `yaml:"key_env"`
	} `yaml:",inline"`

	// Of the key before, written by newswire partner rotate.
	PreviousSHA256 string `yaml:"previous_key_sha256"`
	// Until when that is accepted.
	PreviousUntil string `yaml:"previous_key_until"`
	// IDs of what it gets; default all.
	Categories []string `yaml:"categories"`
	// At most this much of an article: full, excerpt or title.
	Content string `yaml:"content"`
	// Requests, such as 600/m; default 600/m.
	Rate string `yaml:"rate"`
	// Where it is told of changes.
	Webhook *webhook `yaml:"webhook"`
}

type webhook struct {
	// Where deliveries go.
	URL string `yaml:"url"`

	Secret struct {
		Value string `yaml:"-"`
		// File with what deliveries are signed with.
		File string `yaml:"secret_file"`
		// Environment variable with what deliveries are signed with.
		Env string `yaml:"secret_env"`
	} `yaml:",inline"`

	// Changes in one delivery at most; default 100.
	Batch *int `yaml:"batch"`
}

// hubKeys is the word off, or a mapping.
type hubKeys struct {
	Off bool `yaml:"-"`
	// How long a subscription lasts that asks for nothing else; default 240h.
	Lease *time.Duration `yaml:"lease"`
	// How long one lasts at most; default 720h.
	MaxLease *time.Duration `yaml:"max_lease"`
	// Subscriptions of one host at most; default 100.
	PerHost *int `yaml:"per_host"`
}

// hubMapping is for [hubKeys.UnmarshalYAML].
type hubMapping = hubKeys

// UnmarshalYAML reads off, or the mapping.
func (k *hubKeys) UnmarshalYAML(construct func(any) error) error {
	var word string
	if construct(&word) == nil && word == "off" {
		k.Off = true
		return nil
	}
	type hubKeys hubMapping // without this method; what is said of mistakes has its name
	return construct((*hubKeys)(k))
}

type tracingKeys struct {
	// Of a collector that takes OTLP over HTTP, without /v1/traces; default as in the environment, or none.
	Endpoint string `yaml:"endpoint"`
	// The share of visits that are traced, from 0 to 1; default 1.
	Sample *float64 `yaml:"sample"`
}
