# make lab    set up, and open JupyterLab on the quickstart notebook (LAB_ARGS="--no-browser" passes options on)
# make quick  set up, and run lint, types and the fast tests: about a minute
# make test   set up, and run all tests: Python, types, lint, documentation, and JavaScript if Node.js is installed
# make docs   set up, and build the documentation in build/site
# make fuzz   feed random damage to everything that reads outside data, for an hour (MINUTES=5), and print the count
# make hosts  run the widgets in every notebook and app server we know, each in its own environment, and write the table
# make floors run the fast tests with the oldest and with the newest versions of everything the package needs
# make bench  compare our figures with those of other libraries

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Processes that run tests, two for each processor of a small machine: those that run the page and the notebooks wait for
# half of their time. Each needs about 2 GB of memory.
JOBS ?= 4
# The tests of a file share fixtures, so one process runs all of them. tests/conftest.py sorts the files.
DISTRIBUTE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
# More options for pytest: make quick PYTEST_ARGS="--exitfirst -k transform"
PYTEST_ARGS ?=

# Folder of the ImageNet networks, used by tests and benchmarks if it exists: see docs/guide/own-model.md.
export LUCID_WIDGETS_MODEL_DIR ?= $(abspath ../shared/models)

# Without compiled modules on the disk, each of the processes that run tests would compile all of them.
export PYTHONDONTWRITEBYTECODE =
# uv installs in a quarter of pip's time. It ignores pip's settings, such as another index, so it is used only if it is
# installed. `make UV=` uses pip.
UV ?= $(shell command -v uv)
# Python compiles a module when it is imported for the first time. pip would compile all that is installed, which takes
# as long as unpacking it; uv compiles nothing.
INSTALL := $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/python -m pip install --no-compile)

.PHONY: lab quick test docs fuzz hosts floors bench build clean setup

# The notebooks show images of docs/, so the root of the server is this folder.
lab: $(VENV)/.lab
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" $(LAB_ARGS) notebooks/quickstart.ipynb

# Folders without a fast test are not even imported, which halves the time before the first test.
quick: $(VENV)/.test
	$(BIN)/python -m pytest $(DISTRIBUTE) -m "not (slow or browser or kernel or models)" \
	  $(addprefix --ignore=tests/,browser page kernel notebooks docs) $(PYTEST_ARGS)

setup: $(VENV)/.test js/node_modules/.installed build/hosts/pages/require.js

test: setup
	$(BIN)/python -m pytest $(DISTRIBUTE) $(PYTEST_ARGS)

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "Open build/site/index.html"

MINUTES ?= 60
fuzz: $(VENV)/.test
	cd tests && TF_CPP_MIN_LOG_LEVEL=3 $(abspath $(BIN))/python -W ignore -m fuzz --minutes $(MINUTES)

# HOSTS=voila,marimo runs only these.
HOSTS ?= all
hosts: setup
	cd tests && $(abspath $(BIN))/python -m browser.hosts.environments
	LUCID_WIDGETS_HOSTS=$(HOSTS) $(BIN)/python -m pytest tests/browser/hosts $(PYTEST_ARGS); status=$$?; \
	  cd tests && $(abspath $(BIN))/python -m browser.hosts.matrix && exit $$status

# In this Python. To test the newest versions in another one: make floors FLOORS=newest PYTHON=python3.13 VENV=.venv313
FLOORS ?= oldest newest
floors: $(VENV)/.test
	for versions in $(FLOORS); do $(BIN)/python tests/project/floors.py $$versions || exit 1; done

bench: $(VENV)/.test
	$(BIN)/python tests/benchmarks/objective_values.py
	$(BIN)/python tests/benchmarks/engine.py --peers $(VENV)/peers
	$(BIN)/python tests/benchmarks/second_call.py
	$(BIN)/python tests/benchmarks/attributions.py
	$(BIN)/python tests/benchmarks/first_seconds.py
	$(BIN)/python tests/benchmarks/first_seconds.py --grids
	$(BIN)/python tests/benchmarks/scale/lists.py
	$(BIN)/python tests/benchmarks/speed.py
	$(BIN)/python tests/benchmarks/speed.py --network InceptionV1
	$(BIN)/python tests/benchmarks/transformers/class_units.py
	$(BIN)/python tests/benchmarks/transformers/mlp_units.py
	$(BIN)/python tests/benchmarks/transformers/first_step.py

# Only needed after a change in js/: the built bundles are committed.
build: js/node_modules/.installed $(VENV)/.test
	$(BIN)/python js/make_traits.py
	npm run build --prefix js

# Scripts that saved pages load from content delivery networks, for the tests of such pages.
build/hosts/pages/require.js: | $(VENV)/.test
	@if command -v npm >/dev/null; then \
	  cd tests && $(abspath $(BIN))/python -m browser.hosts.environments pages; fi

clean:
	rm -rf $(VENV) js/node_modules

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("lucid_widgets needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Creating a virtual environment in $(VENV) (about 10 seconds)"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --quiet --upgrade pip

$(VENV)/.lab: pyproject.toml | $(BIN)/python
	@echo "Installing TensorFlow, JupyterLab and lucid_widgets in $(VENV): about 150 packages, 2 GB, 1 to 3 minutes"
	$(INSTALL) --editable '.[lab]'
	touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	@echo "Installing the package and MkDocs in $(VENV)"
	$(INSTALL) --quiet --editable '.[docs]'
	touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	@echo "Installing TensorFlow, JupyterLab and the test tools in $(VENV) (1 to 3 minutes; 2 GB)"
	$(INSTALL) --quiet --editable '.[test]'
	touch $@

js/node_modules/.installed: js/package.json js/package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "Installing the front end's tools in js/node_modules (about 10 seconds)"; \
	  npm ci --prefix js --silent --no-audit --no-fund && touch $@; \
	else echo "Node.js is not installed: the JavaScript tests will be skipped."; fi
