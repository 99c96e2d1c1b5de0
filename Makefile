# Everything runs in .venv, which is made on first use from the locks and made anew when they change.
# Written for GNU make 3.81 and later: macOS still ships that one.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := $(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

# Each is written last, so that an interrupted installation leaves none.
CAN_SERVE := $(VENV)/can-serve
CAN_TEST := $(VENV)/can-test

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help site serve test test-all check stamp coverage vendor verify bench observe lock clean FORCE

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

site: $(CAN_SERVE) ## build the site into site/
	$(BIN)/annotated build

serve: $(CAN_SERVE) ## preview the site while you write; BIND=127.0.0.1:9000 chooses the address
	$(BIN)/annotated serve $(if $(BIND),--bind $(BIND))

test: $(CAN_TEST) ## run every check and test, those in a real browser included
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest -n auto --dist loadgroup

test-all: $(CAN_TEST) ## as test, with every experiment run on every vendored release
	EVERY_RELEASE=1 $(BIN)/python -m pytest -n auto --dist loadgroup

check: $(CAN_SERVE) ## prove that every note stands where it says; FORMAT=text, json or github
	$(BIN)/annotated check $(if $(FORMAT),--format $(FORMAT))

stamp: $(CAN_SERVE) ## fill in the anchors of all notes, or of those in FILES="…"
	$(BIN)/annotated stamp $(FILES)

coverage: $(CAN_SERVE) ## show how much of each file is annotated
	$(BIN)/annotated coverage

vendor: $(CAN_SERVE) ## bring a release of upstream in; RELEASE=… names it
	$(if $(RELEASE),,$(error which release? Say so: make vendor RELEASE=22.0.0))
	$(BIN)/annotated vendor $(RELEASE)

verify: $(CAN_SERVE) ## compare all vendored releases with fresh downloads, or the one that RELEASE=… names
	$(BIN)/annotated vendor --verify $(RELEASE)

bench: $(CAN_TEST) ## measure how long a build takes
	$(BIN)/python -m tests.bench

observe: $(CAN_TEST) ## run and record all experiments, or those in SLUGS="…"; RELEASE=… or all, TIMES=20 in a row
	$(BIN)/annotated observe $(SLUGS) $(if $(RELEASE),--release $(RELEASE)) $(if $(TIMES),--times $(TIMES))

lock: ## bring both locks in line with pyproject.toml; delete them first to take newer releases
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group build --group test --group bench --constraints requirements.lock --output-file requirements-dev.lock

clean: ## remove all that these commands made, .venv included
	rm -rf $(VENV) .cache .new-* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find render tests -name __pycache__ -prune -exec rm -rf {} +
	find site -mindepth 1 ! -name .gitignore -delete

$(CAN_SERVE): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=python3.12 …" >&2; exit 1; }
	@echo "Setting up $(VENV), which takes a minute…"
	@rm -f $(CAN_SERVE) $(CAN_TEST)
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@pwd -P > $@

$(CAN_TEST): requirements-dev.lock $(CAN_SERVE)
	@echo "Adding what the tests need…"
	@rm -f $(CAN_SERVE) $(CAN_TEST)
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@pwd -P > $(CAN_SERVE)
	@pwd -P > $@

# A checkout that was moved or copied, and one whose Python is gone, need another .venv.
ifneq ($(shell test -x $(BIN)/python && cat $(CAN_SERVE) 2>/dev/null),$(CURDIR))
$(CAN_SERVE): FORCE
endif
