# The front door. `make` alone lists the targets. Needs Python ≥ 3.11 with venv; uses `uv` when it is there.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8420
DATA ?= data
WORKERS ?= 2
LOCKS := requirements/embedded.txt requirements/distributed.txt requirements/dev.txt

##@ Use
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.embedded ## The embedded desk with the demo press, on http://127.0.0.1:$(PORT) (PORT=, DATA=)
	@$(BIN)/tocsin run --demo --starter --data "$(DATA)" --port "$(PORT)"

##@ Develop
setup: .venv/.dev ## Make .venv with everything that tests and development need

test: .venv/.dev ## Every test; those whose server, Chromium or gold data is not to be had skip with the reason
	@$(BIN)/pytest tests

check: .venv/.dev ## Format, lint, types, import contracts, words, unit tests: under a minute
	@$(BIN)/ruff format --check -q . || { echo "run: make fmt"; exit 1; }
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports > .lint-imports.log 2>&1 && rm -f .lint-imports.log || { cat .lint-imports.log; exit 1; }
	@$(BIN)/python -m tocsin_schemas schemas --check
	@$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md docs services/README.md schemas/README.md services/tocsin/api/web
	@$(BIN)/pytest tests/unit tests/architecture -n $(WORKERS) -m "not slow and not browser"

servers: .venv/.dev ## A real Kafka and Elasticsearch on loopback, data kept; prints the lines that point a desk at them
	@PYTHONPATH=tests $(BIN)/python -m support.servers start

servers-stop: .venv/.dev ## End both (data stays in TOCSIN_SERVERS_DATA, else .servers)
	@PYTHONPATH=tests $(BIN)/python -m support.servers stop

compose-test: .venv/.dev ## docker-compose.yml itself, up to an alert, a restart and down; says so where it cannot run
	@PYTHONPATH=tests $(BIN)/python -m support.compose_run

fmt: .venv/.dev ## Format and mend what can be mended
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check --fix .

bench: .venv/.dev ## Side-by-side figures of one run, as a table and as bench.json
	@$(BIN)/python tests/benchmarks/run.py --json bench.json

quality: .venv/.dev ## Quality on the gold data (TOCSIN_GOLD, else ../shared/gold), dev and test
	@$(BIN)/python tests/benchmarks/quality.py

schemas: .venv/.dev ## Generate schemas/README.md and schemas/json from the contracts
	@$(BIN)/python -m tocsin_schemas schemas

docs: .venv/.dev ## Generate docs/reference from settings, metrics, topology and commands
	@$(BIN)/python tests/support/reference_docs.py docs/reference

kibana: .venv/.dev ## Generate deploy/kibana/tocsin.ndjson from the views, searches and dashboard in code
	@$(BIN)/python -m tocsin.adapters.kibana.objects > deploy/kibana/tocsin.ndjson

lock: ## Resolve requirements anew, hash-pinned, without addresses (needs uv)
	uv pip compile $(LOCK_FLAGS) --extra distributed --extra chat --group dev --group build pyproject.toml -o requirements/dev.txt
	uv pip compile $(LOCK_FLAGS) -c requirements/dev.txt --group build pyproject.toml -o requirements/embedded.txt
	uv pip compile $(LOCK_FLAGS) --extra distributed -c requirements/dev.txt --group build pyproject.toml -o requirements/distributed.txt
LOCK_FLAGS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q

clean: ## Remove .venv and caches (data stays)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# One recipe for both sets: a dev environment serves `make run` too, so it is never taken apart again.
.venv/.embedded: pyproject.toml requirements/embedded.txt
	@if [ -f .venv/.dev ]; then $(MAKE) -s .venv/.dev && touch $@; else $(call install,embedded) && touch $@; fi

.venv/.dev: pyproject.toml requirements/dev.txt
	@$(call install,dev)
	@touch $@ .venv/.embedded

define install
{ [ -x $(BIN)/python ] || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed (PYTHON=/path/to/python3.11 make …)"; exit 1; }; } \
&& { [ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 1; }; } \
&& echo "installing requirements/$(1).txt into .venv …" \
&& if command -v uv >/dev/null 2>&1; then \
     uv pip install -q --python $(BIN)/python --require-hashes -r requirements/$(1).txt; \
   else $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/$(1).txt; fi \
&& PYTHONPATH= $(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

.PHONY: help run setup test check servers servers-stop compose-test fmt bench quality schemas docs kibana lock clean
