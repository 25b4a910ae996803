# newswire's gate and chores; plain `make` says what there is. Go, git and a shell are enough: `make test` installs the
# rest, or says what it could not install.

GO   ?= go
TOOL := $(GO) tool -modfile=tools/go.mod

# Everything is compiled once, with the race detector, and shared by vet, staticcheck and all tests: SQLite alone takes
# longer to compile than the tests take to run.
#
# But not what SQLite is made of, C that was turned into Go: its memory is not Go's, so the race detector cannot see it, and
# with each access checked the tests took three times as long. The SQLite driver, where the goroutines are, is checked.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false

# go test's own lines, and at the end a count of what passed, failed and was skipped, with the reason of each skip.
GOTEST := $(TOOL) gotestsum --format standard-quiet --

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BENCH    ?= .
COUNT    ?= 6
FEEDS    ?= 1000
ROUNDS   ?= 5
CHANGES  ?= 1000000
AUTHORS  ?= 100000
LASTS    ?= 10m
RATE     ?= 200
SIZES    ?= 10000:500,100000:5000
FUZZTIME ?= 10s

# The tests that run the whole command, publisher to reader.
E2E := ^TestScript

# The simulation of thirty days of visits.
DAYS := ^TestThirtyVirtualDays

# Not in tools/go.mod: it takes minutes to compile, and its linters are only tested with the versions of its own go.mod.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: help test needs format vet staticcheck race days kills e2e lint bench visits serving push growth start changes replicas withdrawal memory browser pictures fuzz cover build clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The steps go from the quickest to the slowest, one after the other even under make -j: they share two cores badly.
test: ## the whole gate, the same that CI runs
	@$(MAKE) --no-print-directory -j1 needs format vet staticcheck race days e2e
	@echo "make test: passed. Ran: gofumpt, go vet, staticcheck, every test with -race (with Redis and Redis Cluster), thirty virtual days, end to end."
	@echo "make test: left out: tests listed above under \"Skipped\", if any; make lint, make bench, make fuzz."

needs: ## install what the gate lacks, where it may: a C compiler, redis-server, feedparser, SimplePie
	@tools/needs

format: ## check that gofumpt would change nothing
	@echo "gofumpt -l ."
	@files=$$($(TOOL) gofumpt -l .) && if [ -n "$$files" ]; then echo "not formatted; run gofumpt -w on:" $$files >&2; exit 1; fi

vet: ## go vet
	$(GO) vet $(RACE) ./...

staticcheck: ## staticcheck, with all of its checks
	@echo staticcheck -checks all ./...
	@staticcheck=$$($(TOOL) -n staticcheck) && GOFLAGS="$$($(GO) env GOFLAGS) $(RACE)" "$$staticcheck" -checks all ./...

# NEWSWIRE_REQUIRE_… makes a test that lacks redis-server, or a program that reads feeds, fail; plain go test skips it
# and says so.
race: export NEWSWIRE_REQUIRE_REDIS = 1
race: export NEWSWIRE_REQUIRE_READERS = 1
# Random cases, other ones in each run; go test alone tries 100.
race: export RAPID_CHECKS = 40
race: ## all tests but the end-to-end ones, under the race detector, with real Redis servers
	$(GOTEST) $(RACE) -timeout 20m -skip '$(E2E)|$(DAYS)' ./...

# The race detector would make minutes of this; all other runs of sources' tests live through two days.
days: export NEWSWIRE_THIRTY_DAYS = 1
days: ## thirty virtual days of visits to every kind of publisher, with a referee
	@$(GO) test -list '$(DAYS)' ./sources | grep -q '$(DAYS)' || { echo "no thirty days in sources" >&2; exit 1; }
	$(GO) test -count 1 -run '$(DAYS)' -v ./sources

# The gate has five of each.
kills: export NEWSWIRE_KILLS = 100
kills: export NEWSWIRE_REQUIRE_REDIS = 1
kills: ## kill -9 a hundred times at work on SQLite, Redis and a Cluster, and compare with a ledger kept outside
	$(GO) test -count 1 -run 'Killed$$' -v -timeout 60m ./cache/sqlitecache ./cache/rediscache

