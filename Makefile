# What people run. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CARGO ?= cargo
PORT ?= 8080

.PHONY: help demo dist test prove fuzz lint fmt check bench bench-built bench-quick bench-parts schemas needs

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

needs: ## install what the build needs and the machine lacks (cmake)
	@scripts/needs build

demo: needs ## the façade on 127.0.0.1:$(PORT), with the embedded legacy systems
	@echo "building for release; the first time takes about a quarter of an hour on two cores"
	@$(CARGO) build --release
	@PORT=$(PORT) target/release/portico demo --tokens target/demo-tokens.json

dist: needs ## the program as it is installed: target/dist/portico, in half an hour the first time
	@scripts/needs dist && CARGO="$(CARGO)" scripts/dist

test: needs ## all tests; a PostgreSQL is started where PORTICO_TEST_POSTGRES names none
	@scripts/needs test && scripts/with-postgres $(CARGO) test --lib --bin portico --test main

prove: needs ## proofs that take long: 50,000 requests through an exchange, and more
	@$(CARGO) build --release
	@scripts/needs test && PORTICO_PROVE=1 scripts/with-postgres $(CARGO) test --release --test main -- --include-ignored
	@scripts/with-postgres $(CARGO) bench --bench resilience -- faults overload

fuzz: needs ## the fuzz targets for long: SECONDS of each of TARGETS (600, all)
	@scripts/fuzz $(or $(SECONDS),600) $(TARGETS)

lint: ## formatting and lints
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets --quiet -- -D warnings

fmt: ## format the code
	$(CARGO) fmt

check: ## prove the project's own mapping files
	$(CARGO) run --quiet -- check

# The façade as it is installed, and what it is compared with.
bench-built: dist
	@scripts/needs bench
	@$(CARGO) build --profile dist --quiet -p portico-compare

bench: bench-built ## the façade beside nginx, Rust and Node.js by hand: tables and plots into docs/performance.md, in half an hour once built
	@scripts/with-postgres target/dist/portico-compare all

bench-quick: bench-built ## the same in short: some workloads, once built in under five minutes, nothing written
	@target/dist/portico-compare quick

bench-parts: ## the benches without a socket: translation, the road, compiling
	$(CARGO) bench

schemas: ## write the JSON Schemas of our own files
	$(CARGO) run --quiet -- schemas
