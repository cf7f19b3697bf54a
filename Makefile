# Two commands, each complete on a machine with Python 3.11+ and make alone:
#   make run     the whole product at http://127.0.0.1:8000 (PORT=, HOST= and OMS_HOME= are honoured)
#   make test    every test, on as many cores as there are up to four (ARGS= goes to pytest)
#   make bench   our verbs beside raw Postgres, as ratios (ARGS="confirm hot" for some of them)
#   make storm   16 processes at once for a minute, some of them killed; then everything is checked
# And: make check = format, lint, migrations, deployment settings, architecture.

SUITABLE = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c "$(SUITABLE)" 2>/dev/null && echo $$p && break; done)
PY = .venv/bin/python
PRODUCTION = DEBUG=0 BASE_URL=https://orders.example.com ALLOWED_HOSTS=orders.example.com OMS_ROLE=web \
	SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-for-the-check-only OMS_HOME=/nonexistent

.PHONY: help run test bench storm check install format

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed -n 1,6p

run: install
	@exec $(PY) manage.py up --end-with-parent

test: install
	@$(PY) -m pytest -n logical --maxprocesses 4 --dist loadgroup $(ARGS)

bench: install
	@$(PY) -m tests.bench $(ARGS)

storm: install
	@$(PY) -m tests.storm --seconds 60 --processes 16 $(ARGS)

check: install
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PRODUCTION) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m pytest -q tests/test_architecture.py

format: install
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# The lock that was installed lies in the environment: nothing is done while it is the same as ours.
install:
	@if ! $(PY) -c "" 2>/dev/null || ! cmp -s requirements.lock .venv/requirements.lock; then \
		if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed (PYTHON=path says where)"; exit 1; fi; \
		if ! $(PY) -c "$(SUITABLE)" 2>/dev/null || ! $(PY) -m pip --version >/dev/null 2>&1; then \
			$(PYTHON) -m venv --clear .venv || { \
				echo "This Python can't make a virtual environment; on Debian: apt-get install python3-venv"; \
				exit 1; }; \
		fi; \
		echo "Installing the pinned packages (once) ..."; \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		cp requirements.lock .venv/requirements.lock; \
	fi
