# The commands of this repository; each is a script in tools/, which says more.
.DEFAULT_GOAL := help
.PHONY: help run viewer test test-crash test-minio check test-long includes fuzz bench format install clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: ## build, start the server on ./data, show how to use it
	@tools/run.sh

viewer: ## fetch the OHIF viewer by npm and prepare it, for the server to show
	@tools/viewer.sh

test: ## build and run every test; ends with one summary
	@tools/test.sh

test-crash: ## power cuts, crash points, failing disks, races: all of docs/reliability.md, also its long forms
	@tools/test_crash.sh

test-minio: ## the tests of the object store over MinIO itself, built first where Go 1.24 is there
	@tools/test_minio.sh

check: ## format, clang-tidy, layers, every test, sanitizers: what must hold before a change lands
	@tools/check.sh

test-long: ## what takes too long for every change: long tests, ThreadSanitizer, fuzzing
	@tools/test_long.sh

includes: ## read every source by itself: finds an include that a file forgets
	@tools/check_includes.py

fuzz: ## look for inputs that break a parser, a minute for each (docs/reliability.md)
	@tools/fuzz.sh

bench: ## measure beside the references (docs/performance.md)
	@tools/bench.sh

format: ## lay out the C++ files as .clang-format says
	@tools/format.sh

install: ## build and install below PREFIX (/usr/local), DESTDIR before it
	@tools/install.sh

clean: ## remove build/ (never data/)
	rm -rf build
