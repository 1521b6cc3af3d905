"""Configuration files as people have them (tests/files) through every door of a running device, by real programs: a script, a
pipe, OpenSSH without and with a terminal, and a start. Each leads to the same configuration, and a file of random bytes, or of
lines and bytes mixed, leads to no end of the daemon."""

import difflib
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root  # noqa: E402

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../files")
PORT = "2222"
BASE = """interface LoopBack999
 ip address 192.0.2.1 32
#
user-interface vty 0 4
 authentication-mode none
 user privilege level 3
#
"""
SEALED = re.compile(r"\$(sw2|y)\$\S+")  # never the same twice
# A person at a terminal indents nothing, so that there the lines below a refused one count by their blanks alone; and a tab is a
# key.
OTHER_AT_TERMINALS = {"refused_acl.cfg", "refused_interface.cfg", "refused_user.cfg", "refused_vlan_with_quit.cfg", "tabs.cfg"}


class Doors:
    def __init__(self, world):
        self.world = world
        self.device = Device(world, "gw", ["--ssh", "127.0.0.1:" + PORT])
        self.device.replay(BASE)
        self.device.run("configuration checkpoint base", "save")  # which makes the flash

    def inside(self, command, typed):
        done = subprocess.run(["ip", "netns", "exec", self.device.namespace] + command, input=typed, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(self.device.process.poll() is None, "the daemon ended: %s\n%s" % (command, self.device.log_text()))
        return done.stdout

    def replay(self, text):
        path = os.path.join(self.world.dir, "file.cfg")
        with open(path, "wb") as f:
            f.write(text)
        self.inside([os.path.join(BIN, "sw8800"), "--connect", self.device.socket, "--on-error", "continue", "--replay",
                     path], b"")

    def pipe(self, text):
        self.inside([os.path.join(BIN, "sw8800"), "--connect", self.device.socket], b"system-view\n" + text)

    SSH = ["ssh", "-p", PORT, "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR", "-o",
           "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=none", "admin@127.0.0.1"]

    def command(self, text):
        self.inside(self.SSH + [b"system-view\n" + text.replace(b"\0", b"")], b"")

    def terminal(self, text):
        self.inside(self.SSH[:1] + ["-tt"] + self.SSH[1:], b"system-view\n" + text + b"\nreturn\nquit\n")

    def shell(self, text):
        self.inside(self.SSH[:1] + ["-T"] + self.SSH[1:], b"system-view\n" + text + b"\nreturn\nquit\n")

    def start(self, text):
        with open(os.path.join(self.world.dir, "gw.db.flash", "startup.cfg"), "wb") as f:
            f.write(BASE.encode() + text)
        self.device.run("reboot")

    def configuration(self, apply, text):
        """The running configuration after a file came in by a door; the device is as before then."""
        apply(text)
        done = subprocess.run([os.path.join(BIN, "sw8800"), "--connect", self.device.socket, "-c", "display current-configuration"],
                              stdout=subprocess.PIPE, timeout=60)
        self.device.run("configuration rollback base")
        return SEALED.sub("sealed", done.stdout.decode("latin-1"))


def same(name, door, was, wanted):
    difference = "\n".join(difflib.unified_diff(wanted.splitlines(), was.splitlines(), "script", door, lineterm="", n=1))
    check(difference == "", "%s by %s:\n%s" % (name, door, difference))


def public_files(doors):
    names = sorted(os.listdir(FILES))
    for name in names:
        with open(os.path.join(FILES, name), "rb") as f:
            text = f.read()
        wanted = doors.configuration(doors.replay, text)
        check("LoopBack999" in wanted, wanted)
        same(name, "a pipe", doors.configuration(doors.pipe, text), wanted)
        same(name, "a command given to ssh", doors.configuration(doors.command, text), wanted)
        same(name, "a start", doors.configuration(doors.start, text), wanted)
        if name not in OTHER_AT_TERMINALS:
            same(name, "ssh -T", doors.configuration(doors.shell, text), wanted)
            same(name, "ssh -tt", doors.configuration(doors.terminal, text), wanted)
    print("%d files: a script, a pipe, a start, ssh and a terminal lead to the same" % len(names))


def random_bytes(doors):
    source = random.Random(8800)
    words = []
    for name in sorted(os.listdir(FILES)):
        with open(os.path.join(FILES, name), "rb") as f:
            words += f.read().split()
    ends = [b"\n", b"\r", b"\r\n", b" ", b"\t", b"\n ", b"%", b"\x1b[A", b"\x03", b"\x1a", b"\0", b"?", b"\xff"]
    count = 0
    for _ in range(6):
        text = b"".join(source.choice(words) + source.choice(ends) for _ in range(2000))
        for apply in (doors.replay, doors.pipe, doors.command, doors.shell, doors.terminal):
            apply(text)
            count += 1
        doors.replay(bytes(source.randrange(256) for _ in range(20000)))
    check("LoopBack999" in doors.configuration(lambda text: None, b""), "the device answers no more")
    print("%d files of words and bytes: the daemon goes on" % count)


def test():
    need_root()
    world = World("fd")
    try:
        doors = Doors(world)
        public_files(doors)
        random_bytes(doors)
    finally:
        world.close()


main(test)
