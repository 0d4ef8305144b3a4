# Two commands set everything up and run it: `make demo` and `make test`. All they make lies under build/.

PYTHON ?= $(firstword $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python; done))

BIN := $(CURDIR)/build/venv/bin
COLLECTION := build/collections/ansible_collections/winfleet/containers
LINKED := plugins roles playbooks scripts meta tests changelogs docs extensions galaxy.yml README.md requirements.txt bindep.txt COPYING

export PATH := $(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)/build/collections:$(CURDIR)/tests
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export ANSIBLE_HOME := $(CURDIR)/build/ansible
export PYTHONUNBUFFERED := 1

.PHONY: help demo test setup packages lint unit recorded contract integration sanity molecule docs-check galaxy test-matrix bench compare interruptions tidy docs test-host clean

help:
	@echo 'make demo         a simulated fleet from bare Windows to proved containers (nothing to prepare)'
	@echo 'make test         every test there is (nothing to prepare)'
	@echo
	@echo 'parts of make test: lint unit recorded contract integration sanity molecule docs-check galaxy'
	@echo 'make test-matrix [CORES=2.17] [PYTHONS=3.12]   unit tests and some plays with each ansible-core from 2.17 on that each'
	@echo '                  Python here allows'
	@echo 'make bench        WS-Man messages, Engine requests and CPU seconds of each task of the demo'
	@echo 'make compare PEERS=<folder>   the same tasks with community.docker, which lies below <folder>/ansible_collections'
	@echo 'make interruptions   cuts at every message of the role container_host, and sees the next run finish (an hour)'
	@echo 'make tidy         sorts imports and formats the code'
	@echo 'make docs         the documentation as HTML under build/docs'
	@echo 'make test-host INVENTORY=<file> CONFIRM=<host>   the open questions, asked to a real Windows host'

demo: setup
	@$(BIN)/python -m demo

test: setup packages
	@$(BIN)/python tests/run.py

lint unit recorded integration sanity molecule docs-check galaxy: setup
	@$(BIN)/python tests/run.py $@

contract: setup packages
	@$(BIN)/python tests/run.py $@

bench: setup
	@$(BIN)/python -m bench

compare: setup
	@$(BIN)/python -m compare '$(PEERS)' $(if $(WRITE),--write)

interruptions: setup
	@$(BIN)/python -m bench.interruptions

tidy: setup
	@$(BIN)/ruff check --quiet --fix . && $(BIN)/ruff format --quiet .

test-matrix: setup
	@PYTHONS='$(PYTHONS)' tests/tools/matrix $(CORES)

docs: setup
	@tests/tools/build_docs

test-host: setup
	@INVENTORY='$(INVENTORY)' CONFIRM='$(CONFIRM)' ONLY='$(ONLY)' WITH='$(WITH)' WITHOUT='$(WITHOUT)' HIDE_NAMES='$(HIDE_NAMES)' \
		tests/tools/test_host

setup: build/venv/.ready | $(COLLECTION)

build/venv/.ready: requirements.txt requirements-test.txt constraints.txt
	@test -n '$(PYTHON)' || { echo 'Cannot find Python 3.11 or later with its venv module. Install python3 and python3-venv.' >&2; exit 1; }
	@echo 'Preparing build/venv, once.'
	@$(PYTHON) -m venv build/venv
	@build/venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt -c constraints.txt
	@touch $@

$(COLLECTION): Makefile
	@mkdir -p $@
	@for name in $(LINKED); do ln -sfn ../../../../../$$name $@/$$name; done
	@touch $@

packages: setup
	@tests/tools/debian_packages
	@tests/tools/kerberos

clean:
	rm -rf build
