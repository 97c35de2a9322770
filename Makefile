.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Which Python to build the environment with: 3.11 or newer.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PY     := $(BIN)/python
PIP    := $(PY) -m pip
TEST   := $(PY) -m pytest
# Two for each processor: half of the time a test waits, for a process or for a server.
MANY   := -n $(shell echo $$(( 2 * $$(nproc) ))) --dist worksteal

# What a machine may have set for other work. Without compiled files a command
# takes three times as long; a user's or a target directory would miss the venv.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_ROOT
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# apt-get as root, or by sudo where that asks no password; else empty.
ADMIN := $(shell if [ "$$(id -u)" = 0 ]; then echo env; elif sudo -n true 2>/dev/null; then echo sudo; fi)
APT   := $(if $(ADMIN),$(shell command -v apt-get >/dev/null && echo "$(ADMIN) DEBIAN_FRONTEND=noninteractive apt-get -q"))

# An environment whose Python has gone (an upgrade, an interrupted install) is made anew.
STALE := $(if $(wildcard $(VENV)/pyvenv.cfg),$(shell $(PY) -c 'import pip' 2>/dev/null || echo stale))

.PHONY: help
help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.PHONY: run
run: $(VENV)/.runtime ## Install, build a sample household, and serve it
	@$(PY) -m compileall -q tracker migrations
	$(BIN)/tracker demo

.PHONY: install
install: $(VENV)/.runtime ## Install into .venv

.PHONY: check
check: $(VENV)/.dev ## Format, lint, types, imports, unit tests: under a minute
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(TEST) tests/unit -q

.PHONY: test
test: $(VENV)/.dev $(VENV)/.system check ## Everything but benchmarks and the proof: under 15 minutes
	$(TEST) tests/e2e/test_kills.py tests/integration tests/property tests/simulation $(MANY) -m "not prove and not benchmark"
	$(TEST) tests/e2e --ignore=tests/e2e/test_kills.py -m "not prove and not benchmark"

.PHONY: prove
prove: $(VENV)/.dev $(VENV)/.system ## The full figures of the promise, into docs/proof.md
	$(TEST) tests -m prove
	$(TEST) tests/integration $(MANY) --whole -m "postgres and not prove"

.PHONY: simulate
simulate: $(VENV)/.dev ## Play simulated years of delivery: SEED=7 YEARS=50
	@$(PY) -m tests.simulation.delivery $(if $(SEED),--seed $(SEED)) $(if $(YEARS),--years $(YEARS)) \
	  $(if $(EVENTS),--events $(EVENTS))

.PHONY: bench
bench: $(VENV)/.dev ## The budgets, as ratios measured in one run
	$(TEST) tests/benchmarks -s

.PHONY: locale
locale: $(VENV)/.dev ## Extract sentences, update the catalogs, compile them
	$(PY) -m tests.catalogs

.PHONY: example
example: $(VENV)/.runtime ## Write config.example.toml from the table of keys
	$(PY) -c "from tracker.config import example; print(example(), end='')" > config.example.toml

.PHONY: clean
clean: ## Remove what was built, the environment too
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find tracker migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 brings no ensurepip. Then pip comes from Debian's wheel of it,
# from the pip that Python has, or from Debian's package, in this order.
.PHONY: stale
$(VENV)/pyvenv.cfg: $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "The tracker needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@by_ensurepip() { rm -rf $(VENV); $(PYTHON) -c 'import ensurepip' && $(PYTHON) -m venv $(VENV); }; \
	bare() { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV); }; \
	by_wheel() { \
	  for each in /usr/share/python-wheels/pip-*.whl; do \
	    if [ -e "$$each" ]; then $(PY) "$$each/pip" install -q --no-index --no-deps "$$each"; return; fi; \
	  done; return 1; }; \
	by_own_pip() { $(PYTHON) -m pip --python $(PY) install -q pip; }; \
	by_debian() { [ -n "$(APT)" ] && { $(APT) update || true; } && \
	  $(APT) install -y --no-install-recommends python3-pip-whl && by_wheel; }; \
	by_ensurepip >/dev/null 2>&1 || { bare && \
	  { by_wheel 2>/dev/null || by_own_pip 2>/dev/null || by_debian >/dev/null; }; } || { \
	  rm -rf $(VENV); \
	  echo "This Python has no pip; as root: apt-get install python3-venv" >&2; exit 1; }

# The build happens in the environment itself, so that its tools are pinned too.
# compileall answers 1 for the files that some libraries carry for other Pythons.
define INSTALL
$(PIP) install -qq -c constraints.txt hatchling editables
$(PIP) install -qq -c constraints.txt --no-build-isolation -e '.$(EXTRAS)'
$(PY) -m compileall -q -j 0 $(VENV)/lib tracker migrations >/dev/null || true
touch $@
endef

$(VENV)/.runtime: EXTRAS :=
$(VENV)/.runtime: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing the tracker (half a minute)"
	@$(INSTALL)

$(VENV)/.dev: EXTRAS := [dev,crypto,postgres,push]
$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(INSTALL)

# Programs that the tests look at pages and documents with.
$(VENV)/.system: $(VENV)/pyvenv.cfg
	@need=(); \
	command -v chromium >/dev/null || need+=(chromium); \
	command -v pdftotext >/dev/null || need+=(poppler-utils); \
	[ -n "$$(fc-list :lang=zh-cn 2>/dev/null)" ] || need+=(fonts-wqy-microhei); \
	if [ $${#need[@]} = 0 ]; then touch $@; \
	elif [ -n "$(APT)" ]; then \
	  echo "Installing $${need[*]}"; \
	  { $(APT) update || true; } >/dev/null; \
	  $(APT) install -y --no-install-recommends "$${need[@]}" >/dev/null; touch $@; \
	else \
	  echo "Not here: $${need[*]}. Tests that need them are left out; as root: apt-get install $${need[*]}" >&2; \
	fi
