"""Runs the tests of hybrid key agreement and of suite 18 with the OpenSSL of Debian 13, which has ML-KEM: its loader, C library and
libcrypto are unpacked into a cache folder and used beside the system's own, for these tests only (`make test-pq`).
"""

import os
import re
import subprocess
import sys

from debian_beside import fetch, give_up

CACHE = os.environ.get("SW_PQ_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sw8800-pq")
PACKAGES = ("libc6", "libssl3t64", "openssl-provider-legacy")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
# program, its cases; each must find ML-KEM and none may be skipped
SUITES = (("unit_hal", "Hybrid*"), ("unit_dvpn", "PostQuantum*"))


def main():
    folder = os.path.join(CACHE, "trixie")
    if not os.path.isdir(folder):
        os.makedirs(CACHE, exist_ok=True)
        print("fetching OpenSSL from trixie", flush=True)
        fetch(folder, os.path.join(CACHE, "apt"), ("trixie",), PACKAGES)
    newer = folder + "/usr/lib/x86_64-linux-gnu"
    loader = newer + "/ld-linux-x86-64.so.2"
    if not os.path.exists(loader):
        give_up("no loader in %s" % newer)
    environment = dict(os.environ, SW_EXPECT_ML_KEM="1", OPENSSL_MODULES=newer + "/ossl-modules")
    failed = False
    for program, cases in SUITES:
        path = os.path.join(ROOT, "build", "tests", program)
        done = subprocess.run([loader, "--library-path", newer + ":/usr/lib/x86_64-linux-gnu", path,
                               "--gtest_filter=" + cases, "--gtest_brief=0"], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        passed = re.search(r"\[  PASSED  \] (\d+) test", done.stdout)
        if done.returncode != 0 or "[  SKIPPED ]" in done.stdout or not passed or int(passed.group(1)) == 0:
            failed = True
            print(done.stdout + done.stderr)
        print("%s %s: %s" % (program, cases, passed.group(0) if passed else "failed"))
    sys.exit(1 if failed else 0)


main()
