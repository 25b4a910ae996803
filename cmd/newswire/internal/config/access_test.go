package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planted is in every secret of these tests, and in nothing that anyone is told.
const planted = "hunter2"

func TestAccessIsReadFromFilesAndTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"password": planted + "\n", "session": planted} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("THE_KEY", planted)
	t.Setenv("THE_PROXY", "http://ann:"+planted+"@proxy.example:3128")
	c, err := Parse(filepath.Join(dir, "newswire.yaml"), []byte(`fetch: {proxy: "socks5://127.0.0.1:9050"}
sources:
  - {id: open, url: "https://a.example/feed"}
  - id: members
    url: https://b.example/feed
    access: {user: `+planted+`, password_file: password, headers: {X-Key: {env: THE_KEY}}, cookies: {session: {file: session}}}
    proxy_env: THE_PROXY
  - {id: token, url: "https://c.example/feed", access: {bearer_env: THE_KEY}, proxy: none}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Fetch.Proxy.String() != "socks5://127.0.0.1:9050" || len(c.Access) != 2 {
		t.Fatalf("proxy %v, access %+v", c.Fetch.Proxy, c.Access)
	}
	members, token := c.Access["members"], c.Access["token"]
	k := members.Credentials
	if k.Origin != "https://b.example/feed" || k.User.IsZero() || k.Password.IsZero() || len(k.Headers) != 1 || len(k.Cookies) != 1 ||
		members.Proxy.String() != "http://proxy.example:3128" {
		t.Errorf("members: %+v", members)
	}
	if token.Credentials.Bearer.IsZero() || !token.Direct || token.Proxy != nil {
		t.Errorf("token: %+v", token)
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, planted) {
		t.Error("a printed config has a secret in it")
	}
}

func TestMistakesInAccessAreToldWithoutTheSecret(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("A_LINE_BREAK", planted+"\n"+planted)
	t.Setenv("NO_PROXY_AT_ALL", planted)
	t.Setenv("SECRET", planted)
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), []byte(planted), 0o600); err != nil {
		t.Fatal(err)
	}
	text := `fetch: {proxy_env: NO_PROXY_AT_ALL}
sources:
  - id: a
    url: https://a.example/feed
    access:
      user: desk
      password: ` + planted + `
      password_env: UNSET_PASSWORD
      headers:
        X-Key: ` + planted + `
        Host: {env: SECRET}
      cookies:
        session: {}
        other: {env: SECRET, file: also}
  - {id: b, url: "https://b.example/feed", access: {bearer_env: A_LINE_BREAK}}
  - {id: c, url: "https://c.example/feed", access: {user: desk}, proxy: "` + planted + `://x"}
  - {id: d, url: "https://d.example/feed", access: ` + planted + `}
  - {id: e, url: "https://e.example/feed", tls: {ca_file: missing.pem, cert_file: key.pem}}
  - {id: f, url: "https://f.example/feed", tls: {ca_file: key.pem, cert_file: key.pem, key_file: key.pem}}
  - {id: g, url: "https://u:p@g.example/feed", access: {user: desk, password_env: SECRET}}
  - {id: h, url: "https://h.example/feed", access: {headers: {User-Agent: {env: SECRET}}}}
`
	_, err := Parse(filepath.Join(dir, "newswire.yaml"), []byte(text))
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(strings.ReplaceAll(err.Error(), dir+"/", ""), "\n")
	want := []string{
		`newswire.yaml:1: proxy_env: want the address of a proxy, such as socks5://127.0.0.1:9050 or http://proxy.example:3128`,
		`newswire.yaml:7: unknown key "password"; did you mean "password_env"?`,
		`newswire.yaml:8: password_env: the environment variable UNSET_PASSWORD is not set`,
		`newswire.yaml:10: want {env: NAME} or {file: PATH}: a secret itself does not stand in the config`,
		`newswire.yaml:13: where is it? write {env: NAME} or {file: PATH}`,
		`newswire.yaml:14: give only one of file and env`,
		`newswire.yaml:15: access: bearer: it has characters that cannot be sent, such as a line break`,
		`newswire.yaml:16: access: a user and a password go together`,
		`newswire.yaml:16: proxy: a proxy's address begins with socks5://, http:// or https://`,
		`newswire.yaml:17: want a mapping such as {user: NAME, password_env: NAME}: a secret itself does not stand in the config`,
		`newswire.yaml:18: ca_file missing.pem cannot be read: no such file or directory`,
		`newswire.yaml:18: tls: cert_file and key_file go together`,
		`newswire.yaml:19: ca_file key.pem: there is no certificate in it (PEM)`,
		`newswire.yaml:19: tls: key.pem and key.pem: tls: failed to find any PEM data in certificate input`,
		`newswire.yaml:20: access: the url has a user in it, too: give one of them`,
		`newswire.yaml:21: access: header User-Agent: that one is not for you to set`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if strings.Contains(err.Error(), planted) {
		t.Error("a message has a secret in it")
	}
}

func TestCredentialsOverPlainHTTPAreNoticed(t *testing.T) {
	t.Setenv("SECRET", planted)
	c, err := Parse("newswire.yaml", []byte(`site: {url: "https://w.example"}
sources: [{id: a, url: "http://a.example/feed", access: {bearer_env: SECRET}}]`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Notices) != 1 || !strings.Contains(c.Notices[0].Message, `source "a" sends its credentials over plain http`) {
		t.Errorf("notices: %v", c.Notices)
	}
}
