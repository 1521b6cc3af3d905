"""What packaging/container/Containerfile makes, put together by hand and run as a container engine would: a Debian base, the
package, the entry point; namespaces, the rights that engines give; links that come after the start.

usage: image.py   after scripts/deb, as root.
"""

import glob
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tree import base  # noqa: E402
from harness import World, check, main, need_root, wait_for  # noqa: E402  (tests/system, by tree.py)

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = sorted(p for p in glob.glob(os.path.join(HERE, "../../build/deb/*.deb")) if "dbgsym" not in p)
ENTRYPOINT = os.path.join(HERE, "../../packaging/container/entrypoint")
EXAMPLE = os.path.join(HERE, "../../examples/three-sites")
SITES = ("server", "client-1", "client-2")
# What docker and podman leave to root, and --cap-add NET_ADMIN.
RIGHTS = "-all,+" + ",+".join("chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot "
                              "mknod audit_write setfcap net_admin".split())
# $1 is the container's folder, $2 the package, $3 the entry point, $4 the startup configuration, $5 the rights.
RUN = r"""
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir -p dev/net etc/sw8800
for node in null zero full random urandom tty net/tun; do touch dev/$node; mount --bind /dev/$node dev/$node; done
cp "$2" tmp/sw8800.deb
chroot . dpkg -i /tmp/sw8800.deb
cp "$3" usr/local/bin/entrypoint
touch etc/sw8800/startup.cfg
mount --bind -o ro "$4" etc/sw8800/startup.cfg
echo the container runs
exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SW8800_LINKS=1 SW8800_OPTIONS=--forwarding \
  chroot . setpriv --bounding-set "$5" /usr/local/bin/entrypoint
"""


class Container:
    def __init__(self, world, name, base_folder):
        self.world, self.name, self.namespace = world, name, world._namespace(name)
        self.folder = os.path.join(world.dir, name)
        for part in ("upper", "work", "root"):
            os.makedirs(os.path.join(self.folder, part))
        package = [p for p in PACKAGES if os.path.basename(p).startswith("sw8800_")][0]
        self.process = world.start(
            self.namespace, ["env", "BASE=" + base_folder, "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
                             RUN, "sh", self.folder, package, ENTRYPOINT, os.path.join(EXAMPLE, name + ".cfg"), RIGHTS],
            name + ".log")

    def init(self):
        """The process that is number 1 in there."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
            return int(f.read().split()[0])

    def sh(self, command):
        return subprocess.run(["nsenter", "-t", str(self.init()), "-m", "-p", "-n", "-r", "-w", "sh", "-c", command], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60).stdout

    def join(self):
        """What containerlab does once its containers run."""
        self.world.sh(self.world.net, "ip link add %s type veth peer name eth1 netns %s && ip link set %s master br0 up" %
                      (self.name, self.namespace, self.name))
        self.world.sh(self.namespace, "ip link set eth1 up")


def test():
    need_root()
    check(PACKAGES, "no packages: make deb")
    world = World("image")
    containers = [Container(world, name, base(PACKAGES)) for name in SITES]
    server, one, _ = containers

    def said():
        return "\n".join(world.read(c.name + ".log")[-1000:] for c in containers)

    wait_for("the containers to run", lambda: all("the container runs" in world.read(c.name + ".log") for c in containers), 60)
    check("sw8800d" not in server.sh("ps -e"), "it started before its link was there")
    began = time.monotonic()
    for container in containers:
        container.join()
    wait_for("the device of the server", lambda: "sw8800d" in server.sh("ps -e"), 10)
    user = server.sh("ps -C sw8800d -o user=").strip()
    check(user == "sw8800", "the device runs as '%s'\n%s" % (user, said()))
    wait_for("both clients", lambda: server.sh("sw8800 -c 'display dvpn map all'").count("FINISHED") == 2, 30)
    print("both clients are registered %.1f s after the links came" % (time.monotonic() - began))
    wait_for("the sites to talk", lambda: " 0% packet loss" in one.sh("ping -q -c 5 -i 0.2 -W 2 -I 10.1.1.1 10.1.2.1"), 30)
    with open(os.path.join(HERE, "../../packaging/container/Containerfile")) as f:
        health = re.search(r"^HEALTHCHECK .*?CMD (.*)$", f.read(), re.M).group(1)
    check(server.sh(health + " && echo healthy").strip() == "healthy", "the health check fails:\n" + said())
    os.kill(server.init(), signal.SIGTERM)
    check(server.process.wait(20) == 0, "it ended with %s\n%s" % (server.process.returncode, said()))
    print("the sites talk; healthy; ended by a signal")
    world.close()


main(test)
