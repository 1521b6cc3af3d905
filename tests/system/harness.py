"""Network namespaces, real daemons and waiting on what programs say, for the system tests.

Everything a test starts is ended by its process id, and every namespace it made is removed, also when it fails.
Packets are sent only inside those namespaces. Exit status 77 tells ctest that a test was skipped.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("SW_BIN_DIR", os.path.join(os.path.dirname(__file__), "../../build/bin"))
TEST_DIR = os.environ.get("SW_TEST_DIR", os.path.join(os.path.dirname(__file__), "../../build/tests"))
ECHO = [sys.executable, "-B", os.path.join(os.path.dirname(os.path.abspath(__file__)), "echo.py")]  # ping, but patient
SKIPPED = 77


def skip(reason):
    print("SKIPPED: " + reason)
    sys.exit(SKIPPED)


def need_root():
    if os.geteuid() != 0:
        skip("network namespaces need root")
    if not os.path.exists("/dev/net/tun"):
        skip("this machine has no /dev/net/tun")


class Failure(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Failure(message)


class World:
    """Namespaces joined by one bridge, the processes in them and a scratch folder."""

    def __init__(self, name):
        self.prefix = "sw%d%s" % (os.getpid(), name)
        self.dir = tempfile.mkdtemp(prefix="sw8800-")
        self.namespaces = []
        self.processes = []
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(1))
        self.net = self._namespace("net")
        self.sh(self.net, "ip link add br0 type bridge mcast_snooping 0 && ip link set br0 up")

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.processes = []
        for namespace in self.namespaces:
            subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL)
        self.namespaces = []
        shutil.rmtree(self.dir, ignore_errors=True)

    def _namespace(self, name):
        full = "%s-%s" % (self.prefix, name)
        subprocess.run(["ip", "netns", "add", full], check=True)
        self.namespaces.append(full)
        self.sh(full, "ip link set lo up")
        return full

    def host(self, name, at=None):
        """A namespace whose eth0 is on the bridge br0 of the namespace `at` (the world's own by default)."""
        full = self._namespace(name)
        at = at or self.net
        self.sh(at, "ip link add %s type veth peer name eth0 netns %s && ip link set %s master br0 up"
                % (name, full, name))
        self.sh(full, "ip link set eth0 up")
        return full

    def router(self, name, inside):
        """A namespace that forwards between the bridge (eth0) and a bridge of its own (br0, address `inside`)."""
        full = self.host(name)
        self.sh(full, "sysctl -q -w net.ipv4.ip_forward=1 && ip link add br0 type bridge mcast_snooping 0 && "
                "ip addr add %s dev br0 && ip link set br0 up" % inside)
        return full

    def sh(self, namespace, command, timeout=60, ok=True):
        done = subprocess.run(["ip", "netns", "exec", namespace, "sh", "-c", command], text=True, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ok and done.returncode != 0:
            raise Failure("%s: %s\n%s" % (namespace, command, done.stdout))
        return done.stdout

    def start(self, namespace, command, log=None):
        """Starts a program in a namespace; its output goes to the file `log` in the scratch folder."""
        out = open(os.path.join(self.dir, log), "ab") if log else subprocess.DEVNULL
        # `ip netns exec` replaces itself by the program, so the process id is the program's own.
        process = subprocess.Popen(["ip", "netns", "exec", namespace] + command, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def echo(self, namespace, arguments):
        """Echo requests to where `arguments` say; what ping(8) would print (echo.py)."""
        return self.sh(namespace, " ".join(ECHO + [arguments]), ok=False)

    def read(self, log):
        with open(os.path.join(self.dir, log), errors="replace") as f:
            return f.read()


def wait_for(what, condition, seconds=30.0):
    """Waits until `condition()` is true and returns its value; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("waited %.0f s for: %s" % (seconds, what))
        time.sleep(0.1)


def fill_disk(folder):
    """Until not a byte more goes in."""
    path = os.path.join(folder, "ballast")
    with open(path, "wb", buffering=0) as f:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass
    return path


class Device:
    """One sw8800d in a namespace of its own."""

    def __init__(self, world, name, options=(), at=None):
        self.world, self.name = world, name
        self.options = list(options)
        self.namespace = world.host(name, at)
        self.socket = os.path.join(world.dir, name + ".sock")
        self.log = name + ".log"
        self.process = None
        self.boot()

    def boot(self):
        self.process = self.world.start(
            self.namespace,
            [os.path.join(BIN, "sw8800d"), "--db", os.path.join(self.world.dir, self.name + ".db"), "--port",
             "GigabitEthernet0/1=eth0", "--socket", self.socket] + self.options, self.log)
        wait_for(self.name + " to listen", self.listening)

    def listening(self):
        check(self.process.poll() is None, "%s ended:\n%s" % (self.name, self.world.read(self.log)))
        return os.path.exists(self.socket)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(10)

    def run(self, *lines):
        command = [os.path.join(BIN, "sw8800"), "--connect", self.socket]
        for line in lines:
            command += ["-c", line]
        done = subprocess.run(command, text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout

    def replay(self, text, ok=True):
        path = os.path.join(self.world.dir, self.name + ".cfg")
        with open(path, "w") as f:
            f.write(text)
        done = subprocess.run([os.path.join(BIN, "sw8800"), "--connect", self.socket, "--replay", path], text=True,
                              timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ok:
            check(done.returncode == 0, "%s refused its configuration:\n%s" % (self.name, done.stdout))
        return done.stdout

    def sh(self, command, **options):
        return self.world.sh(self.namespace, command, **options)

    def echo(self, arguments):
        return self.world.echo(self.namespace, arguments)

    def log_text(self):
        return self.world.read(self.log)


def main(test):
    """Runs a test, prints why it failed, and turns that into an exit status."""
    try:
        test()
    except Failure as failure:
        print("FAILED: %s" % failure)
        sys.exit(1)
    print("PASSED")
