"""The container's entry point, as containerlab starts it: the links come after the program, the configuration by a file."""

import os
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
    def __init__(self, world, name, number):
        self.world, self.name = world, name
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
                    "SW8800_LINKS=1", "SW8800_WAIT=20", "PATH=%s:%s" % (os.path.abspath(BIN), os.environ["PATH"])]
        self.process = self.world.start(self.namespace, ["env"] + settings + [ENTRYPOINT], self.name + ".log")

    def run(self, line):
        return subprocess.run([os.path.join(BIN, "sw8800"), "--connect", self.socket, "-c", line], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def join(world, one, two):
    """What containerlab does once its containers run: a veth pair, moved into both and named there."""
    world.sh(one.namespace, "ip link add eth1 type veth peer name eth1 netns %s && ip link set eth1 up" % two.namespace)
    world.sh(two.namespace, "ip link set eth1 up")


def test():
    need_root()
    world = World("container")
    one, two = Container(world, "one", 1), Container(world, "two", 2)
    time.sleep(1)
    check(not os.path.exists(one.socket), "it started before its link was there")
    join(world, one, two)
    wait_for("the links to be found and the address to be set", lambda: "192.0.2.1" in world.sh(one.namespace, "ip addr"))
    wait_for("an answer", lambda: " 0% packet loss" in world.echo(one.namespace, "-c 3 -i 0.2 -W 1 192.0.2.2"))
    check("Switch 8800" in one.run("display version"), "no answer to the health check")
    wait_for("the refused line to be named", lambda: "a line that no device knows" in world.read("one.log"), 10)
    print("the links came after the start, and the devices talk")

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
