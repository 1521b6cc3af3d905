"""Packages of another Debian release, fetched by apt with the system's own keyring and mirror and unpacked beside the
system, where nothing but the test that asked for them sees them."""

import glob
import os
import shutil
import subprocess
import sys


def give_up(why):
    print("cannot be set up: " + why, file=sys.stderr)
    sys.exit(2)


def run(arguments, **more):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
    if done.returncode != 0:
        give_up("%s: %s" % (" ".join(arguments), done.stderr.strip()))
    return done.stdout


def unpack_into(folder, debs):
    """All or nothing: a folder of this name is complete."""
    half = folder + ".half"
    shutil.rmtree(half, ignore_errors=True)
    for deb in debs:
        run(["dpkg", "-x", deb, half])
    os.rename(half, folder)


def fetch(folder, apt, suites, packages):
    """Unpacks `packages` of the last suite, with all they depend on, into `folder`. `apt` is apt's own state meanwhile."""
    mirror = next((m for m in run(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).split()
                   if m.endswith("/debian/")), None)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    if mirror is None or not os.path.exists(keyring):
        give_up("this system has no Debian mirror and keyring to fetch newer packages with")
    shutil.rmtree(apt, ignore_errors=True)
    for part in ("lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(apt, part))
    open(os.path.join(apt, "status"), "w").close()
    with open(os.path.join(apt, "sources.list"), "w") as f:
        for suite in suites:
            f.write("deb [signed-by=%s] %s %s main\n" % (keyring, mirror, suite))
    options = []
    for option in ("Dir::Etc::sourcelist=%s/sources.list", "Dir::State::lists=%s/lists", "Dir::Cache=%s/cache",
                   "Dir::State::status=%s/status"):
        options += ["-o", option % apt]
    options += ["-o", "Dir::Etc::sourceparts=/dev/null", "-o", "APT::Sandbox::User=root"]
    run(["apt-get"] + options + ["update"])
    run(["apt-get"] + options + ["-t", suites[-1], "install", "--download-only", "--yes", "--no-install-recommends"]
        + list(packages))
    unpack_into(folder, glob.glob(apt + "/cache/archives/*.deb"))
    shutil.rmtree(apt)
