# Laurel: `make help` lists what there is to make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= $(shell command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# SAM pins other releases than the layer's, so it has an environment to itself; so has the emulator, which `local` installs.
SAM_VENV := .local/sam-venv
SAM := PATH="$(CURDIR)/$(SAM_VENV)/bin:$$PATH" SAM_CLI_TELEMETRY=0 sam

# What the functions are built for: this machine's own processor, since that is where they run after `make run`.
HOST := $(subst aarch64,arm64,$(shell uname -m))
ARCHITECTURE ?= $(HOST)
# What they are built for on AWS, where arm64 costs less.
DEPLOY_ARCHITECTURE ?= arm64
# What the stack on AWS is called.
STACK ?= laurel

PYTEST := $(BIN)/python -m pytest
# One process for each processor; tests that share what takes long to start stay together (tests/conftest.py).
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder
SOURCES := $(wildcard layers/shared/laurel functions tools local benchmarks)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- Environments --------------------------------------------------------------------------------------------------------

.PHONY: install lock emulator dynamodb-local html-checker

install: $(VENV)/.dev $(VENV)/.data $(SAM_VENV)/.installed ## install everything that building and testing need

$(VENV)/.uv: requirements/uv.txt .python-version
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { \
	  echo "Laurel needs Python 3.13, the version its functions run on. Found: $$("$(PYTHON)" --version 2>&1)." >&2; \
	  echo "Install it, or name it: make PYTHON=/path/to/python3.13 ..." >&2; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@# The laurel package is imported from where it is.
	@echo ../../../../layers/shared > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/laurel.pth"
	@touch $@

$(VENV)/.%: requirements/%.txt $(VENV)/.uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(SAM_VENV)/.installed: requirements/sam.txt $(VENV)/.uv
	"$(PYTHON)" -m venv --clear $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal \
  --python-version 3.13 --no-annotate

lock: $(VENV)/.uv ## bring all locked requirements up to date
	$(COMPILE) requirements/layer.in -o layers/shared/requirements.txt
	$(COMPILE) requirements/dev.in -c layers/shared/requirements.txt -o requirements/dev.txt
	for name in uv data; do $(COMPILE) requirements/$$name.in -c requirements/dev.txt -o requirements/$$name.txt; done
	for name in sam emulator; do $(COMPILE) requirements/$$name.in -o requirements/$$name.txt; done

emulator: $(VENV)/.dev
	@$(BIN)/python -c 'from local.installation import emulator_python; emulator_python()'

dynamodb-local: $(VENV)/.uv ## install DynamoDB Local, which storage tests and benchmarks use (needs npm; running it needs a Java 17 JDK)
	$(BIN)/python -m tools.dynamodb_local

html-checker: $(VENV)/.uv ## install W3C's checker, by which mails are checked (needs npm; running it needs Java 17)
	$(BIN)/python -m tools.html_checker

.PHONY: dynamodb-local-if-possible html-checker-if-possible
dynamodb-local-if-possible: $(VENV)/.uv
	@$(BIN)/python -m tools.dynamodb_local --if-possible

html-checker-if-possible: $(VENV)/.uv
	@$(BIN)/python -m tools.html_checker --if-possible

# ---- Building ------------------------------------------------------------------------------------------------------------

.PHONY: build deploy clean

build: $(SAM_VENV)/.installed ## build functions and layer into .aws-sam/build
	@# Modules that a test run compiled would look like a change to SAM, and have the layer built again.
	@find layers functions -name __pycache__ -type d -prune -exec rm -rf {} +
	$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)
	$(BIN)/python -m tools.build .aws-sam/build

deploy: $(VENV)/.dev ## build for AWS and deploy there (first DEPLOY="--guided"; later also PARAMETERS="AlarmEmail=... ...")
	$(BIN)/python -m tools.node_js
	$(MAKE) web
	$(MAKE) build ARCHITECTURE=$(DEPLOY_ARCHITECTURE)
	$(SAM) deploy --stack-name $(STACK) --parameter-overrides Architecture=$(DEPLOY_ARCHITECTURE) $(PARAMETERS) $(DEPLOY)
	$(BIN)/python -m tools.publish_dashboard --stack $(STACK)

clean: ## remove what was built and cached, but no environment and no data
	rm -rf .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov reports
	find layers functions tools tests local benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' \
  -not -name schema.d.ts 2>/dev/null)

.PHONY: web web-if-possible
web: web/dist/index.html ## build the dashboard (needs Node.js and npm)

web/node_modules/.installed: web/package.json web/package-lock.json web/.npmrc
	cd web && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.installed functions/workspace/openapi.json $(WEB_SOURCES)
	cd web && npm run --silent build

