# Everything a newcomer types. Each target first runs .ci/setup, which installs what is missing and says what it does.
.PHONY: help demo test check
.NOTPARALLEL:

help:
	@echo "make demo    the whole job on a fictional case, in a SQLite file: needs, gaps, matches, approvals"
	@echo "make test    every test, on SQLite and on a throw-away PostgreSQL"
	@echo "make check   formatting, lints, documentation, dependencies"

demo:
	@.ci/setup
	cargo run --profile ci -- demo --again

test:
	@.ci/setup
	@.ci/postgres .ci/test

check:
	@.ci/setup --tools
	@.ci/check
