# make lab    sets up, and opens JupyterLab on the quickstart notebook (LAB_ARGS="--no-browser" passes options on)
# make test   sets up, and runs all tests: Python, types, lint, and (where Node.js is) JavaScript
# make bench  sets our figures beside those of others

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Real networks, where somebody has them: see "Models" in the README.
export LUCID_WIDGETS_MODEL_DIR ?= $(abspath ../shared/models)

.PHONY: lab test bench build clean

lab: $(VENV)/.lab
	$(BIN)/jupyter lab $(LAB_ARGS) notebooks/quickstart.ipynb

test: $(VENV)/.test js/node_modules/.installed
	$(BIN)/python -m pytest

bench: $(VENV)/.test
	$(BIN)/python tests/benchmarks/objective_values.py
	$(BIN)/python tests/benchmarks/engine.py --peers $(VENV)/peers
	$(BIN)/python tests/benchmarks/speed.py
	$(BIN)/python tests/benchmarks/speed.py --network InceptionV1

# Only for those who change js/: the bundles are committed.
build: js/node_modules/.installed
	npm run build --prefix js

clean:
	rm -rf $(VENV) js/node_modules

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("lucid_widgets needs Python 3.10 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.lab: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

js/node_modules/.installed: js/package.json js/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix js --silent --no-audit --no-fund && touch $@; \
	else echo "Node.js is not installed: the JavaScript tests will be skipped."; fi
