# What a newcomer needs. Each target first installs the Debian packages it lacks (scripts/packages.txt).
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
MINUTES ?= 120

.PHONY: help build run test test-vfio test-pq test-deb bench bench-peers soak soak-week install deb clean format tidy

help:
	@echo "make build    build the three programs into build/bin/, and nothing else"
	@echo "make run      boot the example lab, watch it register and talk, then a prompt"
	@echo "make test     every test: unit, simulation, fuzzing for a bounded time, sanitizers, system (as root)"
	@echo "make test-vfio   the card's driver on a real /dev/vfio, in a guest with an emulated IOMMU"
	@echo "make test-pq  post-quantum suite 18, with the OpenSSL of Debian 13 unpacked beside the system's"
	@echo "make bench    measure: ESP per suite and packet size, registrations per second, how a domain grows"
	@echo "make bench-peers  carry TCP and UDP over this and over other VPNs in one run, as root, and print the ratios"
	@echo "make soak     a day in small, as root: three sites under traffic and all kinds of faults; MINUTES=120"
	@echo "make soak-week   a week of 500 clients that come and go, in virtual time; takes ten minutes or so"
	@echo "make install  install programs and manual pages under $(PREFIX)"
	@echo "make deb      the Debian packages, in build/deb/; make test-deb installs, upgrades and purges them in a tree of its own"

build:
	@scripts/install-packages build
	@test -f build/build.ninja || cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX) >build.log 2>&1 || (cat build.log; exit 1)
	@rm -f build.log
	cmake --build build -j $(JOBS)

run: build
	@examples/three-sites/run

test: configure-test
	@JOBS=$(JOBS) scripts/test

# What is built for tests and benchmarks is configured when its packages are there.
configure-%: build
	@scripts/install-packages $*
	@cmake --preset release >/dev/null

test-vfio: configure-test
	@scripts/install-packages vfio
	cmake --build build -j $(JOBS) --target guest-tests
	@python3 -B tests/vfio/run.py

test-pq: configure-test
	cmake --build build -j $(JOBS) --target unit_hal unit_dvpn
	@python3 -B tests/tools/post_quantum.py

bench: configure-bench
	cmake --build build -j $(JOBS) --target benches guest-tests
	@scripts/bench

bench-peers: configure-bench
	@tests/bench/peers.sh -r 3

soak: configure-test
	SW_BIN_DIR=build/bin python3 -B tests/soak/faults.py $(MINUTES)

soak-week: configure-test
	cmake --build build -j $(JOBS) --target sim_dvpn
	SW_SOAK_CLIENTS=500 SW_SOAK_HOURS=168 build/tests/sim_dvpn --gtest_filter='Outages.*'

install: build
	cmake --install build --prefix $(PREFIX)

# From a clean copy of what is committed, so that nothing else gets in.
deb:
	@scripts/install-packages build deb
	@scripts/deb

test-deb: deb
	@python3 -B tests/packages/run.py
	@python3 -B tests/packages/image.py

format:
	git ls-files '*.h' '*.cc' | xargs clang-format-14 -i

tidy: build
	git ls-files '*.cc' | grep -v '^tests/' | xargs -P $(JOBS) -n 4 clang-tidy-14 -p build --quiet

clean:
	rm -rf build
