"""Starts of the daemon with what people put behind an option by mistake: one line and status 2, at once; or a start, where that
is sensible. Nothing that was there is touched."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, World, check, main, need_root, wait_for  # noqa: E402

LONG = "x" * 1000000


class Start:
    """A folder with what is there before, and a start in it."""

    def __init__(self, world, namespace):
        self.world, self.namespace = world, namespace
        self.count = 0

    def folder(self):
        self.count += 1
        path = os.path.join(self.world.dir, "start%d" % self.count)
        os.mkdir(path)
        return path

    def command(self, folder, options):
        named = {"--db": os.path.join(folder, "a.db"), "--socket": os.path.join(folder, "s")}
        out = []
        for option, value in named.items():
            if option not in options:
                out += [option, value]
        return ["ip", "netns", "exec", self.namespace, os.path.join(BIN, "sw8800d")] + out + options

    def refused(self, what, folder, options, words):
        """One line with these words, status 2, in five seconds; every file that was there is as it was, and nothing new."""
        before = contents(folder)
        done = subprocess.run(self.command(folder, options), timeout=20, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        said = done.stdout.decode("utf-8", "replace")
        check(done.returncode == 2, "%s: status %d, %s" % (what, done.returncode, said[:500]))
        check(said.count("\n") == 1 and len(said) < 700, "%s: more than a line: %s" % (what, said[:500]))
        check(words in said, "%s: %s" % (what, said[:500]))
        check(all(c == "\n" or c >= " " for c in said), "%s: control bytes: %r" % (what, said[:500]))
        check(contents(folder) == before, "%s: %s, before %s" % (what, contents(folder), before))

    def starts(self, what, folder, options, words=""):
        """It serves, says these words, and ends by SIGTERM; what it did not make is as it was."""
        before = contents(folder)
        log = "start%d.log" % self.count
        process = self.world.start(self.namespace, self.command(folder, options)[4:], log)
        socket = options[options.index("--socket") + 1] if "--socket" in options else os.path.join(folder, "s")

        def serves():
            check(process.poll() is None, "%s: it ended: %s" % (what, self.world.read(log)))
            return os.path.exists(socket)
        wait_for(what, serves)
        done = subprocess.run([os.path.join(BIN, "sw8800"), "--connect", socket, "-c", "display version"], text=True, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(done.returncode == 0, "%s: %s" % (what, done.stdout))
        process.send_signal(signal.SIGTERM)
        check(process.wait(10) == 0, "%s: it ended with %s" % (what, process.returncode))
        check(words in self.world.read(log), "%s: %s" % (what, self.world.read(log)))
        after = contents(folder)
        for path, was in before.items():
            check(after.get(path) == was, "%s: %s is another one" % (what, path))


def contents(folder):
    out = {}
    for at, folders, files in os.walk(folder):
        for name in folders:
            out[os.path.join(at, name)] = "folder"
        for name in files:
            path = os.path.join(at, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    out[path] = f.read()
            else:
                out[path] = os.lstat(path).st_mode
    return out


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def directory(path):
    os.mkdir(path)
    write(os.path.join(path, "kept"), "kept")
    return path


def pipe(path):
    os.mkfifo(path)
    return path


def refusals(start):
    f = start.folder
    for make, why in ((directory, "is a directory"), (pipe, "is no regular file")):
        folder = f()
        start.refused("--db", folder, ["--db", make(os.path.join(folder, "x"))], why)
    start.refused("--db, a device", f(), ["--db", "/dev/null"], "is no regular file")
    start.refused("--db, empty", f(), ["--db", ""], "empty")
    for make, why in ((directory, "is a directory"), (pipe, "is no socket"), (lambda p: write(p, "kept"), "is no socket")):
        folder = f()
        start.refused("--socket", folder, ["--socket", make(os.path.join(folder, "x"))], why)
    start.refused("--socket, empty", f(), ["--socket", ""], "empty")
    folder = f()
    start.refused("--socket, long", folder, ["--socket", os.path.join(folder, "x" * 200)], "too long")
    for link in ("lo", "", "a" * 30, "a/b", "..", "e\x1b[31m", "a b", LONG[:100000]):
        start.refused("--port of %r" % link[:40], f(), ["--port", "GigabitEthernet0/1=" + link], "--port GigabitEthernet0/1=")
    start.refused("--port, no port", f(), ["--port", LONG[:100000]], "not INTERFACE=LINK")
    start.refused("--port, twice", f(), ["--port", "GigabitEthernet0/1=a", "--port", "GigabitEthernet0/1=b"], "bound twice")
    for address in ("1.2.3.4:99999", "1.2.3.4:", "1.2.3.4", "host.example:22", "[::1:22", "1.2.3.4:-1", "1.2.3.4:22x"):
        start.refused("--ssh " + address, f(), ["--ssh", address], "--ssh " + address)
    start.refused("an option that is none", f(), ["--" + "bogus" * 1000], "unrecognised option")


def ini_files(start):
    f = start.folder
    folder = f()
    start.refused("an ini file that is not there", folder, ["--config", os.path.join(folder, "none")], "No such file")
    for make, why in ((directory, "is a directory"), (pipe, "is no regular file")):
        folder = f()
        start.refused("an ini file", folder, ["--config", make(os.path.join(folder, "x"))], why)
    for what, data, why in (("a line of 1 MB", "port = " + LONG, "not INTERFACE=LINK"),
                            ("a line of 1 MB without a value", LONG, "invalid line"),
                            ("a link that is none", "port = GigabitEthernet0/1=lo", "a port needs a link of its own"),
                            ("an address that is none", "ssh = 1.2.3.4:99999", "ports are 0 to 65535"),
                            ("random bytes", os.urandom(5000) + b"\0", "is no text"),
                            ("an option that is none", "bogus = 1", "unrecognised option")):
        folder = f()
        start.refused(what, folder, ["--config", write(os.path.join(folder, "x.ini"), data)], why)
    folder = f()
    start.starts("a byte order mark and CRLF", folder,
                 ["--config", write(os.path.join(folder, "x.ini"), b"\xef\xbb\xbfforwarding = false\r\nworkers = 0\r\n")])


def goes_on(start):
    """What is no mistake of the command line: the device serves, and says what it cannot do."""
    f = start.folder
    folder = f()
    write(os.path.join(folder, "a.db"), os.urandom(100000))
    start.starts("random bytes as database", folder, [], "file is not a database; the configuration is kept in memory")
    folder = f()
    directory(os.path.join(folder, "a.db.found"))
    start.starts("a folder where the found things are noted", folder, [], "a.db.found: is a directory")
    folder = f()
    pipe(os.path.join(folder, "a.db.found"))
    start.starts("a pipe there", folder, [], "a.db.found: is no regular file")
    folder = f()
    write(os.path.join(folder, "a.db.flash"), "kept")
    start.starts("a file where the flash is", folder, [])
    folder = f()
    os.mkdir(os.path.join(folder, "a.db.flash"))
    pipe(os.path.join(folder, "a.db.flash", "startup.cfg"))
    start.starts("a pipe as startup configuration", folder, [])
    folder = f()
    start.starts("folders that are not there yet", folder,
                 ["--db", os.path.join(folder, "a/b/c.db"), "--socket", os.path.join(folder, "d/s")])
    start.starts("a link that is not there yet", f(), ["--port", "GigabitEthernet0/1=later"], "it is waited for")


def test():
    need_root()
    world = World("hs")
    try:
        start = Start(world, world.host("start"))
        refusals(start)
        ini_files(start)
        goes_on(start)
        print("%d starts" % start.count)
    finally:
        world.close()


main(test)
