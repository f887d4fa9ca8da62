# Everything a contributor runs. `make` alone lists the targets.
#
#   PYTHON       interpreter that makes the virtual environment (3.11 or newer)
#   PYTEST_ARGS  handed to pytest, such as PYTEST_ARGS='-k cedar'
#   TEST_JOBS    processes that share the tests; by default one a core

PYTHON ?= python3
PYTEST_ARGS ?=
TEST_JOBS ?= auto

BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help venv parts demo test lint bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP) ## Make .venv with the tool and what its development needs

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'buildsteps needs Python 3.11 or newer: make PYTHON=...' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

parts: $(STAMP) ## Build the real parts of the tests, notation among them (needs Go)
	$(BIN)/python -m tests.real_parts

demo: $(STAMP) ## Run the tool on the examples, good and broken
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(STAMP) ## Run all tests
	$(BIN)/python -m pytest --numprocesses=$(TEST_JOBS) --dist=loadfile $(PYTEST_ARGS)

lint: $(STAMP) ## Check style, types and the rules of who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## Measure the figures in the documentation again
	$(BIN)/python -m benchmarks

clean: ## Remove build products, caches, and the .venv that make made
	rm -rf build dist reports .cache .coverage .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache
	find . \( -name .venv -o -name .git \) -prune -o -name __pycache__ -type d -prune \
		-exec rm -rf {} +
	@if [ -e $(STAMP) ]; then rm -rf .venv; fi
