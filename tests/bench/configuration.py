#!/usr/bin/env python3
"""How fast configuration goes in, is checked and comes out again, beside FRR's vtysh: an access list of as many lines,
and as many static routes.

Every figure is of the whole program, start included, the best of its runs; ours and theirs take turns, so that both meet
the same machine. Ratios are ours to theirs: below 1 is faster. Beside the time on the clock stands the processor's: on a
machine that others use too it is the one to compare, and goals on the clock may be missed through them. The last lines
say which goals are missed; then the exit status is 1.

`configuration.py subjects [NAME ...]` measures the subjects alone (configuration_subjects.py), or those that are named.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import configuration_subjects

BIN = os.environ.get("SW_BIN_DIR", "build/bin")
SW = os.path.join(BIN, "sw8800")
COUNTS = (1_000, 10_000, 100_000)
FRR_PATIENCE = 60  # seconds for one `vtysh -f`: a daemon of it takes each line as a transaction over all lines before it
NOISE = 1.25  # what a machine may add to the time of a line without its being called less than linear


class Took:
    """The best of several runs: on the clock and on the processor, both in seconds."""

    def __init__(self, clock, processor):
        self.clock, self.processor = clock, processor

    def __str__(self):
        return f"{self.clock:6.2f} s ({self.processor:5.2f} s processor)"


class Late(Exception):
    """The command did not end in time."""


def run(*command, limit=None, ok=True):
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            end = start + limit if limit else None
            while True:
                pid, status, usage = os.wait4(child.pid, os.WNOHANG if end else 0)
                if pid:
                    break
                if time.perf_counter() > end:
                    child.kill()
                    raise Late
                time.sleep(0.002)
        finally:
            clock = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status) if pid else child.wait()
        if ok and child.returncode != 0:
            out.seek(0)
            sys.exit(f"{' '.join(command)}: {out.read().decode(errors='replace')[-400:]}")
        return Took(clock, usage.ru_utime + usage.ru_stime)


def best(runs):
    return Took(min(r.clock for r in runs), min(r.processor for r in runs))


def took(*command, runs=3, before=lambda: None):
    out = []
    for _ in range(runs):
        before()
        out.append(run(*command))
    return best(out)


def in_turns(one, other, runs=5):
    pairs = [(run(*one), run(*other)) for _ in range(runs)]
    return best([pair[0] for pair in pairs]), best([pair[1] for pair in pairs])


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


def access_list(count):
    return (f"access-list 100 seq {i + 1} permit ip {network(i)} 0.0.0.15 any" for i in range(count))


def routes(count):
    return (f"ip route-static {network(i)} 28 192.0.2.{i % 200 + 2}" for i in range(count))


def ip_routes(count):
    return (f"ip route {network(i)}/28 192.0.2.{i % 200 + 2}" for i in range(count))


# What is configured: its lines here, in FRR, the daemon of FRR that keeps them, and up to how many lines it is asked.
KINDS = (("access list", rules, access_list, "ripd", 10_000), ("static routes", routes, ip_routes, "staticd", 100_000))


class Frr:
    """One of FRR's daemons, alone in a folder of its own, for `vtysh -f`."""

    def __init__(self, folder, daemon):
        self.daemon, self.folder, self.process = daemon, os.path.join(folder, daemon), None
        program = "/usr/lib/frr/" + daemon
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
        while not os.path.exists(f"{self.folder}/{daemon}.vty"):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                return
            time.sleep(0.02)

    def processor(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def takes(self, vtysh, path):
        """`vtysh -f`: its own time and, on the processor, its daemon's. Late: not in time."""
        before = self.processor()
        took_it = run(vtysh, "--vty_socket", self.folder, "-d", self.daemon, "-f", path, limit=FRR_PATIENCE, ok=False)
        return Took(took_it.clock, took_it.processor + self.processor() - before)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.process = None


class Goals:
    def __init__(self):
        self.missed = []

    def most(self, what, figure, limit, unit=""):
        if figure > limit:
            self.missed.append(f"{what}: {figure:.3g}{unit}, wanted {limit:g}{unit} at the most")

    def tell(self):
        for missed in self.missed:
            print("MISSED  " + missed)
        if not self.missed:
            print("every goal is met")
        return 1 if self.missed else 0

    def linear(self, what, per_count):
        few, many = (per_count[count] / count for count in (10_000, 100_000))
        print(f"{what}: {few * 1e6:.1f} us a line of 10,000, {many * 1e6:.1f} us of 100,000, on the processor")
        self.most(f"{what}, a line of 100,000 to one of 10,000", many / few, NOISE)


def start_up(goals):
    start = took(SW, "--memory", "-c", "display clock", runs=5)
    memory = resident_kib(SW, "--memory", "-c", "display clock") / 1024
    print(f"start to the first answer, empty device: {start.clock * 1e3:.0f} ms on the clock, "
          f"{start.processor * 1e3:.0f} ms on the processor, {memory:.1f} MiB resident")
    goals.most("start", start.clock * 1e3, 50, " ms")
    goals.most("memory", memory, 20, " MiB")
    return start


def show(count, what, mine, note):
    print(f"{count:7} lines  {what:9} {mine}   {note}", flush=True)


def check(goals, kind, count, script, vtysh, theirs):
    if not vtysh:
        mine = took(SW, "--check", script)
        show(count, "--check", mine, "(no vtysh: package frr)")
        return mine
    mine, other = in_turns((SW, "--check", script), (vtysh, "-C", "-f", theirs))
    ratio = mine.processor / other.processor
    show(count, "--check", mine, f"vtysh -C {other}   ratio {mine.clock / other.clock:.2f}, {ratio:.2f} processor")
    if count >= 10_000:
        goals.most(f"--check of {count} lines of {kind} to vtysh -C, processor", ratio, 1)
    return mine


def replay(goals, kind, count, script, db, frr, vtysh, theirs, most):
    def fresh():
        for end in ("", "-wal", "-shm"):
            if os.path.exists(db + end):
                os.remove(db + end)

    mine = took(SW, "--db", db, "--replay", script, runs=3 if count < 100_000 else 1, before=fresh)
    note = ""
    if vtysh and frr.process and count <= most:
        try:
            other = frr.takes(vtysh, theirs)
            ratio = mine.processor / other.processor
            note = f"vtysh -f {other}   ratio {mine.clock / other.clock:.3f}, {ratio:.3f} processor"
            if count >= 10_000:
                goals.most(f"--replay of {count} lines of {kind} to vtysh -f, processor", ratio, 1)
        except Late:
            note = f"vtysh -f not done after {FRR_PATIENCE} s   ratio below {mine.clock / FRR_PATIENCE:.3f}"
            if mine.clock >= FRR_PATIENCE:
                goals.most(f"--replay of {count} lines of {kind}, seconds", mine.clock, FRR_PATIENCE)
    show(count, "--replay", mine, note)
    return mine


def display(goals, count, db):
    times = 3 * COUNTS[-1] // count  # in one run, so that what is measured is long beside the start
    idle, shown = in_turns((SW, "--db", db, "-c", "display clock"),
                           (SW, "--db", db, *("-c", "display current-configuration") * times))
    beyond = Took((shown.clock - idle.clock) / times, (shown.processor - idle.processor) / times)
    show(count, "display", beyond, f"beyond the start with them, {idle}")
    if count == 10_000:
        goals.most("display of 10,000 lines", beyond.processor, 0.1, " s")
    return beyond


def beside_frr(goals, folder, start, kind, mine, other, daemon, most):
    print(kind)
    vtysh, frr = shutil.which("vtysh"), Frr(folder, daemon)
    checked, replayed, displayed = {}, {}, {}
    try:
        for count in COUNTS:
            ours, theirs, db = (os.path.join(folder, f"{daemon}{count}{end}") for end in (".cfg", ".conf", ".db"))
            write(ours, mine(count))
            write(theirs, other(count))
            checked[count] = check(goals, kind, count, ours, vtysh, theirs).processor - start.processor
            replayed[count] = replay(goals, kind, count, ours, db, frr, vtysh, theirs, most).processor - start.processor
            displayed[count] = display(goals, count, db).processor
    finally:
        frr.stop()
    for what, per_count in (("--check", checked), ("--replay", replayed), ("display", displayed)):
        goals.linear(f"{what} of {kind}", per_count)


def main():
    folder, goals = tempfile.mkdtemp(prefix="sw8800-bench-"), Goals()
    alone = sys.argv[1:2] == ["subjects"]
    try:
        if not alone:
            start = start_up(goals)
            for kind in KINDS:
                beside_frr(goals, folder, start, *kind)
        configuration_subjects.measure(SW, folder, goals, sys.argv[2:] if alone else ())
    finally:
        shutil.rmtree(folder)
    return goals.tell()


if __name__ == "__main__":
    sys.exit(main())
