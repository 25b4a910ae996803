package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/syndication/web"
)

// atOnce is how many tests run at a time. The scripts wait for timers more than they work, so they are more than the cores
// of a small machine.
const atOnce = "6"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOnce); err != nil { // an explicit -parallel comes later, and holds
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"newswire": func() {
			ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			os.Exit(run(ctx, os.Args[1:], &console{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, formats: web.Formats()}))
		},
	})
}

// TestScript runs the whole command, publisher to reader, from the scripts in testdata/script. Beside testscript's own
// commands these know
//
//	envsubst FILE                replaces $NAME in the file by the environment's value
//	publish NAME FILE            a publisher on loopback that serves FILE from now on; its address is $NAME, and
//	                             without http:// $NAME_BARE
//	serve NAME PATH TYPE FILE    the publisher serves FILE under another path too
//	answer NAME CODE [KEY VALUE] the publisher answers with a status instead; answer NAME feed ends that
//	hang NAME                    the publisher never answers
//	visits NAME N                fails unless the publisher was asked N times
//	agent NAME REGEXP            fails unless the publisher's last visitor called itself so
//	hook NAME [CODE]             a partner's endpoint for webhooks, or another answer of it; its address is $NAME, where GET
//	                             shows all that was sent to it
//	signal TERM|HUP|KILL         goes to every command in the background
//	freeport NAME                $NAME is a port of 127.0.0.1 that is free, and no other name's
//	occupy PORT                  listens on a port
//	redis NAME [stop|start]      a real redis-server, its address is $NAME; stop kills it, start brings it back with its data
//	redis NAME fill|drain        leaves that server no memory for anything new, and again all that it wants
//	get [-H 'KEY: VALUE']… URL   status line, headers and body go to stdout; fails without an answer
//	head URL                     likewise, with HEAD
//	body URL FILE                saves a body; fails unless the answer is 200
//	unmodified URL               fails unless If-Modified-Since with the Last-Modified that was sent gets a 304; what
//	                             changed within this second has a date that moves once more, so it asks for a while
//	ageless URL                  asks until the answer has no Age: the service has just read the store's change log
//	now NAME                     $NAME is the time, as RSS has it
//	sameday DURATION             waits for the next day, UTC, where this one ends within so long: what is counted by the day
//	                             is then counted on one
//	secret NAME FILE             $NAME is the one line of a file
//	becomes CODE URL             asks until the status is that
//	page FILE HEADING [OLD=NEW]… runs the commands that a part of a page below docs/ has for a shell, each OLD replaced
//	eventually REGEXP [-H 'KEY: VALUE']… URL
//	                             asks until the body matches; ! eventually, until it does not
//	says REGEXP ARG…             runs newswire until its output matches
//
// What asks until something is so gives up after [atMost].
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values[publishersKey] = map[string]*sourcetest.Publisher{}
			env.Values[hooksKey] = map[string]*hook{}
			env.Values[redisKey] = map[string]*redistest.Server{}
			env.Values[testKey] = env.T().(testing.TB)
			folder, err := filepath.Abs(docs)
			env.Setenv("PAGES", folder)
			return err
		},
		Condition: func(cond string) (bool, error) {
			if cond == "redis" {
				_, err := exec.LookPath("redis-server")
				return err == nil || os.Getenv("NEWSWIRE_REQUIRE_REDIS") == "1", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"envsubst": envsubst, "publish": publish, "serve": serve, "answer": answer, "hang": hang, "visits": visits, "agent": agent, "signal": sendSignal,
			"freeport": newPorts().free, "occupy": occupy, "redis": startRedis,
			"get": get(http.MethodGet), "head": get(http.MethodHead), "body": body, "eventually": eventually, "becomes": becomes,
			"unmodified": unmodified, "ageless": ageless, "says": says, "secret": secret, "hook": startHook, "now": now,
			"page": runPage, "sameday": sameDay,
		},
	})
}

// atMost is how long a script waits for what is to come.
const atMost = time.Minute

type key int

const (
	publishersKey key = iota
	hooksKey
	redisKey
	testKey
)

func publisher(ts *testscript.TestScript, name string) *sourcetest.Publisher {
	p := ts.Value(publishersKey).(map[string]*sourcetest.Publisher)[name]
	if p == nil {
		ts.Fatalf("no publisher %s", name)
	}
	return p
}

