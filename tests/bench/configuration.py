#!/usr/bin/env python3
"""How fast configuration goes in, is checked and comes out again, beside FRR's vtysh on an access list of as many lines.

Every figure is of the whole program, start included, the best of three runs. Ratios are ours to theirs: below 1 is
faster. Beside the time on the clock stands the processor's: on a machine that others use too it is the one to compare.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("SW_BIN_DIR", "build/bin")
SW = os.path.join(BIN, "sw8800")
MOST_TO_FRR = 1_000  # lines for `vtysh -f`: 10,000 took its daemon more than 90 s


class Took:
    """The best of several runs: on the clock and on the processor, both in seconds."""

    def __init__(self, clock, processor):
        self.clock, self.processor = clock, processor

    def __str__(self):
        return f"{self.clock:6.2f} s ({self.processor:5.2f} s processor)"


def took(*command, runs=3, before=lambda: None, ok=True):
    clocks, processors = [], []
    for _ in range(runs):
        before()
        with tempfile.TemporaryFile() as out:
            start = time.perf_counter()
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(child.pid, 0)
            clocks.append(time.perf_counter() - start)
            processors.append(usage.ru_utime + usage.ru_stime)
            child.returncode = os.waitstatus_to_exitcode(status)
            if ok and child.returncode != 0:
                out.seek(0)
                sys.exit(f"{' '.join(command)}: {out.read().decode(errors='replace')[-400:]}")
    return Took(min(clocks), min(processors))


def resident_kib(*command):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss


def write(path, lines):
    with open(path, "w", encoding="ascii") as out:
        out.writelines(line + "\n" for line in lines)


def network(i):
    return f"10.{i >> 8 & 255}.{i & 255}.{i >> 16 << 4}"


def rules(count):
    for i in range(count):  # a list has fewer numbers than the longest file has lines
        acl, rule = 3000 + i // 50_000, i % 50_000
        yield f" rule {rule} permit ip source {network(i)} 0.0.0.15" if rule else f"acl number {acl}"


class Frr:
    """One of FRR's daemons that keep access lists, alone in a folder of its own, for `vtysh -f`."""

    def __init__(self, folder):
        self.folder, self.process = os.path.join(folder, "frr"), None
        program = "/usr/lib/frr/ripd"
        if not os.path.exists(program) or os.geteuid() != 0 or shutil.which("unshare") is None:
            return
        os.mkdir(self.folder)
        os.chmod(folder, 0o711)
        shutil.chown(self.folder, "frr", "frrvty")
        # A network namespace of its own: it must not touch the machine's routes.
        self.process = subprocess.Popen(
            ["unshare", "-n", program, "-f", "/dev/null", "--vty_socket", self.folder, "-i", self.folder + "/pid",
             "-z", self.folder + "/zserv", "-P", "0"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not os.path.exists(self.folder + "/ripd.vty"):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                return
            time.sleep(0.02)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.process = None


def main():
    folder = tempfile.mkdtemp(prefix="sw8800-bench-")
    path = lambda name: os.path.join(folder, name)
    frr = Frr(folder)
    try:
        start = took(SW, "--memory", "-c", "display clock", runs=5)
        memory = resident_kib(SW, "--memory", "-c", "display clock") / 1024
        print(f"start to the first answer, empty device: {start.clock * 1e3:.0f} ms on the clock, "
              f"{start.processor * 1e3:.0f} ms on the processor, {memory:.1f} MiB resident")
        vtysh = shutil.which("vtysh")
        if not vtysh:
            print("(vtysh is not installed: package frr)")
        for count in (MOST_TO_FRR, 10_000, 100_000):
            ours, db, theirs = path(f"ours-{count}.cfg"), path(f"{count}.db"), path(f"frr-{count}.conf")
            write(ours, rules(count))
            write(theirs, (f"access-list 100 seq {i + 1} permit ip {network(i)} 0.0.0.15 any" for i in range(count)))

            def compare(what, mine, other):
                print(f"{count:7} lines  {what:10} {mine}", end="")
                if other:
                    print(f"   vtysh {other}   ratio {mine.clock / other.clock:.2f}, "
                          f"{mine.processor / other.processor:.2f} processor", end="")
                print()

            def fresh():
                for end in ("", "-wal", "-shm"):
                    if os.path.exists(db + end):
                        os.remove(db + end)

            compare("--check", took(SW, "--check", ours), took(vtysh, "-C", "-f", theirs) if vtysh else None)
            other = None
            if vtysh and frr.process and count <= MOST_TO_FRR:
                other = took(vtysh, "--vty_socket", frr.folder, "-d", "ripd", "-f", theirs, runs=1, ok=False)
            compare("--replay", took(SW, "--db", db, "--replay", ours, before=fresh), other)
            show = took(SW, "--db", db, "-c", "display current-configuration")
            idle = took(SW, "--db", db, "-c", "display clock")
            print(f"{count:7} lines  display    {show.clock - idle.clock:6.2f} s beyond the start with them, "
                  f"{idle.clock:.2f} s")
    finally:
        frr.stop()
        shutil.rmtree(folder)


main()
