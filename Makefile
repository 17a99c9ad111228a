# make demo   the main job on a simulated chain of stores, with a page to look at
# make test   all tests, on the embedded servers and on a real Apache Kafka
# Both fetch what they need. They want Go 1.26, Java 17 with Maven, and Node.js with npm; the tests Python 3.11 with venv too.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
GO ?= go
BIN := bin/csatflow
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
ZIZMOR := 1.32.0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help build demo test race vet lint page-check page-fix lighthouse tracked vuln fuzz realclickhouse replicas golden readme simulation chaos-short chaos slow soak bench gobench compare tools clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: $(BIN) ## bin/csatflow

$(BIN): $(shell find cmd pipeline sinks schemas deploy -name node_modules -prune -o \( -name '*.go' -o -name '*.sql' -o -name '*.tmpl' -o -name '*.json' -o -name '*.yaml' -o -path '*sinks/web/page/*' \) -type f -print) go.mod go.sum
	$(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o $@ ./cmd/csatflow

demo: build ## the demo: page on http://127.0.0.1:8080/
	$(BIN) demo $(DEMO)

test: tools ## all tests
	$(GO) test -timeout 45m ./...

tools: # Prometheus and Alertmanager check the rules and carry an alert in the tests, Chromium opens the page, a Python environment holds plspm, which pipeline/pls is compared with; elsewhere than on Debian install them by hand
	@{ command -v promtool && command -v prometheus-alertmanager; } >/dev/null || if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "installing Prometheus and Alertmanager (Debian packages)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends prometheus prometheus-alertmanager >/dev/null; \
	else echo "Prometheus or Alertmanager is not here: the rules are not checked (install both)"; fi
	@command -v chromium chromium-browser google-chrome >/dev/null || if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "installing Chromium and a Chinese font (Debian packages)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-wqy-zenhei >/dev/null; \
	else echo "Chromium is not here: the tests of the page fail (install it)"; fi
	@python3 -c 'import ensurepip' 2>/dev/null || if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "installing Python's venv (Debian package python3-venv)"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >/dev/null; \
	else echo "Python 3 with venv is not here: the comparison with plspm fails (install Debian's python3-venv)"; fi

# Each command gets a server of its own, and fails if it inserted nothing there.
ON_CLICKHOUSE = bin/withclickhouse $(GO) test -count=1 -timeout 10m
realclickhouse: ## what ClickHouse must accept, on its own TCP and HTTP handlers in place of the front that the other tests use
	$(GO) build -o bin/withclickhouse ./deploy/trial/clickhouseserver/with
	$(ON_CLICKHOUSE) -short ./sinks/clickhouse
	$(ON_CLICKHOUSE) -short ./sinks/alert/watch ./sinks/alert/actions
	$(ON_CLICKHOUSE) ./sinks/insight/improvement
	$(ON_CLICKHOUSE) ./sinks/web/api
	$(ON_CLICKHOUSE) ./deploy/grafana
	$(ON_CLICKHOUSE) ./cmd/csatflow -short -run '^TestMainJob$$'
	CSATFLOW_TEST_CLIENTS=own $(GO) test -count=1 ./deploy/local/clients

replicas: ## three replicas of ClickHouse's own on a real ZooKeeper, of which some lag and some are killed
	CSATFLOW_TEST_REPLICAS=1 $(GO) test -count=1 -timeout 10m ./deploy/trial/clickhouseserver ./cmd/csatflow -run '^(TestThreeReplicasHaveTheSameRows|TestAKilledWriterAndLaggingReplicasLoseNothing|TestCheckSaysWhatAClusterLacks)$$'

golden: ## a fixed feed makes the same rows, views, answers and reports as before
	CSATFLOW_TEST_GOLDEN=1 $(GO) test -count=1 -timeout 15m ./cmd/csatflow -run '^TestAFixedFeedMakesTheSameRowsAndAnswers$$'

readme: ## every command of the README, as it stands and in order
	CSATFLOW_TEST_README=1 $(GO) test -count=1 -timeout 15m ./cmd/csatflow -run '^TestEveryCommandOfTheREADMEWorksAsItStands$$'

race: ## the unit tests of the packages with goroutines under the race detector
	$(GO) test -race -short -timeout 20m $$(.ci/raced)

vet: ## go vet
	$(GO) vet ./...

lint: page-check ## golangci-lint, staticcheck, the page's own, and what is wrong with the workflows of continuous integration
	$(GO) run $(GOLANGCI) run ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) run $(ACTIONLINT)
	@[ -x bin/zizmor/bin/zizmor ] || { python3 -m venv bin/zizmor && bin/zizmor/bin/pip --quiet install zizmor==$(ZIZMOR); }
	bin/zizmor/bin/zizmor --offline --quiet .github/workflows

PAGE_TOOLS := sinks/web/tooling/node_modules/.package-lock.json
$(PAGE_TOOLS): sinks/web/tooling/package.json sinks/web/tooling/package-lock.json
	cd sinks/web/tooling && npm ci --no-audit --no-fund --loglevel=error

