# The two commands of the README are `make serve` and `make test`; each sets up all it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test check fix format docs golden bench lock clean

serve: $(VENV)/.run
	$(BIN)/meshkg build --out build
	$(BIN)/meshkg serve --host $(HOST) --port $(PORT)

test: check ## all checks and tests
	$(BIN)/pytest -n auto --cov --cov-report=term:skip-covered --cov-fail-under=95

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(VENV)/.dev ## mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

format: $(VENV)/.dev ## rewrite every Turtle file in its canonical form
	$(BIN)/python -m meshkg.turtle $$(git ls-files '*.ttl')

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	$(BIN)/python docs/make.py

golden: $(VENV)/.dev ## write the golden results of the questions anew
	$(BIN)/python -m tests.test_questions

bench: $(VENV)/.dev ## the figures of docs/benchmarks.md, side by side with plain rdflib
	$(BIN)/python benchmarks/run.py

lock: ## write requirements.lock anew from pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group dev .
	$(BIN)/python -m pip freeze --exclude meshkg > requirements.lock

clean:
	rm -rf $(VENV) build dist

$(VENV)/.run: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@
