"""Debian's FRRouting in a namespace: zebra and one routing daemon, unpatched, with files of their own."""

import os
import shutil
import subprocess

from harness import skip, wait_for

PROGRAMS = "/usr/lib/frr"


def need_frr():
    if not os.path.exists(PROGRAMS + "/ospfd"):
        skip("frr is not installed")


class Ospf:
    """zebra and ospfd with the given lines of configuration; everything they write is in the scratch folder."""

    def __init__(self, world, namespace, name, lines):
        self.folder = os.path.join(world.dir, name + "-frr")
        self.world, self.namespace = world, namespace
        os.makedirs(self.folder)
        for daemon, text in (("zebra", ""), ("ospfd", lines)):
            with open(os.path.join(self.folder, daemon + ".conf"), "w") as f:
                f.write("hostname %s\nlog file %s/%s.log\n%s" % (name, self.folder, daemon, text))
        # They drop root for the user frr, who is to read and write here.
        shutil.chown(world.dir, group="frr")
        os.chmod(world.dir, 0o770)
        for path in [self.folder] + [os.path.join(self.folder, f) for f in os.listdir(self.folder)]:
            shutil.chown(path, "frr", "frr")
        for daemon in ("zebra", "ospfd"):
            world.start(namespace, [PROGRAMS + "/" + daemon, "-f", "%s/%s.conf" % (self.folder, daemon), "-i",
                                    "%s/%s.pid" % (self.folder, daemon), "-z", self.folder + "/zserv.api",
                                    "--vty_socket", self.folder, "-P", "0"], name + "-frr.log")
            wait_for(daemon + " of " + name, lambda: os.path.exists("%s/%s.vty" % (self.folder, daemon)), 20)

    def show(self, command):
        done = subprocess.run(["vtysh", "--vty_socket", self.folder, "-c", command], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=20)
        return done.stdout
