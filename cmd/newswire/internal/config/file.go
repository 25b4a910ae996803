package config

import "time"

// document is newswire.yaml as it is written. The yaml tags are the contract; every default is in Config's making.
type document struct {
	Site   site   `yaml:"site"`
	Listen string `yaml:"listen"`
	Admin  string `yaml:"admin"`

	AdminToken struct {
		Value string `yaml:"-"`
		File  string `yaml:"admin_token_file"`
		Env   string `yaml:"admin_token_env"`
	} `yaml:",inline"`

	Store struct {
		Value string `yaml:"store"`
		File  string `yaml:"store_file"`
		Env   string `yaml:"store_env"`
	} `yaml:",inline"`

	Snapshot   string        `yaml:"snapshot"`
	Search     string        `yaml:"search"`
	Memory     string        `yaml:"memory"`
	Fetch      fetchKeys     `yaml:"fetch"`
	Clean      cleaning      `yaml:"clean"`
	Defaults   settings      `yaml:"defaults"`
	Categories []category    `yaml:"categories"`
	Authors    []author      `yaml:"authors"`
	Sources    []source      `yaml:"sources"`
	Partners   []partnerKeys `yaml:"partners"`
	Rules      []ruleKeys    `yaml:"rules"`
	Hub        hubKeys       `yaml:"hub"`
}

// secret is a value that is given in one of three places. In the document its keys are KEY, KEY_file and KEY_env; a
// struct of these fields converts to it, with any tags.
type secret struct {
	Value string // empty where it must not stand in the config itself
	File  string // relative to the config's folder
	Env   string // name of an environment variable
}

type site struct {
	Title    string `yaml:"title"`
	URL      string `yaml:"url"`
	Contact  string `yaml:"contact"`
	Language string `yaml:"language"`
	Pictures string `yaml:"pictures"`
	Theme    string `yaml:"theme"`
}

type fetchKeys struct {
	Timeout        *time.Duration `yaml:"timeout"`
	MaxBytes       string         `yaml:"max_bytes"`
	DomainInterval *time.Duration `yaml:"domain_interval"`
	AllowPrivate   []string       `yaml:"allow_private"`
	Concurrency    *int           `yaml:"concurrency"`
	Proxy          proxyKeys      `yaml:",inline"`
}

// proxyKeys name a proxy, whose address may have a password in it.
type proxyKeys struct {
	Value string `yaml:"proxy"`
	File  string `yaml:"proxy_file"`
	Env   string `yaml:"proxy_env"`
}

type cleaning struct {
	Block []string `yaml:"block"`
}

// settings are the keys that defaults and each source have in common. What a source leaves out, it has from the defaults.
type settings struct {
	Schedule    string    `yaml:"schedule"`
	Timezone    string    `yaml:"timezone"`
	Rights      rights    `yaml:"rights"`
	Credit      *bool     `yaml:"credit"`
	Retention   retention `yaml:"retention"`
	Withdrawals string    `yaml:"withdrawals"`
}

type rights struct {
	Policy    string `yaml:"policy"`
	License   string `yaml:"license"`
	Statement string `yaml:"statement"`
	Contact   string `yaml:"contact"`
	Partners  string `yaml:"partners"`
	Usage     string `yaml:"usage"`

	Embargo *time.Duration `yaml:"embargo"`
	Expires *time.Duration `yaml:"expires"`
}

type retention struct {
	Age      *time.Duration `yaml:"age"`
	Articles *int           `yaml:"articles"`
}

type category struct {
	ID    string   `yaml:"id"`
	Title string   `yaml:"title"`
	Match []string `yaml:"match"`
}

type author struct {
	ID      string  `yaml:"id"`
	Name    string  `yaml:"name"`
	Aliases []alias `yaml:"aliases"`
}

type alias struct {
	Source string `yaml:"source"`
	Name   string `yaml:"name"`
}

type source struct {
	ID         string     `yaml:"id"`
	Name       string     `yaml:"name"`
	URL        string     `yaml:"url"`
	Site       string     `yaml:"site"`
	Categories []string   `yaml:"categories"`
	Settings   settings   `yaml:",inline"`
	Clean      cleaning   `yaml:"clean"`
	FullText   bool       `yaml:"full_text"`
	Page       *pageKeys  `yaml:"page"`
	Access     access     `yaml:"access"`
	Proxy      proxyKeys  `yaml:",inline"`
	TLS        tlsKeys    `yaml:"tls"`
	Rules      []ruleKeys `yaml:"rules"`
}

type ruleKeys struct {
	When string  `yaml:"when"`
	Do   actions `yaml:"do"`
}

// actions are one action, or a list of them.
type actions []string

type access struct {
	User string `yaml:"user"`

	Password struct {
		Value string `yaml:"-"`
		File  string `yaml:"password_file"`
		Env   string `yaml:"password_env"`
	} `yaml:",inline"`

	Bearer struct {
		Value string `yaml:"-"`
		File  string `yaml:"bearer_file"`
		Env   string `yaml:"bearer_env"`
	} `yaml:",inline"`

	Headers map[string]place `yaml:"headers"` // by name
	Cookies map[string]place `yaml:"cookies"`
}

// place is where a secret is. It is never the secret itself.
type place struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

type tlsKeys struct {
	CA   string `yaml:"ca_file"`
	Cert string `yaml:"cert_file"`
	Key  string `yaml:"key_file"`
}

type pageKeys struct {
	Item      string   `yaml:"item"`
	Link      string   `yaml:"link"`
	Title     string   `yaml:"title"`
	Author    string   `yaml:"author"`
	Published string   `yaml:"published"`
	Content   string   `yaml:"content"`
	Remove    []string `yaml:"remove"`
}

type partnerKeys struct {
	ID        string `yaml:"id"`
	KeySHA256 string `yaml:"key_sha256"`

	Key struct {
		Value string `yaml:"-"`
		File  string `yaml:"key_file"`
		Env   string `yaml:"key_env"`
	} `yaml:",inline"`

	PreviousSHA256 string   `yaml:"previous_key_sha256"`
	PreviousUntil  string   `yaml:"previous_key_until"`
	Categories     []string `yaml:"categories"`
	Content        string   `yaml:"content"`
	Rate           string   `yaml:"rate"`
	Webhook        *webhook `yaml:"webhook"`
}

type webhook struct {
	URL string `yaml:"url"`

	Secret struct {
		Value string `yaml:"-"`
		File  string `yaml:"secret_file"`
		Env   string `yaml:"secret_env"`
	} `yaml:",inline"`

	Batch *int `yaml:"batch"`
}

// hubKeys is the word off, or a mapping.
type hubKeys struct {
	Off      bool           `yaml:"-"`
	Lease    *time.Duration `yaml:"lease"`
	MaxLease *time.Duration `yaml:"max_lease"`
	PerHost  *int           `yaml:"per_host"`
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