func publish(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: publish NAME FILE")
	}
	all := ts.Value(publishersKey).(map[string]*sourcetest.Publisher)
	document := ts.ReadFile(args[1])
	if p := all[args[0]]; p != nil {
		p.Publish(document)
		return
	}
	p := sourcetest.NewPublisher(ts.Value(testKey).(testing.TB), document)
	p.SetHeader("Cache-Control", "")
	all[args[0]] = p
	ts.Setenv(args[0], p.URL())
	ts.Setenv(args[0]+"_BARE", strings.TrimPrefix(p.URL(), "http://"))
}

func serve(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 4 {
		ts.Fatalf("usage: serve NAME PATH TYPE FILE")
	}
	publisher(ts, args[0]).Handle(args[1], sourcetest.Document(args[2], ts.ReadFile(args[3])))
}

func now(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], time.Now().UTC().Format(time.RFC1123Z))
}

func sameDay(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: sameday DURATION")
	}
	needed, err := time.ParseDuration(args[0])
	ts.Check(err)
	time.Sleep(untilDay(time.Now(), needed))
}

// untilDay is how long to wait for the next day, UTC: not at all where this one lasts for as long as is needed.
func untilDay(now time.Time, needed time.Duration) time.Duration {
	if left := 24*time.Hour - now.UTC().Sub(now.UTC().Truncate(24*time.Hour)); left < needed {
		return left
	}
	return 0
}

func TestWhatIsCountedByTheDayIsCountedOnOne(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]time.Duration{
		0: 0, 12*time.Hour - 2*time.Minute: 0, 12*time.Hour - time.Minute: time.Minute, 12*time.Hour - 1: 1, 12 * time.Hour: 0,
	} {
		if got := untilDay(noon.Add(after), 2*time.Minute); got != want {
			t.Errorf("%v after noon: waits for %v, want %v", after, got, want)
		}
	}
}

func envsubst(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

func answer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: answer NAME CODE [KEY VALUE]…")
	}
	p := publisher(ts, args[0])
	if args[1] == "feed" {
		p.Answer(nil)
		return
	}
	code, err := strconv.Atoi(args[1])
	ts.Check(err)
	p.Answer(sourcetest.Status(code, args[2:]...))
}

func hang(ts *testscript.TestScript, _ bool, args []string) {
	p := publisher(ts, args[0])
	p.Answer(p.Hang())
}

func visits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := len(visitsTo(publisher(ts, args[0]))); got != want {
		ts.Fatalf("%s was visited %d times, want %d", args[0], got, want)
	}
}

// visitsTo are the requests to a publisher, but for those for its robots.txt.
func visitsTo(p *sourcetest.Publisher) []sourcetest.Request {
	return slices.DeleteFunc(p.Requests(), func(r sourcetest.Request) bool { return r.Path == "/robots.txt" })
}

func agent(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: agent NAME REGEXP")
	}
	all := visitsTo(publisher(ts, args[0]))
	if got := all[len(all)-1].Header.Get("User-Agent"); !regexp.MustCompile(args[1]).MatchString(got) {
		ts.Fatalf("%s was last visited by %q, want a match of %s", args[0], got, args[1])
	}
}

func sendSignal(ts *testscript.TestScript, _ bool, args []string) {
	for _, c := range ts.BackgroundCmds() {
		if c.ProcessState == nil {
			ts.Check(c.Process.Signal(map[string]os.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}[args[0]]))
		}
	}
}

// ports hands out ports, each once. A system gives higher ports to programs that ask for any, so none of these is taken
// before the command listens on it.
type ports struct{ next atomic.Int32 }

const lowestPort, portsInAll = 10_000, 20_000

func newPorts() *ports {
	p := new(ports)
	p.next.Store(rand.Int32N(portsInAll)) // another run of these tests may be under way
	return p
}

func (p *ports) free(ts *testscript.TestScript, _ bool, args []string) {
	port, err := p.take(context.Background())
	ts.Check(err)
	ts.Setenv(args[0], port)
}

