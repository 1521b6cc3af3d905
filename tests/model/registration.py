"""The registration of DVPN, checked by spin: the tables that the engines walk, in a network that an intruder owns.

usage: registration.py REGISTRATION-MODEL. It makes table.pml from dvpn/registration_table.h, and has spin search
registration.pml: every state where that can be done, a part of them where they are too many (it says which). Then the same
with one cell of the tables altered: spin must find what that breaks. `--trail NAME` prints how it goes wrong.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77

DEADLOCK = "invalid end state"
POSSIBLE = "a_registration_is_possible"

# How large: name, sizes of the model, options of the search, the program's options.
EXHAUSTIVE = ["-DCOLLAPSE"]
BITSTATE = ["-DBITSTATE"]
SEARCHES = (
    ("two clients", ["-DCLIENTS=2"], EXHAUSTIVE, ["-w20"]),
    ("one client, two attempts", ["-DCLIENTS=1", "-DATTEMPTS=2"], EXHAUSTIVE, ["-w20"]),
    ("one client, two maps an attempt", ["-DCLIENTS=1", "-DSLOTS=2"], EXHAUSTIVE, ["-w20"]),
    ("two clients, two maps an attempt", ["-DCLIENTS=2", "-DSLOTS=2"], BITSTATE, ["-w23", "-k3"]),
)

# What is planted: a name, the cell of the table, what it holds, what it gets, and what that breaks.
FAULTS = (
    ("nothing ends the wait for step 4", "client_action[C_KEXREQ * C_INPUTS + CI_TIME_LIMIT]", "CA_GIVE_UP", "CA_DROP",
     DEADLOCK),
    ("a clear REFUSE ends a client's map", "client_action[C_SUCCESS * C_INPUTS + CI_REFUSE]", "CA_DROP", "CA_FAIL",
     "no_end_by_the_unauthenticated"),
    ("step 7 repeated proves a map", "server_action[S_FINISHED__UNPROVEN * S_INPUTS + SI_THE_LAST_REQUEST_AGAIN]",
     "SA_AGAIN", "SA_PROVEN", "no_map_without_proof"),
    ("an address that is another's is given", "server_other[SA_ADMIT]", "S_BEGIN__REFUSED", "S_FINISHED__UNPROVEN",
     "no_two_owners_of_an_address"),
    ("a server that proved nothing is asked again", "client_error[CA_PROVE]", "C_INIT", "C_KEXREQ",
     "every_error_ends_in_the_initial_state"),
    ("an answer that does not verify counts as step 4", "client_action[C_KEXREQ * C_INPUTS + CI_BAD_ANSWER]",
     "CA_DOUBT", "CA_PROVE", "no_map_without_proof"),
    ("a map that is never proven stays", "server_action[S_FINISHED__UNPROVEN * S_INPUTS + SI_AGE]", "SA_END", "SA_DROP",
     DEADLOCK),
)


class Failure(Exception):
    pass


def plant(table, cell, holds, gets):
    line = "%s = %s;" % (cell, holds)
    if table.count(line) != 1:
        raise Failure("the table does not have: " + line)
    return table.replace(line, "%s = %s;" % (cell, gets))


class Search:
    """One run of spin, in a folder of its own."""

    def __init__(self, folder, table, sizes, kind, options=(), optimise="-O0"):
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        shutil.copy(os.path.join(HERE, "registration.pml"), folder)
        with open(os.path.join(folder, "table.pml"), "w") as f:
            f.write(table)
        self.folder = folder
        self.sizes = sizes
        self.run(["spin"] + sizes + ["-a", "registration.pml"])
        self.run(["cc", "-w", optimise, "-DSAFETY"] + kind + ["-DVECTORSZ=1024", "-o", "pan", "pan.c"])
        out = self.run(["./pan", "-m20000"] + list(options))
        errors = re.search(r"errors: (\d+)", out)
        states = re.search(r"(\d+) states, stored", out)
        if not errors or not states or "max search depth too small" in out or "out of memory" in out:
            raise Failure("the search did not come to its end:\n" + out)
        self.states = int(states.group(1))
        broken = re.search(r"pan:\d+: (?:assertion violated (\w+)|(invalid end state))", out)
        self.broken = (broken.group(1) or broken.group(2)) if broken else None
        if bool(self.broken) != (errors.group(1) != "0"):
            raise Failure("spin says what this test does not know:\n" + out)
        factor = re.search(r"hash factor: ([\d.]+)", out)
        self.factor = float(factor.group(1)) if factor else None

    def run(self, command):
        done = subprocess.run(command, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failure("%s: status %d\n%s" % (" ".join(command), done.returncode, done.stdout))
        return done.stdout

    def trail(self):
        return self.run(["spin"] + self.sizes + ["-t", "-p", "-g", "registration.pml"])


def expect(search, broken, what):
    if search.broken != broken:
        raise Failure("%s: expected %s, found %s" % (what, broken or "no error", search.broken or "no error"))


def main(model, trail=None):
    table = subprocess.run([model, "model"], text=True, stdout=subprocess.PIPE, check=True).stdout
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sw8800-spin-") as scratch:
        folder = os.path.join(scratch, "search")
        if trail:
            _, cell, holds, gets, _ = next(f for f in FAULTS if f[0] == trail)
            print(Search(folder, plant(table, cell, holds, gets), ["-DCLIENTS=2"], EXHAUSTIVE, ["-w20"]).trail())
            return
        # A model in which nothing can happen would keep every promise.
        expect(Search(folder, table, ["-DCLIENTS=2", "-DPOSSIBLE"], EXHAUSTIVE, ["-w20"]), POSSIBLE, "a registration is possible")
        for name, sizes, kind, options in SEARCHES:
            search = Search(folder, table, sizes, kind, options, "-O1")
            expect(search, None, name)
            print("%s: %d states, %s: no error (%.0f s)"
                  % (name, search.states, "all there are" if search.factor is None else
                     "a part of them, hash factor %.1f" % search.factor, time.monotonic() - started))
        for name, cell, holds, gets, broken in FAULTS:
            search = Search(folder, plant(table, cell, holds, gets), ["-DCLIENTS=2"], EXHAUSTIVE, ["-w20"])
            expect(search, broken, name)
            print("planted: %s: found, %s (%.0f s)" % (name, broken, time.monotonic() - started))


if __name__ == "__main__":
    if not shutil.which("spin") or not shutil.which("cc"):
        print("SKIPPED: spin or a C compiler is not installed (scripts/install-packages test)")
        sys.exit(SKIPPED)
    try:
        main(*[a for a in sys.argv[1:] if a != "--trail"])
    except Failure as failure:
        print("FAILED: %s" % failure)
        sys.exit(1)
