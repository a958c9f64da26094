PYTHON ?= python3
PORT ?= 3210
PAGE_PORT ?= 3000
PAGE ?= web
BIN := .venv/bin
ON_POSTGRES := tests/database/test_claims.py $(addprefix tests/database/test_database_,commits.py deploy.py pooler.py postgres.py queries.py search.py sql_schemas.py transactions.py vectors.py) tests/sync/test_sync_processes.py tests/scheduler/test_scheduler_processes.py tests/scheduler/test_scheduler_sharing.py
SLOW_ON_POSTGRES := model_says or nearest_are_found or killed_deployment
RUNTIME_TESTS := tests/database tests/functions tests/components tests/http tests/sync tests/scheduler tests/search tests/storage tests/admin tests/auth tests/faults tests/processes tests/clients

# One process more than there are cores: many tests wait for a server that starts or ends.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Every test that starts a program would compile it again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo demo-react test lint types pytest test-postgres docs benchmark clean

## demo: compile examples/chat, serve it and print the address
demo: .venv/convexity
	@cd examples/chat && ../../$(BIN)/convexity build
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement examples/chat/dist/requirements.txt
	@$(BIN)/python examples/chat/demo.py --port $(PORT) --page-port $(PAGE_PORT) --page $(PAGE)

## demo-react: the same with the React front end, kept up to date over a WebSocket (needs npm)
demo-react: examples/chat/react/node_modules
	@npm run --silent --prefix examples/chat/react build >/dev/null
	@$(MAKE) --no-print-directory demo PAGE=react/dist

## test: everything CI runs
test: lint types pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy
	cd examples/chat && ../../$(BIN)/mypy .
	cd benchmarks/project && ../../$(BIN)/mypy --strict .

pytest: .venv/dev tests/clients/node_modules examples/chat/react/node_modules
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
	CONVEXITY_TEST_ENGINE=postgres $(BIN)/pytest -n auto --dist loadfile $(ON_POSTGRES) -k 'not ($(SLOW_ON_POSTGRES))'

## test-postgres: the tests of the runtime, on PostgreSQL
test-postgres: .venv/dev tests/clients/node_modules
	CONVEXITY_TEST_ENGINE=postgres $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(RUNTIME_TESTS)

## docs: write the pages that come from code: reference and rules
docs: .venv/dev
	$(BIN)/python docs/generate.py
	$(BIN)/convexity rules --pages docs/rules

## benchmark: print the tables of the README
benchmark: .venv/dev benchmarks/peers/eslint/node_modules
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv tests/clients/node_modules benchmarks/peers/eslint/node_modules examples/*/react/node_modules examples/*/react/dist examples/*/dist dist build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

.venv/convexity: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing into .venv; the first time takes a minute or two ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing into .venv; the first time takes a minute or two ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

%/node_modules: %/package.json
	npm install --prefix $* --no-audit --no-fund --no-package-lock --loglevel=error
	@touch $@
