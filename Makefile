# `make` lists what there is. Every target builds one profile into one directory outside the checkout.

export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/underpin/target

UNDERPIN := $(CARGO_TARGET_DIR)/debug/underpin
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund
# What the console is made of; a change in any of it builds it anew.
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/e2e/*' -not -name '*.test.*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build server sabotage console postgres test test-rust test-web test-api test-browser prove audit check gen bench fmt
.NOTPARALLEL:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build postgres ## build, then run the whole platform on this machine (ARGS="--listen 127.0.0.1:0 ...")
	@$(UNDERPIN) dev $(ARGS)

build: console server ## build the console and the server

server:
	@tools/need cargo
	cargo build --locked -p underpin-server

sabotage: server
	cargo build --locked -p underpin-sabotage

console: web/dist/.built

web/node_modules/.installed: web/package.json web/package-lock.json
	@tools/need node npm
	$(NPM_CI) --prefix web
	@touch $@

web/dist/.built: web/node_modules/.installed $(WEB_SOURCES)
	npm --prefix web run build
	@touch $@

# A Postgres of our own, where the machine has none.
postgres:
	@tools/bring-postgres

test: ## install what the tests need, then run every test
	@tools/bring-test-tools
	@$(MAKE) --no-print-directory build postgres test-rust test-web test-api test-browser

test-rust: ## the tests of the Rust crates, examples in their documentation among them
	@tools/test-rust

test-web: web/node_modules/.installed ## the tests of the console
	npm --prefix web run test

test-api: build postgres ## everything that the OpenAPI document allows and forbids, asked of a running platform
	@tools/test-api

test-browser: build postgres ## the console in a browser, against a running platform
	@tools/test-browser
	@tools/test-guide

prove: build sabotage postgres ## see every check of the audit fail on a server with its fault, and write proof.json
	@$(CARGO_TARGET_DIR)/debug/underpin-sabotage prove --program $(UNDERPIN) --out $(CARGO_TARGET_DIR)/proof.json $(ARGS)

audit: build sabotage postgres ## ask a running platform whether it keeps its promises; proves the checks first if need be
	@tools/audit $(ARGS)

check: ## what CI checks beside the tests: format, lints, rules, licences, documentation
	@tools/check

fmt: ## format the Rust sources
	cargo fmt --all

gen: web/node_modules/.installed server ## generate the OpenAPI document and the TypeScript client
	$(UNDERPIN) openapi > web/openapi.json
	npm --prefix web run gen

bench: ## measure; figures go to bench/results
	cargo run --locked -p underpin-bench -- $(ARGS)
