# Two commands are enough: `make run` and `make test`. Both do all of their set-up, and do it once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
ASSETS := frontend/static/built/manifest.json
PYTEST_ARGS ?= --numprocesses=auto --maxprocesses=4 --dist=loadfile

.PHONY: run test check fuzz relevance bench assets lock services clean help

help:  ## List what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

run: $(RUNTIME) $(ASSETS)  ## Set up, harvest the demonstration custodians, serve http://127.0.0.1:8000
	@$(BIN)/gateway demo

test: check services $(ASSETS)  ## Set up, run every check and test
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(DEV)  ## Lint, types, and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fuzz: services $(ASSETS) $(DEV)  ## Ask every search engine 10,000 queries made to break it
	@GATEWAY_TEST_QUERIES=10000 $(BIN)/python -m pytest tests/journeys/test_search_anything.py

relevance: $(DEV)  ## How well search ranks: nDCG@10 over judged queries
	@$(BIN)/python -m benchmarks.relevance

bench: $(DEV)  ## Ratios of speed, recorded in benchmarks/results
	@$(BIN)/python -m benchmarks.harvest
	@$(BIN)/python -m benchmarks.search
	@$(BIN)/python -m benchmarks.records
	@$(BIN)/python -m benchmarks.servers
	@$(BIN)/python -m benchmarks.reading
	@$(BIN)/python -m benchmarks.linked_data
	@$(BIN)/python -m benchmarks.together
	@$(BIN)/python -m benchmarks.push
	@$(BIN)/python -m benchmarks.accounts
	@$(BIN)/python -m benchmarks.requests
	@$(BIN)/python -m benchmarks.painting

assets: $(ASSETS)  ## Build the static files

services:  ## Install what tests use and the machine lacks
	@sh tests/services.sh

lock:  ## Work out requirements*.txt anew from pyproject.toml
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --extra assets --extra build --output-file requirements.txt
	@$(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --extra assets --extra build --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt

clean:  ## Remove what was built and installed here; data stay
	@rm -rf $(VENV) frontend/static/built frontend/node_modules .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; PYTHON=python3.12 make … chooses one."; exit 1; }
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the gateway needs"
	@$(PIP) install --quiet --require-hashes --requirement requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing what the tests need"
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

$(ASSETS): frontend/app.scss frontend/_tokens.scss frontend/app.js frontend/assets.py frontend/package-lock.json $(RUNTIME)
	@$(BIN)/python -m frontend.assets
	@touch $@
