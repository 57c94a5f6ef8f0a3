# Needs git, make and Python 3.11 or newer with venv. Each command fetches what else it needs and works again at once
# the second time. The commands are listed in README.md.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
MAIL_PORT ?= 8025
VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
export PYTHONPATH := $(CURDIR)
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build build-offline check coverage test test-system soak bench lint format words lock edit new-service clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	@echo "Putting uv into $(VENV) …"
	@$(BIN)/pip install -q --disable-pip-version-check uv

# One stamp for each lock file: its packages are installed again only when the lock file changes.
$(VENV)/.%: requirements/%.txt | $(BIN)/python $(UV)
	@echo "Installing the packages of requirements/$*.txt …"
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r $<
	@touch $@

serve: $(VENV)/.serve  ## the site, the form, its worker and a local mailbox, on this machine
	@exec $(BIN)/python -m tools.dev.serve --port $(PORT) --mail-port $(MAIL_PORT)

build: $(VENV)/.site  ## site/, ready to publish, leaflets in it
	@$(BIN)/python -m tools.publish.build

build-offline: $(VENV)/.site  ## a copy for places without the internet, and a booklet to print
	@$(BIN)/python -m tools.publish.offline

check: $(VENV)/.dev  ## the tests that need neither browser nor server: 40 seconds
	@$(PYTEST) --tier check $(ARGS) tests

coverage: $(VENV)/.dev  ## those of `make test` without browser and server, measured: the floor is in pyproject.toml
	@$(PYTEST) --tier test -m "not browser and not server" $(ARGS) tests --cov

test: $(VENV)/.dev  ## every test that an ordinary account can run, in a browser too: 5 minutes
	@$(BIN)/python -m tools.dev.system_packages test
	@$(PYTEST) --tier test $(ARGS) tests

test-system: $(VENV)/.dev  ## the tests that need root and Debian's servers: 10 minutes
	@$(BIN)/python -m tools.dev.system_packages system
	@$(PYTEST) --tier system $(ARGS) tests

soak: $(VENV)/.dev  ## the long versions: every fault, every mode, containers, scanners
	@$(BIN)/python -m tools.dev.system_packages soak
	@$(BIN)/python -m pytest --tier soak $(ARGS) tests

bench: $(VENV)/.dev  ## the benchmarks; writes build/bench.json
	@$(BIN)/python -m tools.dev.system_packages bench
	@$(BIN)/python -m tests.benchmarks

lint: $(VENV)/.dev  ## formatter, linter, types, layers, words
	@$(BIN)/python -m tools.dev.lint

format: $(VENV)/.dev  ## put the Python code into its standard form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

words: $(VENV)/.dev  ## collect the form's words for translators
	@$(BIN)/pybabel -q extract -F babel.cfg -k say -k N_ -k Words:1 -k Words:2,2t -k Words:2,3t --no-location \
	  --sort-output --project=form --omit-header -o form_service/translations/form.pot .

edit: $(VENV)/.serve  ## the Markdown editor
	@$(BIN)/python -m tools.editor

new-service: $(VENV)/.site  ## make this the service of another area
	@$(BIN)/python -m tools.content.new_service

# The locks hold versions and hashes only: no address of any registry.
LOCK := pip compile -q --universal --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml
lock: $(BIN)/python $(UV)  ## compile requirements/*.txt from pyproject.toml
	$(UV) $(LOCK) --all-extras -o requirements/dev.txt
	$(UV) $(LOCK) --extra site -c requirements/dev.txt -o requirements/site.txt
	$(UV) $(LOCK) --extra form -c requirements/dev.txt -o requirements/form.txt
	$(UV) $(LOCK) --extra site --extra form --extra local -c requirements/dev.txt -o requirements/serve.txt

clean:
	rm -rf build site site.new docs/leaflets
