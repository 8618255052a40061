PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
SOURCES := service clients/python tests
JOBS ?= 2

.PHONY: help install demo serve test check lint types proto docs bench bench-providers bench-sandbox bench-coverage bench-synthesis eval-replay eval-tests eval-project clean

help:  ## shows this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[service]'
	@touch $@

$(DEV_STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(STAMP)

install: $(STAMP)  ## sets up .venv with the service and the command line

demo: $(STAMP)  ## starts a server, streams a run of a module that ships with the repository, stops the server
	$(BIN)/python -m tests.tools.demo

serve: $(STAMP)  ## runs a server on 50051 (gRPC) and 8080 (HTTP)
	$(BIN)/headwater serve

test: $(DEV_STAMP)  ## runs the tests, on JOBS= processes (2); what measures the host or fills it, by itself at the end
	$(BIN)/python -m pytest -m "not alone" --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m alone

check: $(DEV_STAMP) lint types  ## lints, checks types, stubs, protos and docs
	$(BIN)/python -m tests.tools.protos check
	$(BIN)/python -m tests.tools.docs check

lint: $(DEV_STAMP)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/codespell $(SOURCES) protos deploy README.md Makefile

types: $(DEV_STAMP)
	$(BIN)/pyright

proto: $(DEV_STAMP)  ## writes the stubs and the descriptor from protos/
	$(BIN)/python -m tests.tools.protos write

docs: $(DEV_STAMP)  ## writes the tables of the docs from the code
	$(BIN)/python -m tests.tools.docs write

bench: $(DEV_STAMP)  ## measures CPU, memory and order of streams, beside a bare server in the same run
	$(BIN)/python -m tests.bench.streams

bench-providers: $(DEV_STAMP)  ## measures CPU for each token of a vendor, beside its typed SDK, and what each fault becomes
	$(BIN)/python -m tests.bench.providers

bench-sandbox: $(DEV_STAMP)  ## measures what a guest and a judged test cost, beside a cold pytest of the same file
	$(BIN)/python -m tests.bench.sandbox

bench-synthesis: $(DEV_STAMP)  ## measures the search for inputs: calls a second, overhead, memory, coverage over time
	$(BIN)/python -m tests.bench.synthesis

bench-coverage: $(DEV_STAMP)  ## measures the analysis of large reports, beside the tools that read the same data
	$(BIN)/python -m tests.bench.coverage

eval-replay: $(DEV_STAMP)  ## runs recorded answers through the pipeline: ANSWERS= TOOL= PEER= WORK=
	$(BIN)/python -m tests.eval.replay --answers $(ANSWERS) --tool $(TOOL) --peer $(PEER) --work $(WORK)

eval-tests: $(DEV_STAMP)  ## generates and scores tests of real modules, beside what peers reach: EVAL= [BUDGET=] [WORK=]
	$(BIN)/python -m tests.eval.embedded --scorer $(EVAL) $(if $(BUDGET),--budget $(BUDGET)) $(if $(WORK),--work $(WORK))

eval-project: $(DEV_STAMP)  ## renders and proves projects, a table of texts and rungs: TEXTS=
	$(BIN)/python -m tests.eval.project $(if $(TEXTS),--texts $(TEXTS))

clean:  ## removes what the targets made
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis
