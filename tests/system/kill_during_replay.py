"""kill -9 in the middle of a replay leaves a database that opens and holds a whole number of committed lines."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, check, main  # noqa: E402

ROUNDS = 12
LINES = ["ip route-static 10.%d.%d.0 255.255.255.0 NULL0 preference 60" % (i // 256, i % 256) for i in range(4000)]


def display(database):
    done = subprocess.run([os.path.join(BIN, "sw8800"), "--db", database, "-c", "display current-configuration"],
                          text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, "the device does not come up after the kill:\n" + done.stdout)
    return [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("ip route-static")]


def routes_stored(database):
    with sqlite3.connect(database) as db:
        return db.execute("SELECT count(*) FROM route_static").fetchone()[0]


def kill_round(folder, script, number, seed):
    database = os.path.join(folder, "%d.db" % number)
    process = subprocess.Popen([os.path.join(BIN, "sw8800"), "--db", database, "--on-error", "stop", "--replay", script],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Somewhere in the middle: the kill falls when a random number of lines is stored, wherever the next line stands.
    wanted = seed.randrange(1, len(LINES) * 3 // 4)
    while process.poll() is None:
        try:
            if routes_stored(database) >= wanted:
                break
        except sqlite3.OperationalError:
            pass  # not there yet
        time.sleep(0.0005)
    finished = process.poll() is not None
    process.kill()
    process.wait()
    with sqlite3.connect(database) as db:
        check(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the database is corrupt")
    held = display(database)
    check(held == LINES[:len(held)], "round %d: the %d lines held are not the first ones of the script" % (number, len(held)))
    return len(held), finished


def test():
    folder = tempfile.mkdtemp(prefix="sw8800-")
    try:
        script = os.path.join(folder, "routes.cfg")
        with open(script, "w") as f:
            f.write("\n".join(LINES) + "\n")
        seed = random.Random(8800)
        rounds = [kill_round(folder, script, number, seed) for number in range(ROUNDS)]
        cut = [held for held, finished in rounds if not finished and 0 < held < len(LINES)]
        print("lines held when killed: %s of %d" % (", ".join(str(held) for held, _ in rounds), len(LINES)))
        check(len(cut) >= ROUNDS // 2, "too few kills fell into the middle of a replay to prove anything")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main(test)
