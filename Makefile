# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench page clean

demo: .venv/demo  ## trace the synthetic county; leaves report/
	$(BIN)/tracegraph demo --out report --no-open

test: .venv/test web/node_modules  ## install what the tests need and run all of them
	sh scripts/install-browser.sh
	$(MAKE) -j 2 check demo  # which compiles what the tests would compile once a worker
	$(BIN)/python -m pytest -n auto --dist loadgroup -q --durations=20

check: .venv/test  ## style, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test  ## measure against rivals and write docs/explanation/performance.md
	$(BIN)/python -m benchmarks.speed $(BENCH)

.venv/demo: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/test: .venv/demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

page: web/node_modules  ## bundle the script of the page from web/src
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web run build

# Node comes with the test extra; nobody needs it to install or to run tracegraph.
web/node_modules: web/package-lock.json .venv/test
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix web --ignore-scripts --no-audit --no-fund
	touch $@

clean:
	rm -rf .venv report web/node_modules
