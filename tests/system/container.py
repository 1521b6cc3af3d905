"""The container's entry point, as containerlab starts it: the links come after the program, the configuration by a file."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, World, check, main, need_root, wait_for  # noqa: E402

ENTRYPOINT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../packaging/container/entrypoint"))
CONFIGURATION = """ sysname %s
interface GigabitEthernet0/1
 ip address 192.0.2.%d 255.255.255.0
a line that no device knows
"""


class Container:
    def __init__(self, world, name, number, user):
        self.world, self.name, self.user = world, name, user
        self.namespace = world._namespace(name)
        self.folder = os.path.join(world.dir, name)
        os.mkdir(self.folder)
        self.socket = os.path.join(self.folder, "socket")
        self.startup = os.path.join(self.folder, "startup.cfg")
        with open(self.startup, "w") as f:
            f.write(CONFIGURATION % (name, number))
        self.start()

    def start(self):
        settings = ["SW8800_STATE=" + self.folder, "SW8800_SOCKET=" + self.socket, "SW8800_STARTUP=" + self.startup,
                    "SW8800_LINKS=1", "SW8800_WAIT=20", "SW8800_USER=" + self.user,
                    "PATH=%s:%s" % (os.path.join(self.world.dir, "bin"), os.environ["PATH"])]
        self.process = self.world.start(self.namespace, ["env"] + settings + [ENTRYPOINT], self.name + ".log")

    def run(self, line):
        return subprocess.run([os.path.join(BIN, "sw8800"), "--connect", self.socket, "-c", line], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def runs_as(container):
    """User, rights and whether it can get more, of the device in a container."""
    pid = subprocess.run(["pgrep", "-x", "-P", str(container.process.pid), "sw8800d"], text=True, check=True,
                         stdout=subprocess.PIPE).stdout.strip()
    with open("/proc/%s/status" % pid) as f:
        status = f.read()
    return [re.search(r"%s:\s*(\w+)" % name, status).group(1) for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs")]


def join(world, one, two):
    """What containerlab does once its containers run: a veth pair, moved into both and named there."""
    world.sh(one.namespace, "ip link add eth1 type veth peer name eth1 netns %s && ip link set eth1 up" % two.namespace)
    world.sh(two.namespace, "ip link set eth1 up")


def test():
    need_root()
    world = World("container")
    # As in an image: programs where everybody finds them, and for one of the two the user that they run as.
    os.chmod(world.dir, 0o711)
    os.mkdir(os.path.join(world.dir, "bin"))
    for program in ("sw8800", "sw8800d"):
        shutil.copy(os.path.join(BIN, program), os.path.join(world.dir, "bin"))
    one, two = Container(world, "one", 1, "nobody"), Container(world, "two", 2, "no-such-user")
    time.sleep(1)
    check(not os.path.exists(one.socket), "it started before its link was there")
    join(world, one, two)
    wait_for("the links to be found and the address to be set", lambda: "192.0.2.1" in world.sh(one.namespace, "ip addr"))
    wait_for("an answer", lambda: " 0% packet loss" in world.echo(one.namespace, "-c 3 -i 0.2 -W 1 192.0.2.2"))
    check("Switch 8800" in one.run("display version"), "no answer to the health check")
    wait_for("the refused line to be named", lambda: "a line that no device knows" in world.read("one.log"), 10)
    print("the links came after the start, and the devices talk")
    check(runs_as(one) == ["65534", "0000000000003400", "0000000000003400", "1"], "it runs as %s" % runs_as(one))
    check(runs_as(two)[:2] == ["0", "0000000000003400"], "the other runs as %s" % runs_as(two))

    one.process.send_signal(signal.SIGTERM)
    check(one.process.wait(20) == 0, "ended with %d" % one.process.returncode)
    check("192.0.2.1" not in world.sh(one.namespace, "ip addr"), "its address is left behind")
    with open(one.startup, "a") as f:
        f.write("sysname another\n")
    one.start()
    wait_for("the restarted device", lambda: "sysname one" in one.run("display current-configuration"))
    print("ended by a signal, it came back with its database and not with the file")
    world.close()


main(test)
