# What a newcomer needs. Each target first installs the Debian packages it lacks (scripts/packages.txt).
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

.PHONY: help build run test test-vfio test-pq bench bench-peers soak install clean format tidy

help:
	@echo "make build    build the programs into build/bin/"
	@echo "make run      boot the example lab, watch it register and talk, then a prompt"
	@echo "make test     every test: unit, simulation, fuzzing for a bounded time, sanitizers, system (as root)"
	@echo "make test-vfio   the card's driver on a real /dev/vfio, in a guest with an emulated IOMMU"
	@echo "make test-pq  post-quantum key agreement, with the OpenSSL of Debian 13 unpacked beside the system's"
	@echo "make bench    measure: ESP per suite and packet size, registrations per second, how a domain grows"
	@echo "make bench-peers  carry TCP and UDP over this and over other VPNs in one run, as root, and print the ratios"
	@echo "make soak     a week of 500 clients that come and go, in virtual time; takes ten minutes or so"
	@echo "make install  install programs and manual pages under $(PREFIX)"

build:
	@scripts/install-packages build
	@test -f build/build.ninja || cmake --preset release -DCMAKE_INSTALL_PREFIX=$(PREFIX) >build.log 2>&1 || (cat build.log; exit 1)
	@rm -f build.log
	cmake --build build -j $(JOBS)

run: build
	@examples/three-sites/run

test: build
	@scripts/install-packages test
	@JOBS=$(JOBS) scripts/test

test-vfio: build
	@scripts/install-packages vfio
	@python3 -B tests/vfio/run.py

test-pq: build
	@scripts/install-packages test
	@ninja -C build unit_hal >build.log 2>&1 || (cat build.log; exit 1)
	@python3 -B tests/tools/post_quantum.py

bench: build
	@scripts/bench

bench-peers: build
	@scripts/install-packages bench
	@tests/bench/peers.sh -r 3

soak: build
	SW_SOAK_CLIENTS=500 SW_SOAK_HOURS=168 build/tests/sim_dvpn --gtest_filter='Outages.*'

install: build
	cmake --install build --prefix $(PREFIX)

format:
	git ls-files '*.h' '*.cc' | xargs clang-format-14 -i

tidy: build
	git ls-files '*.cc' | grep -v '^tests/' | xargs -P $(JOBS) -n 4 clang-tidy-14 -p build --quiet

clean:
	rm -rf build
