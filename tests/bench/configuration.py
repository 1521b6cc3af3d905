#!/usr/bin/env python3
"""How fast configuration goes in, is checked and comes out again, beside FRR's vtysh on a list of as many lines.

Every figure is the best of three runs of the whole program, start included. The scripts of both sides are rules of an
access list; as long as this grammar has none, static routes stand in for them and the output says so.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("SW_BIN_DIR", "build/bin")
SW = os.path.join(BIN, "sw8800")


def seconds(*command, runs=3, before=lambda: None):
    best = None
    for _ in range(runs):
        before()
        start = time.perf_counter()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=300, check=False)
        took = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: {done.stdout.decode(errors='replace')[-400:]}")
        best = took if best is None else min(best, took)
    return best


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
    yield "acl number 3000"
    for i in range(count - 1):
        yield f" rule {i} permit ip source {network(i)} 0.0.0.15"


def routes(count):
    for i in range(count):
        yield f"ip route-static {network(i)} 28 NULL0"


def main():
    folder = tempfile.mkdtemp(prefix="sw8800-bench-")
    path = lambda name: os.path.join(folder, name)
    try:
        write(path("probe.cfg"), rules(2))
        lists = subprocess.run([SW, "--check", path("probe.cfg")], capture_output=True, check=False).returncode == 0
        print(f"method:  best of 3 runs of the program, start included; {'ACL rules' if lists else 'static routes'}")
        start = seconds(SW, "--memory", "-c", "display clock")
        memory = resident_kib(SW, "--memory", "-c", "display clock") / 1024
        print(f"start to the first answer, empty device: {start * 1e3:.0f} ms, {memory:.1f} MiB resident")
        vtysh = shutil.which("vtysh")
        for count in (10_000, 100_000):
            ours, db = path(f"ours-{count}.cfg"), path(f"{count}.db")
            write(ours, (rules if lists else routes)(count))

            def fresh():
                for end in ("", "-wal", "-shm"):
                    if os.path.exists(db + end):
                        os.remove(db + end)

            check = seconds(SW, "--check", ours)
            print(f"{count:7} lines  --check   {check:6.2f} s", end="")
            if vtysh:
                theirs = path(f"frr-{count}.conf")
                write(theirs, (f"access-list 100 seq {i + 1} permit ip {network(i)} 0.0.0.15 any"
                               for i in range(count)))
                other = seconds(vtysh, "-C", "-f", theirs)
                print(f"   vtysh -C {other:6.2f} s   ratio {check / other:.2f}")
            else:
                print("   (vtysh is not installed: package frr)")
            print(f"{count:7} lines  --replay  {seconds(SW, '--db', db, '--replay', ours, before=fresh):6.2f} s, durable")
            show = seconds(SW, "--db", db, "-c", "display current-configuration")
            idle = seconds(SW, "--db", db, "-c", "display clock")
            print(f"{count:7} lines  display   {show - idle:6.2f} s beyond the start with them, {idle:.2f} s")
    finally:
        shutil.rmtree(folder)


main()
