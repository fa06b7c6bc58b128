# Every target does the set-up that it needs, and nothing twice.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find bot intents index knowledge -name '*.py' -o -name '*.yml' -o -name '*.md')

.PHONY: setup chat serve test bench docs clean rasa rasa-serve test-rasa test-encoders
.DELETE_ON_ERROR:

setup: $(VENV)/prepared ## virtual environment, everything installed, shipped knowledge indexed

chat: setup ## talk to the assistant in this terminal
	@$(BIN)/linli chat

serve: setup ## run the channels that the settings name
	@$(BIN)/linli serve

test: $(VENV)/tested setup ## format, lint, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

bench: setup ## speed and memory, as ratios measured in one run
	$(BIN)/python -m benchmarks

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新的版本；可用 make PYTHON=python3.12 指定。"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@touch $@

$(VENV)/installed: $(VENV)/created pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/prepared: $(VENV)/installed $(SOURCES)
	$(BIN)/linli prepare
	@touch $@

docs: setup ## the reference of all commands
	$(BIN)/python -m typer bot.commands utils docs --name linli --output docs/commands.md

clean: ## remove everything that was built (not your data in var/)
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