# A pattern that matches nothing would pass, so the names are asked for first.
e2e: export NEWSWIRE_REQUIRE_REDIS = 1
e2e: ## the whole command, publisher to reader
	@$(GO) test $(RACE) -list '$(E2E)' ./cmd/newswire | grep -q '$(E2E)' || { echo "no end-to-end tests in cmd/newswire" >&2; exit 1; }
	$(GOTEST) $(RACE) -timeout 15m -run '$(E2E)' ./cmd/newswire

lint: ## golangci-lint and go.mod's tidiness; the first run takes minutes
	$(GO) mod tidy -diff
	$(GO) run $(GOLANGCI) run ./...

bench: visits serving ## benchmarks, COUNT times each, summed up by benchstat; BENCH=regexp chooses; first, what a visit and what a request costs
	@mkdir -p bin
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./... | tee bin/bench.txt
	$(TOOL) benchstat bin/bench.txt

visits: ## CPU of visits to FEEDS publishers on loopback, side by side with net/http and gofeed alone (Linux)
	$(GO) run ./bench/visits -feeds $(FEEDS) -rounds $(ROUNDS)

serving: ## CPU of requests for a feed on loopback, side by side with bare net/http and nginx (Linux, wrk, nginx)
	$(GO) run ./bench/serve

push: ## how soon and at what CPU the hub tells thousands of subscribers on loopback, beside a bare net/http client (Linux)
	$(GO) run ./bench/push

start: ## what a config of 100,000 sources costs: check, start, reload, the list of its sources, the service at rest (Linux)
	$(GO) run ./bench/start

# The gate has a thousand of each.
changes: export NEWSWIRE_CHANGES = $(CHANGES)
changes: export NEWSWIRE_REQUIRE_REDIS = 1
growth: ## what reading, writing and answering cost at 10,000 and 100,000 articles, side by side (Linux); SIZES=articles:sources,…
	$(GO) run ./bench/growth -sizes $(SIZES)

changes: ## CHANGES changes that three clients of the API follow on SQLite, Redis and a Cluster, while newswire is killed and servers fail; a quarter to half an hour for a million on each
	$(GO) test -count 1 -timeout 3h -run '^TestThreeClients' -v ./cmd/newswire

# The gate has three processes, and each disturbance once.
replicas: export NEWSWIRE_REPLICAS = $(LASTS)
replicas: export NEWSWIRE_REPLICAS_RATE = $(RATE)
replicas: export NEWSWIRE_REQUIRE_REDIS = 1
replicas: ## what a visit costs where 1 to 10 processes share Redis or a Cluster, RATE a second; then five of each for LASTS, three of them with a wrong clock, while they are killed, frozen and cut off and the store fails, with a referee at the publishers'
	$(GO) test -count 1 -timeout 3h -run '^TestReplicas' -v ./cmd/newswire

withdrawal: export NEWSWIRE_WITHDRAWAL = 1
withdrawal: export NEWSWIRE_REQUIRE_REDIS = 1
withdrawal: ## how long a withdrawal takes to each way out, and to subscribers that were away, on SQLite, Redis and a Cluster
	$(GO) test -count 1 -run '^TestWithdrawalReaches' -v ./cmd/newswire

memory: export NEWSWIRE_AUTHORS = $(AUTHORS)
memory: ## the feeds of AUTHORS authors, variants and reloads at once, within 256 MB; a quarter of an hour
	$(GO) test -count 1 -timeout 3h -run '^TestTheProcessStaysWithinItsMemory' -v ./cmd/newswire

# In a module of its own: what drives a browser takes longer to compile than the service.
browser: ## people's ways through the pages and the console, in Chromium, with the real command
	cd browser && $(GO) test -count 1 -timeout 15m .

pictures: ## the pictures of the demo that README shows, again
	cd browser && $(GO) test -count 1 -run '^TestPictures' . -pictures ../docs/pictures

fuzz: ## every fuzz target for FUZZTIME
	@grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		for target in $$($(GO) test -list '^Fuzz' "$$dir" | grep '^Fuzz'); do \
			echo "$$dir $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$dir" || exit 1; \
		done; \
	done

cover: ## statement coverage by package, and bin/cover.html
	@mkdir -p bin
	$(GO) test -coverprofile bin/cover.out -coverpkg ./... ./...
	$(GO) tool cover -func bin/cover.out | tail -n 1
	$(GO) tool cover -html bin/cover.out -o bin/cover.html

build: ## bin/newswire, static
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/newswire ./cmd/newswire

clean: ## remove bin
	rm -rf bin
