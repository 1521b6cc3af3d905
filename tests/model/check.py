"""The registration of DVPN, checked by spin: the table as it is has no error, what must be possible is possible, and
each fault that is planted in the table is found.

usage: check.py REGISTRATION-MODEL FOLDER
"""
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent

# What is changed in the tables, as text of table.pml: (why, pattern, replacement).
FAULTS = [
    ("a REFUSE ends what is registered", "client_action", ("C_SUCCESS", "C_INPUTS", "CI_REFUSE"), "CA_FAIL"),
    ("step 7 is taken before step 5", "server_action", ("S_AUTHENINIT", "S_INPUTS", "SI_REG_REQ"), "SA_ADMIT"),
    ("an address is given although it is another's", "server_other", ("SA_ADMIT",), "S_FINISHED__UNPROVEN"),
    ("the end of an attempt leaves the client where it is", "client_error", ("CA_GIVE_UP",), "0"),
    ("an unsealed REFUSE of a client ends its map", "server_action", ("S_FINISHED", "S_INPUTS", "SI_REFUSE"), "SA_END"),
]


def run(command, folder, **more):
    return subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more).stdout


def verify(folder, table, defines=()):
    """Explores; returns the number of errors and of states."""
    (folder / "table.pml").write_text(table)
    shutil.copy(HERE / "registration.pml", folder)
    run(["spin", *defines, "-a", "registration.pml"], folder)
    # Breadth by hashes of 64 bits would do as well; this keeps whole states, compressed.
    run(["cc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DNOFAIR", "-o", "pan", "pan.c"], folder, check=True)
    said = run(["./pan", "-m500000", "-w24"], folder, timeout=170)
    errors = re.search(r"errors: (\d+)", said)
    states = re.search(r"(\d+) states, stored", said)
    if errors is None or "max search depth too small" in said or "out of memory" in said:
        sys.exit("spin did not finish:\n" + said)
    return int(errors.group(1)), int(states.group(1))


def plant(table, array, indexes, value):
    numbers = dict(re.findall(r"^#define (\w+) (\d+)$", table, re.M))
    number = [int(numbers[name]) for name in indexes]
    index = number[0] if len(number) == 1 else number[0] * number[1] + number[2]
    pattern = r"\b%s\[%d\] = \d+;" % (array, index)
    if len(re.findall(pattern, table)) != 1:
        sys.exit("%s[%d] is not in the table" % (array, index))
    return re.sub(pattern, "%s[%d] = %s;" % (array, index, numbers.get(value, value)), table)


def main():
    if shutil.which("spin") is None or shutil.which("cc") is None:
        print("skipped: there is no spin, or no compiler")
        sys.exit(77)
    generator, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    table = run([generator, "model"], ".", check=True)
    began = time.monotonic()
    errors, states = verify(folder, table)
    print("%d states, %d errors, %.0f s" % (states, errors, time.monotonic() - began))
    if errors:
        sys.exit("the table has an error:\n" + run(["spin", "-t", "-p", "registration.pml"], folder)[-4000:])
    if verify(folder, table, ["-DREACHES"])[0] == 0:
        sys.exit("nobody can register in this model: what it shows is nothing")
    for why, array, indexes, value in FAULTS:
        if verify(folder, plant(table, array, indexes, value))[0] == 0:
            sys.exit("not found: " + why)
        print("found: " + why)
    print("%.0f s" % (time.monotonic() - began))


main()
