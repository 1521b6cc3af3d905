"""What a daemon says first and last, in the system's time; and one without rights, which says which it misses and does
what needs none."""

import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402

NOBODY = "65534"


def first_lines(world):
    device = Device(world, "device", ["--ssh", "127.0.0.1:2222"])
    device.replay("system-view\ninterface GigabitEthernet0/1\nip address 10.0.0.1 24\nreturn\n")
    device.stop()
    device.boot()
    wait_for("it to say that it has started", lambda: device.log_text().count("; started") == 2)
    text = device.log_text().split("stopped\n", 1)[1]
    print(text)
    for part in ("version ", "process %d" % device.process.pid, "database %s/device.db" % world.dir,
                 "operators attach at " + device.socket, "GigabitEthernet0/1 is eth0, up, 10.0.0.1/24",
                 "SSH at 127.0.0.1:2222", "crypto engine software"):
        check(part in text, "the first lines do not say: %s\n%s" % (part, text))

    # A clock that somebody set wrong is the device's affair, not the journal's.
    device.run("clock datetime 10:00:00 2031/01/02")
    device.run("system-view", "interface LoopBack 5", "ip address 10.0.0.1 32")
    device.run("send all", "x")
    device.sh("ip link set eth0 down && ip link set eth0 up")
    device.sh("ip address del 10.0.0.1/24 dev eth0")
    wait_for("a log line", lambda: "MENDED" in device.log_text())
    line = [line for line in device.log_text().splitlines() if "MENDED" in line][-1]
    check(time.strftime("%Y") in line and "2031" not in line, "the journal's time is not the system's: " + line)
    check("2031" in device.run("display logbuffer"), "the device's log does not follow its clock")

    shown = Device(world, "bare").run("display interface", "display ip interface brief", "display current-configuration")
    check("GigabitEthernet0/1" in shown, "a port that nobody has typed does not show:\n" + shown)


def without_rights(world):
    home = os.path.join(world.dir, "home")
    os.chmod(world.dir, 0o755)
    os.mkdir(home)
    os.chown(home, int(NOBODY), int(NOBODY))
    space = world.host("nobody")
    start = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", os.path.join(BIN, "sw8800d")]
    done = subprocess.run(["ip", "netns", "exec", space] + start + ["--db", home + "/x.db"], text=True, timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout)
    check(done.returncode == 1 and re.search("/run.*: Permission denied; --socket names another place", done.stdout),
          "not said what to do:\n" + done.stdout)

    socket = os.path.join(home, "d.sock")
    process = world.start(space, start + ["--db", home + "/x.db", "--socket", socket, "--port", "GigabitEthernet0/1=eth0",
                                          "--forwarding"], "nobody.log")
    wait_for("it to start", lambda: process.poll() is not None or "; started" in world.read("nobody.log"))
    text = world.read("nobody.log")
    print(text)
    check(process.poll() is None, "it ended")
    for right in ("no CAP_NET_ADMIN: ", "no CAP_NET_RAW: ", "no CAP_NET_BIND_SERVICE: "):
        check(right in text, "not said: %s\n%s" % (right, text))

    def run(*lines):
        command = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", os.path.join(BIN, "sw8800"),
                   "--connect", socket]
        for line in lines:
            command += ["-c", line]
        return subprocess.run(command, text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    said = run("system-view", "sysname poor", "acl number 3000", "rule 1 permit ip", "quit", "interface GigabitEthernet0/1",
               "ip address 10.0.0.1 24")
    check("not permitted" in said, "not said why an address is refused:\n" + said)
    said = run("display current-configuration", "display ip routing-table")
    check("sysname poor" in said and "rule 1 permit ip" in said, "what needs no rights does not work:\n" + said)


def test():
    need_root()
    world = World("rights")
    first_lines(world)
    without_rights(world)


main(test)
