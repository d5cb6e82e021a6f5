# make demo   see it work          make test   every check          make bench   how fast
PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(wildcard tingfeng*.py) crawlers nlp alerts dashboard data tests bench

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench bench-crawl bench-memory fitting pages chaos kills crash pictures eval latency nab replay screenshots visitors constraints clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/ready ## a planted crisis unfolds at http://127.0.0.1:8501; Ctrl-C ends it
	$(BIN)/tingfeng demo

test: .venv/ready-dev lint ## every check and every test
	$(BIN)/pytest -n auto --dist loadscope

lint: .venv/ready-dev ## form, types, who may import whom
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready-dev ## mentions per second, as a ratio to SnowNLP in the same run
	$(BIN)/python bench/assess.py

bench-crawl: .venv/ready-dev ## pages a second of a crawl next to a bare spider, and what a second crawl costs
	nice $(BIN)/python -m bench.crawl

bench-memory: .venv/ready-dev ## memory of a crawl over a hundred thousand pages (half an hour; N=10000 for fewer)
	nice $(BIN)/python -m bench.crawl memory $(N)

pages: .venv/ready-dev ## server time, search and first paint over a million mentions (N=, URL=)
	nice $(BIN)/python -W ignore -m bench.pages $(or $(N),1000000) $(URL)

replay: .venv/ready-dev ## forty planned half-years through the production path (hours; N=2 for two)
	nice $(BIN)/python bench/replay.py $(N)

latency: .venv/ready-dev ## stored mention to message on the wire, a million mentions in the store (20 minutes)
	$(BIN)/python bench/latency.py $(N)

nab: .venv/ready-dev ## score the detector on a benchmark's series: make nab DATA=folder
	@test -n "$(DATA)" || { echo "say where the series lie: make nab DATA=folder" >&2; exit 2; }
	$(BIN)/python bench/nab.py $(DATA)

crash: .venv/ready-dev ## 2,000 alerts through crashes at every step: none lost, each double marked
	$(BIN)/python -m bench.crash

fitting: .venv/ready-dev ## fit a tiny transformer as nlp/train_vote.py does (installs PyTorch)
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt torch onnx
	$(BIN)/python -m pytest -q tests/nlp/fitting.py

eval: .venv/ready-dev ## measure the models: make eval DATA=folder of labelled sets
	$(BIN)/tingfeng eval
	@test -z "$(DATA)" || $(BIN)/python -m nlp.evaluate $(DATA)

SEEDS ?= 1 2 3 4 5 6
chaos: .venv/ready-dev ## every source through every fault, seed by seed; SEEDS="7 8" for others
	set -e; for seed in $(SEEDS); do $(BIN)/python -W ignore -m tests.crawlers.chaos --seed $$seed; done

KILLS ?= 50
kills: .venv/ready-dev ## crawls and back-fills killed at random moments: nothing lost or doubled
	$(BIN)/python -W ignore -m tests.crawlers.kills --kills $(KILLS)

pictures: .venv/ready-dev ## draw the crisis of docs/how-it-decides.md again
	$(BIN)/python -m bench.picture docs/images/crisis.png

screenshots: .venv/ready-dev ## take the pictures in docs/images again
	TINGFENG_SCREENSHOTS=1 $(BIN)/pytest tests/browser

visitors: .venv/ready-dev ## twenty visitors click for five minutes: no error, at most 5 MB each
	nice $(BIN)/python -m tests.browser.crowd

constraints: .venv/ready-dev ## pin the newest versions that fit pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	    --no-header --no-annotate --upgrade -o constraints.txt

clean: ## forget the environment and everything made while running
	rm -rf .venv data/var

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Tingfeng needs Python 3.11 or newer; say which: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e .
	@touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e '.[dev]'
	@touch $@
