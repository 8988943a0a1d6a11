# Everything starts here, and nothing else is needed first: `make dev`, `make test`.

PYTHON ?= python3
PORT ?= 8000
# More than the cores of the smallest machine: a third of the time a test waits for a page, a block or a download.
WORKERS ?= 3
ARGS ?=

# Without bytecode every start would compile a thousand modules again.
export PYTHONDONTWRITEBYTECODE :=
export PORT

.PHONY: help setup dev web test soak check audit docs stranger lock package clean clean-all bench fan-out

help:
	@echo 'make dev      the whole stack on http://localhost:$(PORT)   (PORT=8001 for another port)'
	@echo 'make web      a client to look at, beside `make dev`, on http://localhost:4173   (WEB_PORT=4174)'
	@echo 'make test     all tests                             (ARGS="-k swap -x" reaches pytest; WORKERS=4)'
	@echo 'make soak     nothing lost, at full size: two hours or so   (SOAK_SEED=1 for the soak of that seed)'
	@echo 'make bench    how fast it is, beside others: nine minutes   (BENCH=quick: each case once)'
	@echo 'make fan-out  what an event costs that ten thousand follow: ten minutes   (ARGS="100 1000" for other sizes)'
	@echo 'make check    format, lint, types, import rules, dependencies, schema, docs  (ARGS="ruff mypy" for some)'
	@echo 'make audit    what advisory services know against what the locks name  (ARGS=--complete where each must answer)'
	@echo 'make docs     the documentation as a site, in build/site'
	@echo 'make stranger  a clone, make dev, a query and a plugin, from an empty home: timed'
	@echo 'make setup    what the others do first: install everything the locks name'
	@echo 'make lock     lock dependencies anew                (ARGS=--upgrade for newer versions)'
	@echo 'make package  what is deployed: zips for Lambda, CloudFormation  (ARGS="--stage prod")'
	@echo 'make clean    forget the local chain and database'
	@echo 'make clean-all  ... and everything that set-up installed'

setup:
	@$(PYTHON) infra/local/setup.py

dev: setup
	@.venv/bin/python -m handlers.local

web: setup
	@.venv/bin/python -m infra.local.web_client

test: setup
	@.venv/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

soak: export SOAK = full
soak: setup
	@.venv/bin/python -m pytest -m soak --durations=0 $(ARGS)

bench: setup
	@.venv/bin/python -m benchmarks

fan-out: setup
	@.venv/bin/python -m benchmarks.fan_out $(ARGS)

check: setup
	@.venv/bin/python -m infra.local.check $(ARGS)

stranger:
	@$(PYTHON) -m infra.local.stranger

audit: setup
	@.venv/bin/python -m infra.local.audit $(ARGS)

docs: setup
	@.venv/bin/python -m infra.local.documentation $(ARGS)

lock: setup
	@.venv/bin/python -m infra.local.lock $(ARGS)

package: setup
	@.venv/bin/colonnade lock --check
	@.venv/bin/python -m infra.package $(ARGS)

clean:
	rm -rf .colonnade

clean-all: clean
	rm -rf .venv .tools node_modules build