web-if-possible: $(VENV)/.uv
	@if lacking="$$($(BIN)/python -m tools.node_js)"; then $(MAKE) web; else echo "The dashboard is not built: $$lacking" >&2; fi

# ---- Checks --------------------------------------------------------------------------------------------------------------

.PHONY: check format check-style check-types check-imports check-template check-dependencies check-openapi check-advisories check-web

check: check-style check-types check-imports check-template check-dependencies check-openapi check-advisories check-web ## run all static checks

format: $(VENV)/.dev ## format and fix what can be fixed without thinking
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check-style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-types: $(VENV)/.dev
	$(BIN)/mypy $(SOURCES)

check-imports: $(VENV)/.dev
	PYTHONPATH=. $(BIN)/lint-imports

check-template: $(VENV)/.dev
	$(BIN)/cfn-lint

# What ships must be required by the layer, Lambda's own botocore and the time zone data apart; the rest, by anything.
DEPTRY := $(BIN)/deptry --no-ansi --config requirements/deptry.toml
check-dependencies: $(VENV)/.dev
	$(DEPTRY) --requirements-files requirements/layer.in --per-rule-ignores DEP002=tzdata,DEP003=botocore \
	  layers/shared/laurel functions
	$(DEPTRY) --requirements-files requirements/layer.in,requirements/dev.in,requirements/data.in,requirements/emulator.in \
	  --ignore DEP002 $(filter-out layers/% functions,$(SOURCES)) tests

check-openapi: $(VENV)/.dev
	$(BIN)/python -m tools.openapi --check

check-advisories: $(VENV)/.dev
	$(BIN)/python -m tools.advisories layers/shared/requirements.txt

check-web: $(VENV)/.dev
	@if lacking="$$($(BIN)/python -m tools.node_js)"; then $(MAKE) web/node_modules/.installed && cd web && npm run --silent check; \
	else echo "The dashboard is not checked: $$lacking" >&2; fi

# ---- Tests ---------------------------------------------------------------------------------------------------------------

.PHONY: test quick unit integration contract local-tests e2e web-tests verify-data bench

quick: $(VENV)/.dev ## test rules and use cases, and storage code in this process' memory: under a minute
	$(PYTEST) tests/unit tests/integration -m "not slow" -k "not moto and not local"

unit: $(VENV)/.dev ## test rules and use cases, without any service
	$(PYTEST) tests/unit

integration: $(VENV)/.dev ## test storage code and API on moto, and storage code on DynamoDB Local too
	$(PYTEST) $(wildcard tests/integration tests/api)

contract: $(VENV)/.dev build web-if-possible ## test that template, functions, OpenAPI and events agree
	$(PYTEST) tests/contract

local-tests: $(VENV)/.dev ## test the changes that the local emulator needs
	$(PYTEST) tests/local

e2e: $(VENV)/.dev build ## test on a stack deployed on this machine
	$(PYTEST) tests/e2e

web-tests: $(VENV)/.dev build web-if-possible ## test the dashboard in a browser (needs Chromium)
	$(PYTEST) tests/web

test: install web-if-possible ## everything: checks, then all tests, skipped ones listed with their reason
	@# Two at a time; what is compiled while sources are copied would be copied, too.
	PYTHONDONTWRITEBYTECODE=1 $(MAKE) -j2 \
	  check build emulator dynamodb-local-if-possible html-checker-if-possible
	$(PYTEST) tests $(SIDE_BY_SIDE) -m "covering and not slow" --cov
	@# Watched line by line, the others would take up to three times as long.
	$(PYTEST) tests $(SIDE_BY_SIDE) -m "slow or not covering"

verify-data: $(VENV)/.dev $(VENV)/.data dynamodb-local-if-possible ## compare all boards of a real data set with an independent reckoning, to the cent
	$(PYTEST) tests/data/test_real_orders.py --whole -s

bench: $(VENV)/.dev build dynamodb-local-if-possible ## measure what docs/performance.md reports (BENCH=--quick for a shorter run)
	$(BIN)/python -m benchmarks $(BENCH)

# ---- Running -------------------------------------------------------------------------------------------------------------

.PHONY: run up down

run: $(VENV)/.dev $(SAM_VENV)/.installed ## run Laurel on this machine until Ctrl-C, with a demo store
	$(BIN)/python -m local run

up: $(VENV)/.dev $(SAM_VENV)/.installed ## the same in the background
	$(BIN)/python -m local up

down: $(VENV)/.dev ## stop what `make up` started
	$(BIN)/python -m local down
