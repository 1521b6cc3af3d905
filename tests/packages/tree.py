"""A Debian system in a folder, booted by its own systemd in namespaces of its own: where packages are tried.

The base is made once by mmdebstrap and kept in ~/.cache/sw8800-deb; a tree is an overlay over it, so that nothing of a
trial stays. Packages are installed without a network: the base has what they depend on.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from harness import Failure, check, wait_for  # noqa: E402

CACHE = os.path.expanduser("~/.cache/sw8800-deb")
TOOLS = ["systemd", "iproute2", "iputils-ping", "procps"]
HIERARCHIES = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"]

# Run in the namespaces of the tree-to-be, as root; $1 is its folder. What systemd(1) asks of a container manager.
BOOT = r"""
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
if [ -d /sys/fs/cgroup/unified ]; then
  mount -t tmpfs tmpfs sys/fs/cgroup
  mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
  mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
else
  mount -t cgroup2 cgroup2 sys/fs/cgroup
fi
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty net/tun; do
  mkdir -p "dev/$(dirname $node)"
  touch dev/$node
  mount --bind /dev/$node dev/$node
done
ln -s /proc/self/fd dev/fd
touch dev/console
mount --bind "$1/console" dev/console
exec env -i container=sw8800 PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --system --log-target=console
"""


def base(packages):
    """The folder of the base system; made when it is not there or lacks what `packages` depend on."""
    depends = set(TOOLS)
    for package in packages:
        line = subprocess.run(["dpkg-deb", "-f", package, "Depends"], text=True, check=True,
                              stdout=subprocess.PIPE).stdout
        depends |= {one.split()[0] for one in line.split(",") if one.strip()}  # of alternatives the first
    stamp = os.path.join(CACHE, "has")
    wanted = " ".join(sorted(depends))
    folder = os.path.join(CACHE, "base")
    if os.path.exists(stamp):
        with open(stamp) as f:
            if f.read() == wanted:
                return folder
    shutil.rmtree(CACHE, ignore_errors=True)
    os.makedirs(CACHE)
    print("making a base system with mmdebstrap; this takes minutes")
    subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--include=" + wanted.replace(" ", ","),
                    "bookworm", folder], check=True)
    for unit in ("getty.target", "getty@tty1.service", "console-getty.service", "systemd-logind.service"):
        path = os.path.join(folder, "etc/systemd/system", unit)
        if os.path.lexists(path):
            os.remove(path)
        os.symlink("/dev/null", path)  # nobody sits at this machine
    with open(stamp, "w") as f:
        f.write(wanted)
    return folder


class Tree:
    """One booted system. Its network namespace is `namespace`, which the caller made."""

    def __init__(self, folder, base_folder, namespace):
        self.folder, self.namespace = folder, namespace
        self.name = "sw8800-%d-%s" % (os.getpid(), os.path.basename(folder))
        for part in ("upper", "work", "root"):
            os.makedirs(os.path.join(folder, part))
        self.console = os.path.join(folder, "console")
        open(self.console, "w").close()
        self.groups = [os.path.join(h, self.name) for h in HIERARCHIES
                       if os.path.exists(os.path.join(h, "cgroup.procs")) and not (
                           h == HIERARCHIES[2] and os.path.isdir(HIERARCHIES[1]))]
        for group in self.groups:
            os.mkdir(group)
        enter = "".join("echo $$ > %s/cgroup.procs && " % group for group in self.groups)
        self.process = subprocess.Popen(
            ["sh", "-c", enter + 'exec nsenter --net="/run/netns/$2" unshare --mount --pid --uts --ipc --cgroup --fork '
             '--kill-child sh -c "$BOOT" boot "$1"', "sh", folder, namespace],
            env=dict(os.environ, BASE=base_folder, BOOT=BOOT), stdin=subprocess.DEVNULL)
        try:
            self.init = wait_for("systemd to be there", self._find_init, 20)
            wait_for("systemd to have booted", self._booted, 60)
        except Failure as failure:
            self.close()
            raise Failure("%s; its console:\n%s" % (failure, self.said()))

    def _find_init(self):
        check(self.process.poll() is None, "it ended")
        try:
            with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as f:
                children = f.read().split()
            with open("/proc/%s/comm" % children[0]) as f:
                return int(children[0]) if f.read().strip() == "systemd" else None
        except (OSError, IndexError):
            return None

    def _booted(self):
        return self.sh("systemctl is-system-running", ok=False).strip() in ("running", "degraded")

    def said(self):
        with open(self.console, errors="replace") as f:
            return f.read()[-3000:]

    def _enter(self, command):
        """The arguments that run a shell command in the tree as root."""
        return ["nsenter", "-t", str(self.init), "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup",
                "chroot", os.path.join(self.folder, "root"), "sh", "-c", command]

    def sh(self, command, ok=True, timeout=120):
        """Runs a command in the tree as root and returns what it printed."""
        done = subprocess.run(self._enter(command), text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if ok and done.returncode != 0:
            raise Failure("%s: %s\n%s" % (self.name, command, done.stdout))
        return done.stdout

    def put(self, path, text):
        """Writes a file of the tree, while it runs."""
        subprocess.run(self._enter("cat > " + path), input=text, text=True, check=True)

    def copy_in(self, source):
        with open(source, "rb") as f:
            subprocess.run(self._enter("cat > /tmp/" + os.path.basename(source)), stdin=f, check=True)

    def close(self):
        if self.process.poll() is None:
            init = getattr(self, "init", None)
            if init:
                os.kill(init, signal.SIGKILL)  # its namespace and all in it go with it
            self.process.kill()
            self.process.wait()
        for group in self.groups:
            for _ in range(50):
                if self._remove(group):
                    break
                time.sleep(0.1)

    @staticmethod
    def _remove(group):
        for path, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(path)
            except OSError:
                pass
        return not os.path.exists(group)