// take returns a port of the loopback interface that is free.
func (p *ports) take(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	for range 100 {
		port := strconv.Itoa(int(lowestPort + p.next.Add(1)%portsInAll))
		if l, err := lc.Listen(ctx, "tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	return "", errors.New("no port is free")
}

func occupy(ts *testscript.TestScript, _ bool, args []string) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
}

func startRedis(ts *testscript.TestScript, _ bool, args []string) {
	all := ts.Value(redisKey).(map[string]*redistest.Server)
	switch {
	case len(args) == 1:
		server := redistest.Start(ts.Value(testKey).(testing.TB), redistest.Options{AppendOnly: true})
		all[args[0]] = server
		ts.Setenv(args[0], server.URL())
	case len(args) == 2 && all[args[0]] != nil && args[1] == "stop":
		all[args[0]].Kill()
	case len(args) == 2 && all[args[0]] != nil && args[1] == "start":
		all[args[0]].Restart()
	case len(args) == 2 && all[args[0]] != nil && args[1] == "fill":
		all[args[0]].Fill()
	case len(args) == 2 && all[args[0]] != nil && args[1] == "drain":
		all[args[0]].Drain()
	default:
		ts.Fatalf("usage: redis NAME [stop|start|fill|drain]")
	}
}

// request asks once. The error says that there was no answer.
func request(ctx context.Context, method, address string, header http.Header) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, nil, err
	}
	if header != nil {
		r.Header = header
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return response, b, err
}

func get(method string) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		header, args := fields(args)
		header.Set("Accept-Encoding", cmp.Or(header.Get("Accept-Encoding"), "identity"))
		ctx, cancel := context.WithTimeout(context.Background(), atMost)
		defer cancel()
		response, b, err := request(ctx, method, args[0], header)
		if neg {
			if err == nil {
				ts.Fatalf("%s answers %s", args[0], response.Status)
			}
			return
		}
		ts.Check(err)
		fmt.Fprintf(ts.Stdout(), "%s\n", response.Status)
		var keys []string
		for k := range response.Header {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			fmt.Fprintf(ts.Stdout(), "%s: %s\n", k, strings.Join(response.Header[k], ", "))
		}
		fmt.Fprintf(ts.Stdout(), "\n%s\n", b)
		ts.Setenv("ETAG", response.Header.Get("ETag"))
	}
}

// fields are the header fields that arguments begin with, and the rest of these.
func fields(args []string) (http.Header, []string) {
	header := http.Header{}
	for len(args) > 1 && args[0] == "-H" {
		k, v, _ := strings.Cut(args[1], ":")
		header.Set(k, strings.TrimSpace(v))
		args = args[2:]
	}
	return header, args
}

func secret(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

func body(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	response, b, err := request(ctx, http.MethodGet, args[0], nil)
	ts.Check(err)
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s answers %s: %s", args[0], response.Status, b)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o600))
}

func eventually(ts *testscript.TestScript, neg bool, args []string) {
	want := regexp.MustCompile(args[0])
	header, args := fields(args[1:])
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	var last []byte
	for ctx.Err() == nil {
		response, b, err := request(ctx, http.MethodGet, args[0], header)
		if err == nil && response.StatusCode == http.StatusOK && want.Match(b) != neg {
			return
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			b = []byte(err.Error())
		}
		last = b
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	ts.Fatalf("%s: match of %s stayed %v; last:\n%.4000s", args[0], want, neg, last)
}

func becomes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: becomes CODE URL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	last := ""
	for ctx.Err() == nil {
		response, _, err := request(ctx, http.MethodGet, args[1], nil)
		if err != nil {
			last = err.Error()
		} else if last = strconv.Itoa(response.StatusCode); last == args[0] {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	ts.Fatalf("%s stayed %s, want %s", args[1], last, args[0])
}

func unmodified(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	for ctx.Err() == nil {
		whole, _, err := request(ctx, http.MethodGet, args[0], nil)
		ts.Check(err)
		again, _, err := request(ctx, http.MethodGet, args[0], http.Header{"If-Modified-Since": {whole.Header.Get("Last-Modified")}})
		ts.Check(err)
		if again.StatusCode == http.StatusNotModified {
			return
		}
	}
	ts.Fatalf("%s never answered 304 to its own Last-Modified", args[0])
}

func ageless(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	for ctx.Err() == nil {
		response, _, err := request(ctx, http.MethodGet, args[0], nil)
		if err == nil && response.StatusCode == http.StatusOK && response.Header.Get("Age") == "" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s never answered without an Age", args[0])
}

func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: says REGEXP ARG…")
	}
	want := regexp.MustCompile("(?m)" + args[0])
	last := ""
	for deadline := time.Now().Add(atMost); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		ts.Check(ts.Exec("newswire", args[1:]...))
		if last = ts.ReadFile("stdout"); want.MatchString(last) {
			return
		}
	}
	ts.Fatalf("newswire %s never said %s; last:\n%s", strings.Join(args[1:], " "), want, last)
}