page-check: $(PAGE_TOOLS) ## layout (prettier), faults (eslint) and types (tsc) of the page's files
	cd sinks/web/tooling && npm run --silent check

page-fix: $(PAGE_TOOLS) ## lays the page's files out
	cd sinks/web/tooling && npm run --silent fix

lighthouse: $(PAGE_TOOLS) ## what Lighthouse says of the page on a phone and on a desktop, the median of three
	CSATFLOW_TEST_LIGHTHOUSE=1 $(GO) test -count=1 -timeout 20m ./sinks/web -run '^TestLighthouse$$' -v

tracked: ## executables and huge files in the repository
	.ci/tracked

vuln: ## known vulnerabilities of dependencies; where the database cannot be reached it says so, and on GitHub it fails
	@if $(GO) run $(GOVULNCHECK) ./...; then :; else code=$$?; [ $$code != 3 ] || exit 3; echo "govulncheck could not run (see above): the vulnerability database is not reachable from here"; [ -z "$$GITHUB_ACTIONS" ]; fi

# A number of inputs, not a time: a fuzz test whose time ends while an input runs is told as failed now and then.
FUZZ ?= 10000x
fuzz: ## each fuzz test with so many new inputs (FUZZ=10000x), or for a time (FUZZ=10m)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzResponseAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzComplaintAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzPurchaseAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzObservationAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzDepartureAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/event -run '^$$' -fuzz '^FuzzAskedAgreesWithSchema$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline -run '^$$' -fuzz '^FuzzTask$$' -fuzztime $(FUZZ) -fuzzminimizetime 100x
	$(GO) test ./pipeline/intake -run '^$$' -fuzz '^FuzzMap$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/intake/httpin -run '^$$' -fuzz '^FuzzBody$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/customer -run '^$$' -fuzz '^FuzzReadResponses$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/customer -run '^$$' -fuzz '^FuzzReadComplaints$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/customer -run '^$$' -fuzz '^FuzzReadPurchases$$' -fuzztime $(FUZZ)
	$(GO) test ./cmd/csatflow/config -run '^$$' -fuzz '^FuzzLoad$$' -fuzztime $(FUZZ)
	$(GO) test ./deploy/local/clickhouse -run '^$$' -fuzz '^FuzzReadBlock$$' -fuzztime $(FUZZ)
	$(GO) test ./deploy/local/clickhouse -run '^$$' -fuzz '^FuzzPackets$$' -fuzztime $(FUZZ)
	$(GO) test ./pipeline/kafka/recordbatch -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZ)
	$(GO) test ./schemas -run '^$$' -fuzz '^FuzzSchemas$$' -fuzztime $(FUZZ)
	$(GO) test ./sinks/web -run '^$$' -fuzz '^FuzzEndpoints$$' -fuzztime $(FUZZ)

SEEDS ?= 10000
simulation: ## crashes and faults by seed, on a simulated Kafka and ClickHouse (SEEDS=10000)
	CSATFLOW_TEST_SEEDS=$(SEEDS) $(GO) test ./pipeline -run '^(TestSimulation|TestACrashAtEveryCall|TestEachRuleIsNeeded|TestASeedIsTheSameRunEachTime)$$' -v -timeout 60m | grep -v -e '^ *---' -e '^==='

chaos-short: ## processes, servers, network and disk broken at random, some minutes
	CSATFLOW_TEST_CHAOS=short $(GO) test ./cmd/csatflow -run '^TestChaos$$' -v -timeout 20m

chaos: ## the same for about an hour
	CSATFLOW_TEST_CHAOS=long $(GO) test ./cmd/csatflow -run '^TestChaos$$' -v -timeout 4h

slow: ## tests that take too long for every time, of commands that change seldom
	CSATFLOW_TEST_SLOW=1 $(GO) test -count=1 -timeout 30m ./cmd/bench -run '^TestACurveIsATableAndAPlot$$'

SOAK ?= 30m
RATE ?= 5000
soak: ## a steady feed with ClickHouse away for a third of the time (SOAK=30m RATE=5000 events a second)
	CSATFLOW_TEST_SOAK=$(SOAK) CSATFLOW_TEST_RATE=$(RATE) $(GO) test ./cmd/csatflow -run '^TestSoak$$' -v -timeout 6h

N ?= 2060000
bench: ## what an event costs, on real Kafka and ClickHouse's engine, catching up and live, beside materialized views (N=2060000 events); go run ./cmd/bench --help for curves and peers
	$(GO) run ./cmd/bench run --events $(N)
	$(GO) run ./cmd/bench live

gobench: ## Go benchmarks of single stages
	$(GO) test -run '^$$' -bench . -benchmem ./pipeline/... ./sinks/... ./deploy/simulate/...

compare: ## Go benchmarks of the stages beside those of an earlier commit (BASE=commit COUNT=6)
	.ci/compare

clean: ## what was built
	rm -rf bin
