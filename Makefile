# Everything a newcomer types. Each target installs what it needs from tools/dependencies.txt, so that a fresh Debian 12
# with make and git is enough (as root, or with sudo). The CMake presets hold all build settings.
JOBS ?= $(shell nproc)
build := build

.PHONY: help build demo test test-long format clean
help:
	@echo "make build      build/graftline, the program"
	@echo "make demo       a cohort of patients, two protocols, one worklist"
	@echo "make test       build everything and run every test"
	@echo "make test-long  sanitizers, fuzzers ($${FUZZ_SECONDS:-600} s each), the 1 GB import, 220 kills; hours"
	@echo "make format     format the sources"
	@echo "make clean      remove what was built"

build:
	@tools/install-dependencies.sh build libraries test
	@cmake --preset release >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target graftline

demo: build
	@tools/demo.sh

test:
	@tools/install-dependencies.sh
	@cmake --preset release >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@ctest --preset release --parallel $(JOBS)

test-long: test
	@TIDY_DEEP=1 tools/tidy.sh $(build)
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --parallel $(JOBS)
	@ctest --preset dev --parallel $(JOBS)
	@tools/fuzz.sh
	@tests/import_1gb.sh
	@tests/durability/kill.py $(build)/graftline sqlite 200
	@tests/durability/kill.py $(build)/graftline postgresql 20

format:
	@tools/install-dependencies.sh check
	@tools/format.sh

clean:
	rm -rf build build-*
