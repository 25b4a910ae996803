// Package deploy_test reads the files that operators deploy newswire with.
package deploy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// documents are the documents of a YAML file.
func documents(t *testing.T, path string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for {
		var d map[string]any
		err := loader.Load(&d)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, d)
	}
}

func TestEveryFileParses(t *testing.T) {
	for path, want := range map[string]int{
		"kubernetes/newswire.yaml": 3, "prometheus/rules.yaml": 1, "prometheus/scrape.yaml": 1, "../compose.yaml": 1,
	} {
		if got := len(documents(t, path)); got != want {
			t.Errorf("%s has %d documents, want %d", path, got, want)
		}
	}
	data, err := os.ReadFile("grafana/newswire.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(data) {
		t.Error("grafana/newswire.json is no JSON")
	}
}

func TestTheDashboardsPanelsAreApart(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	data, err := os.ReadFile("grafana/newswire.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &dashboard); err != nil {
		t.Fatal(err)
	}
	if len(dashboard.Panels) == 0 {
		t.Fatal("the dashboard has no panels")
	}
	ids, places := map[int]string{}, map[[2]int]string{}
	for _, p := range dashboard.Panels {
		if other, taken := ids[p.ID]; taken {
			t.Errorf("panels %q and %q have one id", other, p.Title)
		}
		ids[p.ID] = p.Title
		if len(p.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", p.Title)
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other, taken := places[at]; taken {
					t.Fatalf("panels %q and %q overlap", other, p.Title)
				}
				places[at] = p.Title
			}
		}
	}
}

var metric = regexp.MustCompile(`\bnewswire_[a-z_]+`)

// known are the names of the metrics that the code registers, and of what Prometheus makes of a histogram.
func known(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	quoted := regexp.MustCompile(`"(newswire_[a-z_]+)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range quoted.FindAllSubmatch(source, -1) {
			name := string(m[1])
			names[name] = true
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				names[name+suffix] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryMetricIsOneOfOurs(t *testing.T) {
	names := known(t)
	for _, path := range []string{"prometheus/rules.yaml", "grafana/newswire.json", "../README.md"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := metric.FindAllString(string(data), -1)
		if len(found) == 0 {
			t.Errorf("%s names no metric", path)
		}
		for _, name := range found {
			if !names[name] {
				t.Errorf("%s: newswire has no metric %s", path, name)
			}
		}
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	for _, group := range documents(t, "prometheus/rules.yaml")[0]["groups"].([]any) {
		for _, r := range group.(map[string]any)["rules"].([]any) {
			rule := r.(map[string]any)
			notes, _ := rule["annotations"].(map[string]any)
			labels, _ := rule["labels"].(map[string]any)
			if notes["summary"] == nil || notes["description"] == nil || labels["severity"] == nil || rule["for"] == nil {
				t.Errorf("%v lacks a summary, a description, a severity or a time", rule["alert"])
			}
		}
	}
}

// TestTheContainersAreConfined holds the manifests to what the image is made for: no root, nothing to write to but what is
// mounted, and no capability.
func TestTheContainersAreConfined(t *testing.T) {
	deployment, err := json.Marshal(documents(t, "kubernetes/newswire.yaml")[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"runAsNonRoot":true`, `"readOnlyRootFilesystem":true`, `"drop":["ALL"]`, `"allowPrivilegeEscalation":false`,
		`"terminationGracePeriodSeconds":75`,
	} {
		if !strings.Contains(string(deployment), want) {
			t.Errorf("the deployment lacks %s", want)
		}
	}
}

// compose is what of compose.yaml hangs together.
type compose struct {
	Services map[string]struct {
		Environment map[string]string
		Volumes     []string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Command     []string
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		Grace       string   `yaml:"stop_grace_period"`
		Healthcheck map[string]any
	}
	Volumes map[string]any
}

// TestTheServicesOfComposeFindEachOther holds compose.yaml to itself, and to the example that its first lines turn into a config.
func TestTheServicesOfComposeFindEachOther(t *testing.T) {
	data, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Load(data, &c); err != nil {
		t.Fatal(err)
	}
	for name, s := range c.Services {
		for other, on := range s.DependsOn {
			if on.Condition != "service_healthy" || c.Services[other].Healthcheck == nil {
				t.Errorf("%s waits for %s to be %q, which has the health check %v", name, other, on.Condition, c.Services[other].Healthcheck)
			}
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if _, declared := c.Volumes[source]; !declared && !strings.HasPrefix(source, ".") {
				t.Errorf("%s mounts the volume %s, which is not declared", name, source)
			}
		}
	}
	wire, redis := c.Services["newswire"], c.Services["redis"]
	if got := wire.Environment["NEWSWIRE_STORE"]; got != "redis://redis:6379/0" {
		t.Errorf("the store is %q; want that of the service redis", got)
	}
	if !wire.ReadOnly || strings.Join(wire.CapDrop, ",") != "ALL" || wire.Grace != "75s" {
		t.Errorf("newswire can write: %v; drops %v; has %s to stop", !wire.ReadOnly, wire.CapDrop, wire.Grace)
	}
	if said := strings.Join(redis.Command, " "); !strings.Contains(said, "--appendonly yes") || !strings.Contains(said, "--maxmemory-policy noeviction") {
		t.Errorf("redis is started by %s; want an append-only file and no eviction", said)
	}
	example, err := os.ReadFile("../newswire.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`(?m)^store: `).FindAll(example, -1)); n != 1 {
		t.Errorf("newswire.example.yaml has %d lines that begin with store:, of which the sed in compose.yaml makes store_env; want one", n)
	}
}

func TestToolsAcceptTheFiles(t *testing.T) {
	for _, tool := range [][]string{
		{"promtool", "check", "rules", "prometheus/rules.yaml"},
		{"promtool", "check", "config", "--syntax-only", "prometheus/scrape.yaml"},
	} {
		t.Run(strings.Join(tool[:3], " "), func(t *testing.T) {
			if _, err := exec.LookPath(tool[0]); err != nil {
				t.Skipf("%s is not installed", tool[0])
			}
			if out, err := exec.CommandContext(t.Context(), tool[0], tool[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestSystemdAcceptsTheUnit has systemd read the unit, with a program in the place of newswire that is there.
func TestSystemdAcceptsTheUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	unit, err := os.ReadFile("systemd/newswire.service")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "newswire.service")
	if err := os.WriteFile(path, bytes.ReplaceAll(unit, []byte("/usr/local/bin/newswire"), []byte(self)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "newswire.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
