# Écrin. `make serve` and `make test` do all the set-up on a bare machine: make, python3 >= 3.11, and a Python 3.10 that uv finds or fetches.

PYTHON ?= python3
VENV := .venv
BOT := .venv-bot
UV := $(VENV)/bin/uv
ECRIN := $(VENV)/bin/ecrin

.PHONY: serve test install install-test train bench check audit licences sbom lock clean

serve: install
	@$(ECRIN) serve $(if $(PORT),--port $(PORT))

test: install-test
	@$(VENV)/bin/python -m pytest

install: $(VENV)/.installed $(BOT)/.installed

install-test: $(VENV)/.installed-test $(BOT)/.installed
	@tests/install_system.sh

train: install
	@$(ECRIN) train

bench: install-test
	@$(ECRIN) bench

check: install-test
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(ECRIN) kb check
	@$(ECRIN) data check --faults-only
	@$(VENV)/bin/python -m supply_chain.licences
	@$(VENV)/bin/python -m supply_chain.audit || [ $$? -eq 3 ]  # 3: no advisories within reach, which it has said

audit: install-test
	@$(VENV)/bin/python -m supply_chain.audit

licences: install-test
	@$(VENV)/bin/python -m supply_chain.licences --write

sbom: install-test
	@$(VENV)/bin/python -m supply_chain.sbom

$(UV): requirements-uv.lock
	@echo "· creating $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Écrin needs Python 3.11 or newer as $(PYTHON); name another with: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-uv.lock
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(UV)
	@echo "· installing what the gateway and the actions need"
	@$(UV) pip install --quiet --compile-bytecode --python $(VENV)/bin/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --compile-bytecode --python $(VENV)/bin/python --no-deps --editable .
	@touch $@

$(VENV)/.installed-test: requirements-dev.lock $(VENV)/.installed
	@echo "· installing what the tests need"
	@$(UV) pip install --quiet --compile-bytecode --python $(VENV)/bin/python --require-hashes -r requirements-dev.lock
	@touch $@

$(BOT)/.installed: bot/requirements.lock | $(UV)
	@echo "· installing the bot: Rasa, spaCy and the sentence encoder (Python 3.10, about 2.5 GB)"
	@cd bot && ../$(UV) venv --quiet --allow-existing --python "$$(cat .python-version)" ../$(BOT) || { echo "Écrin's bot needs Python 3.10: install it where uv finds it (uv python install 3.10)" >&2; exit 1; }
	@cd bot && ../$(UV) pip sync --quiet --compile-bytecode --python ../$(BOT)/bin/python --require-hashes requirements.lock
	@touch $@

lock: | $(UV)
	@echo 'uv' | $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 - -o requirements-uv.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	@cd bot && ../$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.10 --group dev pyproject.toml -o requirements.lock

clean:
	@rm -rf $(VENV) $(BOT) build var
