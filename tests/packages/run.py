"""The Debian packages in three booted systems: install, start under systemd, talk, upgrade, remove, purge.

usage: run.py   after scripts/deb, as root.
"""

import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tree import Tree, base  # noqa: E402
from harness import Failure, World, check, main, need_root, wait_for  # noqa: E402  (tests/system, by tree.py)

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = sorted(p for p in glob.glob(os.path.join(HERE, "../../build/deb/*.deb")) if "dbgsym" not in p and "-dev_" not in p)
EXAMPLE = os.path.join(HERE, "../../examples/three-sites")
LEFT = "/etc/sw8800 /var/lib/sw8800 /run/sw8800 /usr/bin/sw8800* /usr/share/sw8800 /etc/systemd/system/*/sw8800*"


def install(tree, upgrade=False):
    for package in PACKAGES:
        tree.copy_in(package)
    names = " ".join("/tmp/" + os.path.basename(p) for p in PACKAGES)
    return tree.sh("DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold %s 2>&1" % names)


def configure(tree, name):
    tree.put("/etc/sw8800/sw8800d.ini", "port = GigabitEthernet0/1=eth0\nforwarding = true\n")
    tree.sh("systemctl restart sw8800d")
    check(tree.sh("systemctl is-active sw8800d").strip() == "active", "the service is not active")
    with open(os.path.join(EXAMPLE, name + ".cfg")) as f:
        tree.put("/tmp/site.cfg", f.read())
    tree.sh("sw8800 --replay /tmp/site.cfg")
    tree.sh("sw8800 -c save", ok=False)


def service_of(tree):
    """User and rights of the running service, as the kernel has them."""
    pid = tree.sh("systemctl show -P MainPID sw8800d").strip()
    status = tree.sh("cat /proc/%s/status" % pid)
    user = tree.sh("ps -o user= -p " + pid).strip()
    return user, int(re.search(r"CapBnd:\s*(\w+)", status).group(1), 16), "NoNewPrivs:\t1" in status


def lost_of(text):
    found = re.search(r"([\d.]+)% packet loss", text)
    return 100.0 if found is None else float(found.group(1))


def talk(tree, count=10):
    return lost_of(tree.sh("ping -c %d -i 0.2 -W 2 -I 10.1.1.1 10.1.2.1" % count, ok=False))


def figures(tree):
    for unit in ("sw8800d.service", "sw8800d@a.service"):
        tree.sh("systemd-analyze verify --man=no " + unit)
    last = tree.sh("systemd-analyze security --no-pager sw8800d.service").strip().splitlines()[-1]
    exposure = float(re.search(r": ([\d.]+) ", last).group(1))
    print("systemd-analyze security: %.1f" % exposure)
    check(exposure < 2.5, "too open: " + last)


def purge(tree):
    tree.sh("dpkg -r sw8800 2>&1")
    check("sw8800.db" in tree.sh("ls /var/lib/sw8800"), "the configuration went with the programs")
    check(tree.sh("ip -br addr show lo").count("10.1.1.1") == 0, "an address of the device is left in the kernel")
    tree.sh("dpkg -P sw8800 sw8800-card sw8800-doc 2>&1")
    left = tree.sh("ls -d %s 2>/dev/null" % LEFT, ok=False)
    check(left == "", "left after a purge:\n" + left)


def test():
    need_root()
    check(len(PACKAGES) >= 3, "no packages: make deb")
    folder = base(PACKAGES)
    world = World("deb")
    trees = {}
    try:
        for name in ("server", "client-1", "client-2"):
            trees[name] = Tree(os.path.join(world.dir, name), folder, world.host(name))
            install(trees[name])
            configure(trees[name], name)
        server, one = trees["server"], trees["client-1"]
        user, bounding, no_new = service_of(server)
        check(user == "sw8800" and no_new, "the service runs as %s" % user)
        check(bounding == 1 << 10 | 1 << 12 | 1 << 13, "capabilities %x" % bounding)  # bind service, net admin, net raw
        wait_for("both clients to register",
                 lambda: server.sh("sw8800 -c 'display dvpn map all'").count("FINISHED") == 2, 60)
        wait_for("the sites to talk", lambda: talk(one) == 0, 30)
        print("installed in three systems; the sites talk")
        figures(server)

        with_traffic = subprocess.Popen(["ip", "netns", "exec", one.namespace, "ping", "-q", "-i", "0.05", "-c", "200", "-I",
                                         "10.1.1.1", "10.1.2.1"], text=True, stdout=subprocess.PIPE)
        before = one.sh("systemctl show -P MainPID sw8800d")
        install(one)
        check(one.sh("systemctl show -P MainPID sw8800d") != before, "the upgrade left the old process running")
        wait_for("the sites to talk after the upgrade", lambda: talk(one) == 0, 30)
        lost = lost_of(with_traffic.communicate()[0])
        print("upgraded under traffic: %.1f %% of 10 s of packets lost" % lost)
        check(lost == 0, "the upgrade cost packets:\n" + one.sh("journalctl --no-pager -n 25 -u sw8800d"))
        before = one.sh("systemctl show -P MainPID sw8800d").strip()
        one.sh("systemctl reload sw8800d")
        check(one.sh("systemctl is-active sw8800d").strip() == "active", "a reload ended the service")
        check(one.sh("systemctl show -P MainPID sw8800d").strip() != before, "a reload started no other process")
        one.sh("kill -9 $(systemctl show -P MainPID sw8800d)")
        wait_for("the service to be started again", lambda: one.sh("systemctl show -P NRestarts sw8800d").strip() == "1"
                 and one.sh("systemctl is-active sw8800d", ok=False).strip() == "active", 30)
        purge(one)
        print("removed and purged: nothing left")
    except Failure:
        for name, tree in trees.items():
            print("%s:\n%s" % (name, tree.sh("journalctl --no-pager -n 25 -u sw8800d", ok=False)))
        raise
    finally:
        for tree in trees.values():
            tree.close()
        world.close()


main(test)
