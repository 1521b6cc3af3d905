"""One device per database, socket and port: who comes second is told the holder, and nothing of the first is touched."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root  # noqa: E402

CONFIG = """system-view
sysname first
interface GigabitEthernet0/1
ip address 10.0.0.1 24
quit
ip route-static 10.9.0.0 16 10.0.0.2
return
"""


def second(first, **changes):
    """The output of another daemon in the first one's namespace, with options of its own where they are given."""
    own = {"db": first.world.dir + "/other.db", "socket": first.world.dir + "/other.sock", "port": "GigabitEthernet0/1=eth9"}
    own.update(changes)
    command = ["ip", "netns", "exec", first.namespace, os.path.join(BIN, "sw8800d")]
    for option, value in own.items():
        command += ["--" + option, value]
    done = subprocess.run(command, text=True, timeout=20, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 1, "a second daemon did not end with 1:\n" + done.stdout)
    return done.stdout


def state(device):
    return device.sh("ip -4 address show dev eth0 && ip route && sysctl net.ipv4.ip_forward")


def test():
    need_root()
    world = World("locks")
    first = Device(world, "first", ["--forwarding"])
    first.replay(CONFIG)
    before = state(first)
    check("10.0.0.1/24" in before and "10.9.0.0/16" in before and "ip_forward = 1" in before, before)
    database = os.path.join(world.dir, "first.db")
    link = os.path.join(world.dir, "link.db")
    os.symlink(database, link)
    for changes in ({"db": database}, {"db": link}, {"socket": first.socket}, {"port": "GigabitEthernet0/7=eth0"}):
        said = second(first, **changes)
        print("%s: %s" % (changes, said.strip().splitlines()[-1]))
        check("is in use by process %d (sw8800d)" % first.process.pid in said, "the holder is not named:\n" + said)
        if "db" in changes:
            check("sw8800 --connect " + first.socket in said, "the way to attach is not named:\n" + said)
        check(state(first) == before, "the first device's own is gone:\n" + state(first))

    # A shell of one's own on the database of a running device would configure what does not run.
    done = subprocess.run([os.path.join(BIN, "sw8800"), "--db", database, "-c", "system-view", "-c", "sysname intruder"],
                          text=True, timeout=20, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print("sw8800 --db: " + done.stdout.strip())
    check(done.returncode != 0 and "sw8800 --connect " + first.socket in done.stdout, "not refused:\n" + done.stdout)
    check("sysname first" in first.run("display current-configuration"), "the database was written")

    # With the holder go its locks, however it ends.
    first.process.kill()
    first.process.wait()
    done = subprocess.run([os.path.join(BIN, "sw8800"), "--db", database, "-c", "display current-configuration"],
                          text=True, timeout=20, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check("sysname first" in done.stdout, "the locks of a killed daemon hold:\n" + done.stdout)
    first.boot()
    check(state(first) == before, "not taken over:\n" + state(first))
    first.stop()
    check(not [name for name in os.listdir(world.dir) if name.endswith(".lock")], "locks are left: %s" % os.listdir(world.dir))


main(test)
