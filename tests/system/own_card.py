"""The library for cards of others, as installed: the outside project of examples/own-card builds against it alone and its
tests pass; pkg-config serves a program too; and the public headers declare what packaging/hal-dev/api.txt says."""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import api_listing  # noqa: E402
from harness import BIN, check, main, skip  # noqa: E402

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/own-card")
PROGRAM = """
#include <hal/soft/software_device.h>
#include <iostream>
int main() {
  const auto engine = sw::hal::SoftwareDevice::Create();
  std::cout << (*engine)->capabilities().transforms.size() << " transforms\\n";
}
"""


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    check(done.returncode == 0, "%s:\n%s" % (" ".join(command), done.stdout[-4000:]))
    return done.stdout


def compare_headers():
    with open(api_listing.KEPT) as f:
        kept = f.read()
    changes = "\n".join(difflib.unified_diff(kept.splitlines(), api_listing.listing().splitlines(), "kept", "headers",
                                             lineterm="", n=0))
    check(not changes, "the public headers changed; if that is meant: tests/tools/api_listing.py --write\n" + changes)
    print("public headers: %d declarations, as kept" % kept.count("\n"))


def outside_project(prefix, folder):
    copy = os.path.join(folder, "own-card")
    shutil.copytree(EXAMPLE, copy)
    run("cmake", "-S", copy, "-B", copy + "/build", "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + prefix)
    run("cmake", "--build", copy + "/build", "-j", "2")
    said = run(copy + "/build/toy_card_test", "--gtest_color=no")
    print("own-card: " + [line for line in said.splitlines() if "PASSED" in line][-1])


def with_pkg_config(prefix, tree, folder):
    source = os.path.join(folder, "program.cc")
    with open(source, "w") as f:
        f.write(PROGRAM)
    found = subprocess.run(["find", prefix, "-name", "pkgconfig"], text=True, stdout=subprocess.PIPE).stdout.strip()
    flags = run("pkg-config", "--cflags", "--libs", "sw8800-hal",
                env=dict(os.environ, PKG_CONFIG_PATH=found, PKG_CONFIG_SYSROOT_DIR=tree)).split()
    # Only this package is in the tree; what it needs is the system's.
    flags = [flag if os.path.exists(flag[2:]) or flag[:2] not in ("-I", "-L") else flag.replace(tree, "")
             for flag in flags]
    run("c++", "-std=c++20", "-o", source[:-3], source, *flags)
    said = run(source[:-3])
    check(int(said.split()[0]) > 20, said)
    print("pkg-config: a program that finds %s" % said.strip())


def test():
    build = os.path.dirname(os.path.realpath(BIN))
    if shutil.which("cmake") is None:
        skip("no cmake")
    compare_headers()
    folder = tempfile.mkdtemp(prefix="sw8800-own-card-")
    try:
        tree = os.path.join(folder, "tree")
        run("cmake", "--install", build, "--component", "hal-dev", env=dict(os.environ, DESTDIR=tree))
        prefix = os.path.dirname(run("find", tree, "-name", "include", "-type", "d").split()[0])
        outside_project(prefix, folder)
        with_pkg_config(prefix, tree, folder)
    finally:
        shutil.rmtree(folder)


main(test)
