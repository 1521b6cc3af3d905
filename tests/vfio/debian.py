"""What the guest needs that need not be installed: a Debian kernel and a QEMU that is a vfio-user client.

Both are Debian packages, fetched by apt with the system's own keyring and mirror and unpacked into a cache folder.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from debian_beside import fetch, give_up, run, unpack_into

CACHE = os.environ.get("SW_VFIO_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sw8800-vfio")
KERNEL = "linux-image-cloud-amd64"
MODULES = ("virt/lib/irqbypass", "drivers/vfio/vfio", "drivers/vfio/vfio_virqfd", "drivers/vfio/vfio_iommu_type1",
           "drivers/vfio/pci/vfio-pci-core", "drivers/vfio/pci/vfio-pci")  # in the order they are loaded


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
        print("fetching QEMU from trixie-backports")
        fetch(folder, os.path.join(CACHE, "apt"), ("trixie", "trixie-backports"), ("qemu-system-x86",))
    libraries = folder + "/usr/lib/x86_64-linux-gnu"
    command = [libraries + "/ld-linux-x86-64.so.2", "--library-path", libraries, folder + "/usr/bin/qemu-system-x86_64",
               "-L", folder + "/usr/share/qemu", "-L", folder + "/usr/share/seabios"]
    if not has_vfio_user(command):
        give_up("the QEMU in %s is no vfio-user client" % folder)
    return command
