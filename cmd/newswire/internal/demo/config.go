package demo

import "bytes"

// Settings are the lines of the demo's config that are not about publishers. Empty ones are left out.
type Settings struct {
	SiteURL string // where readers reach the service; required, for every feed's id derives from it
	Listen  string // address for readers
	Admin   string // address for operators
	Store   string // "sqlite:/tmp/demo.db"
}

// Config is a newswire.yaml that aggregates the publishers.
func (p *Publishers) Config(s Settings) []byte {
	var b bytes.Buffer
	err := feeds.ExecuteTemplate(&b, "newswire.yaml.tmpl", struct {
		Settings
		Sources []*site
	}{s, p.sites})
	if err != nil {
		panic("demo: the config's template does not fit its data: " + err.Error())
	}
	return b.Bytes()
}
