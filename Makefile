# Everything a newcomer types. Each target first runs .ci/setup, which installs what is missing and says what it does.
.PHONY: help demo test e2e conformance soak check sbom bench-solver bench-load
.NOTPARALLEL:

help:
	@echo "make demo    the whole job on a fictional case, in a SQLite file: needs, gaps, matches, approvals"
	@echo "make test    every test, on SQLite and on a throw-away PostgreSQL"
	@echo "make e2e     the pages in Chromium: journeys of each role, accessibility, weight, on a fresh demo"
	@echo "make conformance  every operation of the API's document asked by schemathesis, on a fresh demo"
	@echo "make soak    what takes long: every page and form in full and at ten times the demo's data, 300 rounds of kill -9 on both engines, junk for every reader"
	@echo "make bench-solver  Eslabón's solver beside others, on the same programs (half an hour, a quiet machine)"
	@echo "make bench-load    the service's throughput beside bare axum with the same SQL, on both engines (an hour, a quiet machine)"
	@echo "make sbom    what the program is built of, as CycloneDX: target/eslabon.cdx.json"
	@echo "make check   formatting, lints, documentation, dependencies"

demo:
	@.ci/setup
	cargo run --profile ci -- demo --again

test:
	@.ci/setup
	@.ci/postgres .ci/test

e2e:
	@.ci/setup --browser
	@.ci/e2e $(FILES)

conformance:
	@.ci/setup
	@.ci/conformance $(ARGUMENTS)

soak:
	@.ci/setup --browser
	@.ci/e2e --full
	@.ci/postgres .ci/soak

check:
	@.ci/setup --tools
	@.ci/check

sbom:
	@.ci/setup
	@mkdir -p target
	@.ci/sbom >target/eslabon.cdx.json
	@echo "target/eslabon.cdx.json"

bench-solver:
	@.ci/setup
	cargo build --profile ci
	python3 -m venv target/peers
	target/peers/bin/pip install --quiet highspy ortools clarabel numpy scipy matplotlib
	target/peers/bin/python solver/benches/peers.py --eslabon target/ci/eslabon $(ARGUMENTS)
	target/peers/bin/python solver/benches/programmes.py --eslabon target/ci/eslabon $(PROGRAMMES)

bench-load:
	@.ci/setup
	cargo build --release --example load
	@.ci/postgres target/release/examples/load $(ARGUMENTS)
