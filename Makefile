# Every target does its own set-up: a machine with Python 3.11 or later is enough.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install -qq -c constraints.txt
# Tests of a folder stay together, in order: what several of them share is made once, by one worker.
WORKERS ?= 2
SPREAD  := -n $(WORKERS) --dist worksteal -p no:randomly

# Two threads wake each other for nothing on two cores; nothing is sent to anyone.
export OMP_WAIT_POLICY := passive
export MLFLOW_DISABLE_TELEMETRY := true
export BENTOML_DO_NOT_TRACK := True

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-heavy test-spark check bench load clean

help:  ## Say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(VENV)/.ready-dev  ## Make .venv with everything that tests and checks need

demo: $(VENV)/.ready  ## Simulate, train, serve, and print the address of an explained score
	@$(BIN)/riskscore demo

test: $(VENV)/.ready-dev  ## Run the tests, but for the kinds below; what is not installed (MariaDB) is skipped with a reason
	$(BIN)/python -m pytest $(SPREAD) -m "not (slow or browser or service or fuzz or spark)"

test-heavy: $(VENV)/.ready-dev  ## Run the tests that train for longer, drive Chromium, start a server, or send every route anything
	$(BIN)/python -m pytest $(SPREAD) -m "(slow or browser or service or fuzz) and not spark"

test-spark: $(VENV)/.ready-spark  ## Run the tests of the Spark engine; needs Java 17
	$(BIN)/python -m pytest -m spark

check: $(VENV)/.ready-dev  ## Lint, format, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-dev  ## Time the parts against their floors; writes experiments/benchmarks/results.json
	$(BIN)/python experiments/benchmarks/run.py

load: $(VENV)/.ready-dev  ## Ten minutes of mixed load with faults, loopback only; the last line is the result. LOAD="--seconds 120"
	$(BIN)/python experiments/benchmarks/load.py $(LOAD)

clean:  ## Remove .venv, the demo's state and every cache
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "riskscore needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing riskscore into $(VENV) (two to four minutes, once)"
	@$(PIP) -e .
	@$(BIN)/python -c 'import lightgbm' 2>/dev/null || \
	  { echo "LightGBM finds no OpenMP library. On Debian or Ubuntu: apt-get install libgomp1" >&2; exit 1; }
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "Installing what the tests need"
	@$(PIP) -e '.[dev,bulk,compare]'
	@touch $@

$(VENV)/.ready-spark: $(VENV)/.ready-dev
	@echo "Installing Spark (some 400 MB)"
	@$(PIP) -e '.[dev,bulk,compare,spark]'
	@touch $@
