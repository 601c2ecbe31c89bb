# `make run` serves the site with the local Lambda stack beside it; `make test` runs every test. Both install what they need.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# $(call install,VENV,ARGUMENTS) installs what `pip install ARGUMENTS` would. uv takes a tenth of pip's time; pip is there for a
# machine whose packages come from where uv cannot get them.
PIP = $(1)/bin/python -m pip install --quiet --disable-pip-version-check
install = { $(PIP) uv==0.13.9 && $(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2); } || \
	{ echo "uv could not install them; pip does ..."; $(PIP) $(2); }

# sam has pins of its own, hence a virtual environment of its own.
SAM_VENV := .venv-sam
SAM_STAMP := $(SAM_VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed
STACKS := $(patsubst lambdas/%/template.yaml,%,$(wildcard lambdas/*/template.yaml))
BUILT := $(STACKS:%=.aws-sam/%.built)
ALONE := env -u MAKEFLAGS -u MFLAGS
# The layer's packages are installed once for all the stacks that have it.
SAM := $(ALONE) SAM_CLI_TELEMETRY=0 PYTHON="$(CURDIR)/$(SAM_VENV)/bin/python" \
	LAYER_PACKAGES="$(CURDIR)/.aws-sam/packages" $(SAM_VENV)/bin/sam
# What a folder of code consists of, subfolders included.
sources = $(shell find $(1) -name "*.py" -o -name "*.yaml" -o -name "*.txt" -o -name Makefile)
SHARED := $(call sources,contracts lambdas/common)

.DEFAULT_GOAL := help
.PHONY: help run test check rules artefacts faults bench clean

help:
	@echo "make run    serve the site and the local Lambda stack"
	@echo "make test   run the checks and every test"
	@echo "make check  run ruff, mypy and the import rules alone"
	@echo "make artefacts  check the SAM templates and build what they deploy, into .aws-sam"
	@echo "make faults  run the fault, kill and parity tests at full length"
	@echo "make bench  measure what the documentation claims"
	@echo "make clean  remove what make built"

$(STAMP): requirements.txt requirements-dev.txt constraints.txt pyproject.toml
	@echo "Building $(VENV) (its inputs changed or it is missing); this takes half a minute, or two with pip ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(call install,$(VENV),-r requirements-dev.txt --editable .)
	@touch $(STAMP)

run: $(STAMP)
	@$(BIN)/mattgpt up

# In the order of tests/conftest.py, not by the number of tests.
LONGEST_FIRST := --dist=loadfile --no-loadscope-reorder

# Building the artefacts is mostly waiting, so the tests that need no processes of their own run meanwhile. A third worker
# fills the time in which the two others wait for the processes they started.
test: $(STAMP)
	@$(BIN)/python -m tests.support.site.chromium
	@$(MAKE) --no-print-directory --jobs=2 rules artefacts
	$(BIN)/pytest --numprocesses=2 $(LONGEST_FIRST) -m "not alone" tests/parity tests/e2e
	$(BIN)/pytest -m alone tests/e2e

rules: check
	$(BIN)/pytest --numprocesses=2 --dist=loadfile tests/unit tests/contract tests/architecture

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(SAM_STAMP): requirements-sam.txt
	@echo "Building $(SAM_VENV) (its inputs changed or it is missing) ..."
	@$(PYTHON) -m venv --clear $(SAM_VENV)
	@$(call install,$(SAM_VENV),--no-deps -r requirements-sam.txt)
	@touch $(SAM_STAMP)

# One stack after another: sam keeps notes in .aws-sam that two builds at once would spoil.
artefacts: $(SAM_STAMP)
	@$(ALONE) $(MAKE) --silent --keep-going $(BUILT)

.SECONDEXPANSION:
.aws-sam/%.built: $(SAM_STAMP) $(SHARED) $$(call sources,lambdas/$$*)
	@echo "Building .aws-sam/$* (its inputs changed or it is missing) ..."
	@mkdir -p .aws-sam && touch $@.started
	@{ $(SAM) validate --lint --template lambdas/$*/template.yaml && \
		$(SAM) build --template lambdas/$*/template.yaml --build-dir .aws-sam/$*; } >.aws-sam/$*.log 2>&1 || \
		{ cat .aws-sam/$*.log; exit 1; }
	@mv $@.started $@ # dated from the start, so that an edit made meanwhile is built next time

# With 400 requests a domain and fault, each domain gets 12,000 in about a quarter of an hour. The random walk of 10 seeds and
# 300 steps on both sides takes two hours; WALK_SEEDS and WALK_STEPS shorten it.
FAULT_REQUESTS ?= 400
faults: $(STAMP)
	FULL=1 KILL_TEST_SESSIONS=34 FAULT_REQUESTS=$(FAULT_REQUESTS) $(BIN)/pytest -s tests/parity tests/e2e/faults/test_conversations_survive.py \
		tests/e2e/faults/test_live_faults.py tests/e2e/faults/test_fault_table.py tests/e2e/faults/test_faults_at_length.py \
		tests/e2e/browser/test_random_walk.py

# The databases that search is measured beside have pins of their own. Without them their rows say "not installed".
$(BENCH_STAMP): requirements-bench.txt
	@echo "Building $(BENCH_VENV) (its inputs changed or it is missing) ..."
	@$(PYTHON) -m venv --clear $(BENCH_VENV)
	@if $(call install,$(BENCH_VENV),--no-deps -r requirements-bench.txt); \
		then touch $(BENCH_STAMP); else echo "They could not be installed; going on without them."; fi

# One suite: make bench SUITES=search
bench: $(STAMP) $(BENCH_STAMP)
	$(BIN)/python -m bench $(SUITES)

clean:
	rm -rf $(VENV) $(SAM_VENV) $(BENCH_VENV) .aws-sam build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
