"""What the guest needs that need not be installed: a Debian kernel and a QEMU that is a vfio-user client.

Both are Debian packages, fetched by apt with the system's own keyring and mirror and unpacked into a cache folder.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

CACHE = os.environ.get("SW_VFIO_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sw8800-vfio")
KERNEL = "linux-image-cloud-amd64"
MODULES = ("virt/lib/irqbypass", "drivers/vfio/vfio", "drivers/vfio/vfio_virqfd", "drivers/vfio/vfio_iommu_type1",
           "drivers/vfio/pci/vfio-pci-core", "drivers/vfio/pci/vfio-pci")  # in the order they are loaded


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


def kernel():
    """Returns the kernel's file and the files of MODULES."""
    found = re.search(r"Depends: (linux-image-\S+)", run(["apt-cache", "depends", KERNEL]))
    if not found:
        give_up("no package behind %s; run apt-get update" % KERNEL)
    folder = os.path.join(CACHE, found.group(1))
    if not os.path.isdir(folder):
        print("fetching %s" % found.group(1))
        fetched = folder + ".fetched"
        shutil.rmtree(fetched, ignore_errors=True)
        os.makedirs(fetched)
        # As this user, who owns the folder: apt's own user does not.
        run(["apt-get", "-o", "APT::Sandbox::User=root", "download", found.group(1)], cwd=fetched)
        unpack_into(folder, glob.glob(fetched + "/*.deb"))
        shutil.rmtree(fetched)
    tree = glob.glob(folder + "/lib/modules/*/kernel")[0]
    return glob.glob(folder + "/boot/vmlinuz-*")[0], [os.path.join(tree, m + ".ko") for m in MODULES]


def has_vfio_user(qemu):
    return "vfio-user-pci options" in subprocess.run(qemu + ["-device", "vfio-user-pci,help"], stdin=subprocess.DEVNULL,
                                                     capture_output=True, text=True).stdout


def qemu_with_vfio_user():
    """QEMU from 10.1 on is a vfio-user client. Where the system's is older, one of trixie-backports is unpacked beside
    the system with the libraries it was linked with, and run by its own loader."""
    if has_vfio_user(["qemu-system-x86_64"]):
        return ["qemu-system-x86_64"]
    folder = os.path.join(CACHE, "qemu-trixie-backports")
    if not os.path.isdir(folder):
        mirror = next((m for m in run(["apt-get", "indextargets", "--format", "$(REPO_URI)"]).split()
                       if m.endswith("/debian/")), None)
        keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
        if mirror is None or not os.path.exists(keyring):
            give_up("this system has no Debian mirror and keyring to fetch a newer QEMU with")
        print("fetching QEMU from trixie-backports")
        apt = os.path.join(CACHE, "apt")
        shutil.rmtree(apt, ignore_errors=True)
        for part in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(apt, part))
        open(os.path.join(apt, "status"), "w").close()
        with open(os.path.join(apt, "sources.list"), "w") as f:
            for suite in ("trixie", "trixie-backports"):
                f.write("deb [signed-by=%s] %s %s main\n" % (keyring, mirror, suite))
        options = []
        for option in ("Dir::Etc::sourcelist=%s/sources.list", "Dir::State::lists=%s/lists", "Dir::Cache=%s/cache",
                       "Dir::State::status=%s/status"):
            options += ["-o", option % apt]
        options += ["-o", "Dir::Etc::sourceparts=/dev/null", "-o", "APT::Sandbox::User=root"]
        run(["apt-get"] + options + ["update"])
        run(["apt-get"] + options + ["-t", "trixie-backports", "install", "--download-only", "--yes",
                                     "--no-install-recommends", "qemu-system-x86"])
        unpack_into(folder, glob.glob(apt + "/cache/archives/*.deb"))
        shutil.rmtree(apt)
    libraries = folder + "/usr/lib/x86_64-linux-gnu"
    command = [libraries + "/ld-linux-x86-64.so.2", "--library-path", libraries, folder + "/usr/bin/qemu-system-x86_64",
               "-L", folder + "/usr/share/qemu", "-L", folder + "/usr/share/seabios"]
    if not has_vfio_user(command):
        give_up("the QEMU in %s is no vfio-user client" % folder)
    return command
