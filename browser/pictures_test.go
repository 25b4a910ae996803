package browser

import (
	"bufio"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "folder to write pictures of the demo to")

// TestPicturesOfTheDemo writes the pictures that README shows. Without -pictures it has nothing to do.
func TestPicturesOfTheDemo(t *testing.T) {
	if *pictures == "" {
		t.Skip("-pictures names no folder")
	}
	public, admin := demo(t)
	until(t, "the demo has articles of all its sources", func() bool {
		_, feed := get(public + "/feeds/all.json")
		return strings.Count(feed, `"title": "No. `) >= 3 && strings.Contains(feed, "crust")
	})
	w := open(t)
	save := func(name string) {
		t.Helper()
		ctx, cancel := w.step()
		defer cancel()
		image, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*pictures, name), image, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.visit(public + "/")
	save("front.png")
	w.visit(admin + "/console/sources/kitchen")
	save("console.png")

	phone := open(t, chromedp.WindowSize(390, 760))
	phone.prefer("dark")
	w = phone
	w.do(chromedp.EmulateViewport(390, 760))
	w.visit(public + "/source/almanac")
	save("phone.png")
}

var printed = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/(feeds/all\.atom|metrics)`)

// demo runs the demo until the test ends.
func demo(t *testing.T) (public, admin string) {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "demo", "--listen", freeAddress(t), "--admin", freeAddress(t))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // a signal ends it
	})
	lines := bufio.NewScanner(out)
	for (public == "" || admin == "") && lines.Scan() {
		if found := printed.FindStringSubmatch(lines.Text()); found != nil {
			if found[2] == "metrics" {
				admin = found[1]
			} else {
				public = found[1]
			}
		}
	}
	if admin == "" {
		t.Fatal("the demo does not say where it is")
	}
	return public, admin
}
