"""The disk under the database fills while the device runs; a database file or directory that is read-only.

One clear line at the command that fails, the shell goes on, what was saved stays, and all works when there is room.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, fill_disk, main, need_root, wait_for  # noqa: E402

NOBODY = "65534"


class Shell:
    """sw8800 on a database, fed line by line."""

    def __init__(self, database, log):
        self.log = log
        self.out = open(log, "wb")
        self.process = subprocess.Popen([os.path.join(BIN, "sw8800"), "--db", database], stdin=subprocess.PIPE,
                                        stdout=self.out, stderr=subprocess.STDOUT, text=True)
        self.marks = 0

    def text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def run(self, *lines):
        """What the lines print; `display clock` behind them ends with a line that tells that they are done."""
        before = len(self.text())
        self.marks += 1
        mark = "no-such-command-%d" % self.marks
        self.process.stdin.write("\n".join(lines + (mark,)) + "\n")
        self.process.stdin.flush()

        def done():
            check(self.process.poll() is None, "the shell ended:\n" + self.text())
            answer = self.text()[before:]
            return mark in answer and "Unrecognized" in answer.split(mark, 1)[1]
        wait_for("an answer to " + lines[0], done)
        return self.text()[before:].split(mark, 1)[0]

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.out.close()


def reasons(text):
    return [line.strip() for line in text.splitlines() if line.strip().startswith("%")]


def full_disk(folder):
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "none", disk], check=True)
    database = os.path.join(disk, "config.db")
    shell = Shell(database, os.path.join(folder, "full.log"))
    print(shell.run("system-view", "sysname before", "interface loopback 0", "ip address 10.0.0.1 32", "return",
                    "save force"))
    ballast = fill_disk(disk)
    # A line may still find room in pages that the database has already; many do not.
    refused = []
    for number in range(200):
        said = shell.run("system-view", "interface loopback %d" % (number + 1), "description " + "d" * 80, "return")
        refused = reasons(said)
        if refused:
            break
    print("refused after %d objects: %s" % (number, refused))
    # Where the interface is refused there is no view for its description.
    check(refused and refused[0] == "% database or disk is full" and all("Skipped" in line for line in refused[1:]),
          "not said why:\n%s" % refused)
    said = shell.run("save force")
    print("save: " + " / ".join(reasons(said)))
    check(any("room" in line or "full" in line for line in reasons(said)), "save does not say why:\n" + said)
    said = shell.run("display current-configuration", "ping -c 1 127.0.0.1")
    check("sysname before" in said and "1 packet(s) received" in said, "the shell does not go on:\n" + said)
    said = shell.run("display saved-configuration")
    check("sysname before" in said and "LoopBack0" in said, "the startup configuration is lost:\n" + said)

    os.unlink(ballast)
    said = shell.run("system-view", "sysname after", "interface loopback 900", "return", "save force",
                     "display saved-configuration")
    check(not reasons(said) and "sysname after" in said and "LoopBack900" in said, "it does not work again:\n" + said)

    # Full again, and it dies: what was committed and saved is there with the next start, even with the disk full.
    fill_disk(disk)
    shell.process.kill()
    shell.process.wait()
    again = Shell(database, os.path.join(folder, "again.log"))
    said = again.run("display current-configuration", "display saved-configuration")
    print("started on the full disk: %s" % reasons(again.text())[:3])
    check(said.count("sysname after") == 2 and said.count("LoopBack900") == 2, "not as it was:\n" + again.text())
    again.end()
    subprocess.run(["umount", disk], check=True)


def read_only(folder):
    """As a user who may not write: a database file, then a directory."""
    home = os.path.join(folder, "home")
    os.mkdir(home)
    os.chmod(folder, 0o755)
    database = os.path.join(home, "config.db")
    first = Shell(database, os.path.join(folder, "first.log"))
    first.run("system-view", "sysname kept", "return", "save force")
    first.end()
    for path, _, files in os.walk(home):
        os.chown(path, int(NOBODY), int(NOBODY))
        for name in files:
            os.chown(os.path.join(path, name), int(NOBODY), int(NOBODY))

    def as_nobody(*lines):
        command = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", os.path.join(BIN, "sw8800"),
                   "--db", database]
        for line in lines:
            command += ["-c", line]
        done = subprocess.run(command, text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    for what, mode, path in (("file", 0o400, database), ("directory", 0o500, home)):
        before = os.stat(path).st_mode & 0o777
        os.chmod(path, mode)
        said = as_nobody("system-view", "sysname changed", "display current-configuration")
        print("read-only %s: %s" % (what, said.strip()))
        check(len(said.strip().splitlines()) == 1 and "cannot use " + database in said, "not one clear line:\n" + said)
        os.chmod(path, before)
        said = as_nobody("display current-configuration", "display saved-configuration")
        check(said.count("sysname kept") == 2, "the file did not stay as it was:\n" + said)

    # While it runs: nothing can be made in the directory of flash: any more.
    shell = Shell.__new__(Shell)
    shell.log, shell.marks = os.path.join(folder, "running.log"), 0
    shell.out = open(shell.log, "wb")
    shell.process = subprocess.Popen(
        ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", os.path.join(BIN, "sw8800"), "--db",
         database], stdin=subprocess.PIPE, stdout=shell.out, stderr=subprocess.STDOUT, text=True)
    shell.run("display clock")
    flash = [name for name in os.listdir(home) if os.path.isdir(os.path.join(home, name))]
    check(len(flash) == 1, "one folder beside the database: %s" % flash)
    os.chmod(os.path.join(home, flash[0]), 0o500)
    said = shell.run("system-view", "sysname running", "return", "save force")
    print("flash read-only while running: %s" % reasons(said))
    check(any("ermission denied" in line for line in reasons(said)), "save does not say why:\n" + said)
    said = shell.run("display saved-configuration", "display current-configuration")
    check("sysname kept" in said and "sysname running" in said, "not as it was:\n" + said)
    os.chmod(os.path.join(home, flash[0]), 0o700)
    said = shell.run("save force", "display saved-configuration")
    check(not reasons(said) and "sysname running" in said, "it does not work again:\n" + said)
    shell.end()


def read_only_daemon():
    """A device comes up whatever its file system: on what it can read, and it says so."""
    world = World("ro")
    device = Device(world, "dut")
    device.replay("sysname kept\ninterface GigabitEthernet0/1\n ip address 192.0.2.1 255.255.255.0\n")
    check("saved to device" in device.run("save force"), "save failed")
    device.stop()
    # The socket is made in a folder of its own; all else is read-only.
    sockets = tempfile.mkdtemp(prefix="sw8800-")
    device.socket = os.path.join(sockets, "dut.sock")
    subprocess.run("mount --bind %s %s && mount -o remount,bind,ro %s" % ((world.dir,) * 3), shell=True, check=True)
    device.log = os.path.join(sockets, "ro.log")
    device.boot()
    log = [line for line in device.log_text().splitlines() if "cannot use" in line]
    print("read-only file system: %s" % log)
    check(len(log) == 1 and "memory only" in log[0], "not one clear line:\n" + device.log_text())
    said = device.run("system-view", "sysname changed", "display current-configuration", "save force")
    print("save: %s" % reasons(said))
    check("192.0.2.1" in said and "sysname changed" in said, "the device does not go on:\n" + said)
    check(any("ead-only file system" in line for line in reasons(said)), "save does not say why:\n" + said)
    check("sysname kept" in device.run("display saved-configuration"), "the startup configuration is lost")
    device.stop()
    subprocess.run(["umount", world.dir], check=True)
    device.log = "dut.log"
    device.boot()
    said = device.run("display current-configuration", "display saved-configuration", "save force")
    check(said.count("sysname kept") == 2 and not reasons(said), "the files did not stay as they were:\n" + said)
    device.stop()
    shutil.rmtree(sockets, ignore_errors=True)


def test():
    folder = tempfile.mkdtemp(prefix="sw8800-")
    try:
        full_disk(folder)
        read_only(folder)
        read_only_daemon()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if len(sys.argv) == 1:  # in a mount namespace of its own: whatever happens, no mount is left
    need_root()
    sys.exit(subprocess.call(["unshare", "-m", "--propagation", "private", sys.executable, "-B",
                              os.path.abspath(__file__), "inside"]))
main(test)
