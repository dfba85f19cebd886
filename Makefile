# `make demo` shows what kg does, `make test` proves it. Both need Python 3.11+ and nothing else.
# `make check` is the quick round while working, `make remake` rewrites everything generated.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo check test test-stores remake bench format clean

demo: .venv/installed
	@mkdir -p demo
	$(BIN)/kg export seeds -q -o demo/kg.ttl -o demo/kg.jsonld
	$(BIN)/kg validate seeds -q --fail-on violation -o demo/report.txt
	@grep -v ': info: ' demo/report.txt | grep '^seeds'
	$(BIN)/kg query topics seeds -q
	@echo "The graph is in demo/kg.ttl and demo/kg.jsonld, every finding in demo/report.txt."

# Lint, types, and the tests that need neither a second nor a process, with few random examples.
check: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m 'not slow and not process and not stores' --hypothesis-profile=quick

# Everything: lint, types, all tests.
test: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m 'not stores'

# The tests against Virtuoso and Jena, which apt installs where they are not there.
test-stores: .venv/developing
	tests/stores/install
	$(BIN)/pytest -m stores tests/stores

# Everything that is generated: documents, help, answers, cases, golden graphs. After a change of the
# mapping that uses a new term of schema.org: VOCABULARY=schemaorg-current-https.ttl, from schema.org.
remake: .venv/developing
	$(BIN)/python -m tests.remake

# kg beside other tools, half an hour. ARTICLES=1000 takes at most so many, ONLY=reader measures one;
# MARKDOWN=docs/performance.md DATE=2020-07-03 writes the table there.
bench: .venv/developing
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fast]'
	$(BIN)/python -m tests.benchmarks $(addprefix --articles ,$(ARTICLES)) \
		$(addprefix --only ,$(ONLY)) $(addprefix --date ,$(DATE)) $(addprefix --markdown ,$(MARKDOWN))

format: .venv/developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "kg needs Python 3.11 or later; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

.venv/developing: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	@touch $@

clean:
	rm -rf .venv demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
