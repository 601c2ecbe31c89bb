# `make run` serves the site with the local Lambda stack beside it; `make test` runs every test. Both install what they need.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test check bench clean

help:
	@echo "make run    serve the site and the local Lambda stack"
	@echo "make test   run the checks and every test"
	@echo "make check  run ruff, mypy and the import rules alone"
	@echo "make bench  measure what the documentation claims"
	@echo "make clean  remove what make built"

$(STAMP): requirements.txt requirements-dev.txt constraints.txt pyproject.toml
	@echo "Building $(VENV) (its inputs changed or it is missing); this takes about two minutes ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

run: $(STAMP)
	@$(BIN)/mattgpt up

test: check
	$(BIN)/pytest

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .aws-sam build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
