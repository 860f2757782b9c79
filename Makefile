# Närvaro: `make help` lists what can be done here.
# Nothing but make, git and Python 3.11 is needed; each target installs what it lacks, locked and cached.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))) python3)
BIN := .venv/bin
# Tests wait now and then, for servers and for disks: two more than there are processors.
JOBS ?= $(shell expr 2 + $$(nproc 2>/dev/null || echo 2))
# And fewer where two suites go on at once.
BESIDE := $(shell expr 1 + $$(nproc 2>/dev/null || echo 2) / 2)
ROUNDS ?= 12
# A number: what is tried on both databases is tried on one of them this time (docs/adr/0042). Empty: on both.
TURN ?=
export NARVARO_TEST_TURN := $(TURN)
SUITE := not journey and not crash
# The pure floors never meet a database: once is enough for them. The architecture is looked at by `make check`, and
# what concerns roles of PostgreSQL is tried beside PostgreSQL.
ALONE := base screening formats
WITHOUT_DATABASE := $(ALONE) connectors
# Whole files, and what needs the same servers to one process (narvaro/testing/dealing.py).
DEALT := -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Running ----------------------------------------------------------------------------------

.PHONY: run
run: ## Install what is locked and start Närvaro (PORT=8000 NARVARO_DATA=folder)
	@$(PYTHON) tools/install
	@exec $(BIN)/narvaro run

.PHONY: install
install: ## Only install what Närvaro runs on
	@$(PYTHON) tools/install

.PHONY: install-learner
install-learner: ## Install what the learner needs too (off until an authority switches it on)
	@$(PYTHON) tools/install --with-learner

# --- Testing ----------------------------------------------------------------------------------

.PHONY: test
test: ## Install what tests need, then check and run the suites, the long and the doubled by turns
	@$(MAKE) test-both TURN=$(or $(TURN),$(shell git rev-list --count HEAD 2>/dev/null || echo 0))

.PHONY: test-both
test-both: ## The same with everything each time, and on both databases
	@$(MAKE) -j2 packages programs
	@$(MAKE) -j4 check test-pure tools compiled  # to build platform servers takes minutes: meanwhile, what needs none
	@$(MAKE) -j2 test-sqlite test-postgres JOBS=$(BESIDE)
	@$(MAKE) journeys
	@$(MAKE) crash

.PHONY: check
check: packages ## Format, lint, strict types, import contracts, templates, missing migrations
	@tools/check

.PHONY: compiled
compiled: packages ## Read every test once, so that processes which start together find them compiled
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --collect-only -qq -p no:cacheprovider > /dev/null

.PHONY: test-pure
test-pure: packages ## The floors that know of no database and no server
	@tools/tests "floors without a database" -m "$(SUITE)" -n $(JOBS) --dist worksteal $(addprefix src/narvaro/,$(ALONE))

.PHONY: test-connectors
test-connectors: packages ## The connectors alone, against real servers
	@tools/tests "connectors" -m "$(SUITE)" $(DEALT) src/narvaro/connectors

.PHONY: test-sqlite
test-sqlite: packages ## The suite on SQLite, and the connectors against real servers
	@tools/tests "suite on SQLite" -m "$(SUITE)" $(DEALT) --ignore=tests/architecture \
		--ignore=tests/loop/test_two_roles.py $(addprefix --ignore=src/narvaro/,$(ALONE))

.PHONY: test-postgres
test-postgres: packages ## The suite on PostgreSQL, started for the occasion
	@tools/tests --postgres "suite on PostgreSQL" -m "$(SUITE) and not one_database" $(DEALT) --ignore=tests/architecture \
		$(addprefix --ignore=src/narvaro/,$(WITHOUT_DATABASE))

# To read through all files for the few that hold journeys takes each process longer than most journeys do.
.PHONY: journeys
journeys: packages ## People's ways through the pages, in a real browser against real servers
	@tools/tests "journeys" -m journey -n $(JOBS) --dist loadgroup --no-loadscope-reorder \
		$$(grep -rl 'mark\.journey' src/narvaro tests --include='test_*.py')

.PHONY: crash
crash: packages ## Kill processes at random moments and look for losses (ROUNDS=12)
	@NARVARO_TEST_CRASH_ROUNDS=$(ROUNDS) tools/tests "crash rounds" -m crash -n $(JOBS) --dist loadgroup tests/crash

.PHONY: bench
bench: packages ## Measure capture, lists, search and verification
	@$(BIN)/python -m bench

.PHONY: packages
packages:
	@$(PYTHON) tools/install --with-tests

.PHONY: programs
programs: ## Install what tests need of Debian's packages
	@$(PYTHON) tools/install_test_tools --from-debian

.PHONY: tools
tools: packages ## Install the browser, databases and platform servers that tests need
	@$(PYTHON) tools/install_test_tools

# --- Keeping ----------------------------------------------------------------------------------

.PHONY: format
format: packages ## Format and mend what can be mended
	@$(BIN)/ruff format --quiet . tools/install tools/install_test_tools tools/translate tools/with_postgres
	@$(BIN)/ruff check --quiet --fix .

.PHONY: lock
lock: ## Lock the dependencies again (needs uv) and export them for pip
	@tools/lock

.PHONY: translate
translate: packages ## Collect Swedish texts, compile the English catalogue, list what is missing
	@$(BIN)/python tools/translate
