SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run sam-local runner installed test engines processes browser race fuzz bench lint contract sam-validate sam-build render deploy bootstrap clean

STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
MODULES     := . infra/local infra/browser
ARCH        ?= arm64
CONFIG      ?= default

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 14

run: installed runner ## build and start the whole stack on this machine (PORT, S3_PORT, LATCHKEY_DATA; ENGINES=0)
	@exec bin/latchkey-local

sam-local: runner ## the same, with the functions in Lambda's containers (SAM CLI, Docker; PORT, S3_PORT, ARGS)
	@exec infra/local/sam-local $(ARGS)

runner:
	@mkdir -p bin; [ -x bin/latchkey-local ] || echo "Building. The first build compiles a whole S3 server and takes some minutes; each package is named as it is done."
	@cd infra/local && go build -v -o ../../bin/latchkey-local . && echo "Built bin/latchkey-local."

installed: # what the engines work with, on Debian and Ubuntu as root
	@infra/local/install-engines || true

test: installed runner ## run every test that needs Go alone, then drive the local stack end to end (ENGINES=0)
	go test $$(go list ./... | grep -v /infra/e2e)
	cd infra/local && go test ./...
	go test -count=1 ./infra/e2e/...

engines: installed runner ## test what transcribes, translates and renders, then tell the stories of real speech
	go test -timeout 20m -tags engines ./shared/engine/...
	cd infra/e2e && go test -count=1 -tags engines -run '^TestEngines'

processes: ## drive what sam build makes, each function a process, and compare what it uses with its rights (AWS_ENDPOINT_URL_DYNAMODB)
	$(MAKE) sam-build ARCH=$$(uname -m | sed 's/aarch64/arm64/')
	LATCHKEY_FUNCTIONS=.aws-sam/build go test -count=1 ./infra/e2e/...

browser: runner ## drive the page of a document in Chromium (needs it and npm; SHOTS=folder keeps pictures)
	@[ -f bin/axe.min.js ] || { npm pack --silent --pack-destination bin axe-core@4.11.1; tar -xzOf bin/axe-core-4.11.1.tgz package/axe.min.js >bin/axe.min.js; }
	cd infra/browser && SHOTS="$(abspath $(SHOTS))" go test -count=1 ./...

race: ## run the tests of shared and functions under the race detector (RACE=packages)
	go test -race $(or $(RACE),./shared/... ./functions/...)

fuzz: ## fuzz every decoder of foreign input in turn (FUZZTIME=10s, or 5000x)
	@grep -rlE --include='*_test.go' '^func Fuzz' . | sort | while read -r f; do \
	  for t in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$f); do \
	    echo "== $$f $$t"; (cd $$(dirname $$f) && go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(or $(FUZZTIME),10s) . < /dev/null); done; done

bench: ## run the benchmarks: the hot path and the cold start
	go test -run '^$$' -bench . -benchmem -benchtime $(or $(BENCHTIME),1s) ./shared/... ./infra/bench/...

lint: ## check format, vet and staticcheck in both modules
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	@for m in $(MODULES); do echo "== $$m"; (cd $$m && go vet ./... && $(STATICCHECK) ./...); done

contract: ## list the rows of finished dialects that no test names
	go run ./infra/contract

sam-validate: ## check template.yaml (needs SAM CLI and cfn-lint)
	sam validate --lint && cfn-lint template.yaml functions/render/template.yaml

sam-build: ## build the functions for AWS (ARCH=arm64 or x86_64)
	sam build --config-env $(CONFIG) --parameter-overrides Architecture=$(ARCH)

render: ## build functions/render's container image (ARCH, BASE=a Debian image, ARGS=docker build's)
	CGO_ENABLED=0 GOOS=linux GOARCH=$(subst x86_64,amd64,$(ARCH)) go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o functions/render/bootstrap ./functions/render
	docker build --platform linux/$(subst x86_64,amd64,$(ARCH)) $(if $(BASE),--build-arg BASE=$(BASE)) -t latchkey-render $(ARGS) functions/render

deploy: ## build and deploy to AWS (CONFIG=default, staging or prod; ARGS=--guided the first time)
	sam build --config-env $(CONFIG) && sam deploy --config-env $(CONFIG) $(ARGS)

bootstrap: ## make the first organization and print its key (STACK, ORGANIZATION, EMAIL)
	go run ./infra/bootstrap -stack "$(or $(STACK),latchkey)" -organization "$(ORGANIZATION)" -email "$(EMAIL)"

clean: ## remove what was built, not the data of make run
	rm -rf bin .aws-sam

# SAM calls this with ARTIFACTS_DIR and nothing else. Before it builds all, it
# writes the architecture resolved from template.yaml's parameter to build.toml;
# the binary is made for that one and read back. When it builds one by name the
# file is an old one, and what it says may be wrong.
# samconfig.toml lies beside the binary because SAM publishes a version when the
# code changes and not when a parameter does: so a parameter set there reaches the alias.
build-%Function:
	@toml="$(ARTIFACTS_DIR)/../../build.toml" stamp="$(ARTIFACTS_DIR)/../../built-$*"; \
	[ "$$toml" -nt "$$stamp" ] || { echo "build all functions: of one alone, SAM does not tell the architecture" >&2; exit 1; }; \
	arch=$$(sed -nE 's/^architecture = "(.*)"/\1/p' "$$toml" | sort -u); \
	case "$$arch" in arm64) go=arm64 elf=b700;; x86_64) go=amd64 elf=3e00;; *) echo "no single architecture in build.toml: '$$arch'" >&2; exit 1;; esac; \
	CGO_ENABLED=0 GOOS=linux GOARCH=$$go go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$$(echo $* | tr '[:upper:]' '[:lower:]'); \
	got=$$(od -An -tx1 -j18 -N2 "$(ARTIFACTS_DIR)/bootstrap" | tr -d ' '); \
	[ "$$got" = "$$elf" ] || { echo "$* is built for ELF machine $$got, not $$arch" >&2; exit 1; }; \
	cp samconfig.toml "$(ARTIFACTS_DIR)/"; touch "$$stamp"
