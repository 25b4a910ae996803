package main

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// rateVariable is the environment variable that says how many visits a second are offered to processes whose cost is measured.
const rateVariable = "NEWSWIRE_REPLICAS_RATE"

// TestReplicasCost measures what a visit costs where 1, 2, 5 and 10 processes share a store, and how late it is. All of it is
// answered 304. It asserts nothing of time.
func TestReplicasCost(t *testing.T) {
	rate, err := strconv.Atoi(os.Getenv(rateVariable))
	if err != nil {
		t.Skipf("%s is not set; make replicas sets it", rateVariable)
	}
	for _, kind := range []string{"redis", "cluster"} {
		for _, n := range []int{1, 2, 5, 10} {
			t.Run(fmt.Sprintf("%s, %d processes", kind, n), func(t *testing.T) {
				var servers []*redistest.Server
				f := &fleet{}
				if kind == "redis" {
					servers = []*redistest.Server{redistest.Start(t, redistest.Options{})}
					f.address = servers[0].URL()
				} else {
					c := redistest.StartReplicatedCluster(t, redistest.Options{})
					servers, f.address = c.Nodes, c.URL()
				}
				f.measure(t, n, rate, servers)
			})
		}
	}
}

// measured is for how long the cost is measured.
const measured = 20 * time.Second

// measure has so many processes visit so many sources a second.
func (f *fleet) measure(t *testing.T, n, rate int, servers []*redistest.Server) {
	const every = 10 * time.Second
	count := rate * int(every/time.Second)
	f.press = newPress(t, count, every, time.Hour, plain, plain)
	f.begin(t, n, f.press.lines())
	f.settle(t, 2*count)
	f.press.visited()
	began, cpu, served := time.Now(), f.cpu(t), serversCPU(t, servers)
	time.Sleep(measured)
	took, cpu, served := time.Since(began), f.cpu(t)-cpu, serversCPU(t, servers)-served
	visits, delays := f.press.visited(0.5, 0.95)
	f.press.judge(t)
	each := func(seconds float64) float64 { return math.Round(seconds/float64(visits)*1e6) / 1e3 }
	t.Logf("offered %d a second: %.0f visits a second, %v ms of CPU each, and %v ms of the servers; from due to visited: 50 %%, 95 %% within %v",
		rate, float64(visits)/took.Seconds(), each(cpu), each(served), delays)
}

// settle waits for so many requests, for as long as there are more.
func (f *fleet) settle(t *testing.T, requests int) {
	t.Helper()
	for n := f.press.Requests(); n < requests; n = f.press.Requests() {
		eventuallyIs(t, "sources are visited", func() bool { return f.press.Requests() > n })
	}
}

var cpuSeconds = regexp.MustCompile(`(?m)^process_cpu_seconds_total (\S+)`)

// cpu is the CPU time that the processes have taken, in seconds.
func (f *fleet) cpu(t *testing.T) (total float64) {
	t.Helper()
	for _, s := range f.all {
		_, body, err := request(t.Context(), http.MethodGet, s.admin+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		m := cpuSeconds.FindSubmatch(body)
		if m == nil {
			t.Fatalf("no CPU time in the metrics of %s", s.admin)
		}
		seconds, err := strconv.ParseFloat(string(m[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		total += seconds
	}
	return total
}

// serversCPU is that of servers of the store.
func serversCPU(t *testing.T, servers []*redistest.Server) (total float64) {
	t.Helper()
	for _, s := range servers {
		c := redis.NewClient(&redis.Options{Addr: s.Addr})
		info, err := c.Info(t.Context(), "cpu").Result()
		_ = c.Close()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(info) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if key == "used_cpu_user" || key == "used_cpu_sys" {
				seconds, err := strconv.ParseFloat(value, 64)
				if err != nil {
					t.Fatal(err)
				}
				total += seconds
			}
		}
	}
	return total
}
