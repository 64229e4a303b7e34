# Short names for scripts/dev.py, which works without make as well.
# Options for pytest: make test ARGS="-k clicks". Another Python: make run PYTHON=python3.12
PYTHON ?= python3
DEV = $(PYTHON) scripts/dev.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run test test-sqlite lint fmt e2e bench drills bench-quality screenshots \
	requirements amazon-standin

help:  ## list these verbs
	@sed -nE 's/^([a-z0-9-]+):  ## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

install:  ## install the pinned packages, as every other verb does that needs them
	@$(DEV) install

run:  ## install, prepare the database and start GiftSync (ADDR=127.0.0.1:8000)
	@$(DEV) run

test:  ## run the tests on PostgreSQL and Redis
	@$(DEV) test $(ARGS)

test-sqlite:  ## run the tests on SQLite without Redis
	@$(DEV) test-sqlite $(ARGS)

lint:  ## check style, types, migrations, templates and deployment settings
	@$(DEV) lint

fmt:  ## put code and templates into house style
	@$(DEV) fmt

e2e:  ## run the browser journeys only
	@$(DEV) e2e $(ARGS)

bench:  ## measure speed and recommendation quality
	@$(DEV) bench $(ARGS)

drills:  ## hurt a running server in every way known, and see that it recovers
	@$(DEV) drills $(ARGS)

bench-quality:  ## measure how good recommendations are
	@$(DEV) bench-quality $(ARGS)

screenshots:  ## take pictures of the pages
	@$(DEV) screenshots $(ARGS)

amazon-standin:  ## run an invented Amazon to connect to, with a thousand products
	@$(DEV) amazon-standin $(ARGS)

requirements:  ## work out the pinned requirement files again
	@$(DEV) requirements
