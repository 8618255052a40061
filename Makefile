PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

proto:  ## writes the stubs and the descriptor from protos/
	$(BIN)/python -m tests.tools.protos write
