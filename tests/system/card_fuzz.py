"""The fuzzer for cards finds each planted mistake, in ten minutes in all, and makes a recording of it that shows the
difference when it is replayed; it finds faults that happen once, too; with a card that has none it finds nothing."""

import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, TEST_DIR, check, main, wait_for  # noqa: E402

PLANS = ["double@20", "reorder@30", "corrupt@40"]  # happen once: a reset ends them
MOST = 600  # seconds, all of them together


def planted(folder, what):
    socket = os.path.join(folder, "card.sock")
    card = subprocess.Popen([os.path.join(TEST_DIR, "planted_card"), socket, what], stdout=subprocess.PIPE, text=True)
    said = card.stdout.readline().strip()
    wait_for("the card", lambda: os.path.exists(socket))
    return card, socket, said


def fuzz(socket, seconds, *options):
    done = subprocess.run([os.path.join(BIN, "sw8800-card-fuzz"), "--socket", socket, "--seconds", str(seconds), *options],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds + 240)
    return done.returncode, done.stdout


def end(card):
    card.kill()
    card.wait()


def find(folder, what):
    card, socket, said = planted(folder, what)
    recording = os.path.join(folder, "found")
    try:
        began = time.monotonic()
        code, out = fuzz(socket, 120, "--recording", recording)
        took = time.monotonic() - began
        if what in PLANS:
            check(code == 1 and "does not happen again" in out, "%s: not found:\n%s" % (said, out))
            return print("%5.1f s: %s" % (took, said))
        check(code == 1 and "are enough: " in out, "%s: not found, or not again:\n%s" % (said, out))
        packets = int(re.search(r"and (\d+) packets of it are enough", out).group(1))
        replay = subprocess.run([os.path.join(BIN, "sw8800d"), "--crypto", "vfio-user:" + socket, "--replay-crypto", recording],
                                text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(replay.returncode == 1 and re.search(r"[1-9]\d* differences", replay.stdout),
              "%s: the recording does not show it:\n%s\n%s" % (said, out, replay.stdout))
    finally:
        end(card)
    print("%5.1f s, %d packets: %s" % (took, packets, said))


def test():
    began = time.monotonic()
    count = int(subprocess.run([os.path.join(TEST_DIR, "planted_card"), "list"], text=True, check=True,
                               stdout=subprocess.PIPE).stdout)
    check(count >= 10, "only %d mistakes" % count)
    mistakes = [str(i) for i in range(count)] + PLANS
    with tempfile.TemporaryDirectory(prefix="sw8800-") as folder:
        for what in mistakes:
            find(folder, what)
        took = time.monotonic() - began
        check(took < MOST, "%.0f s for all of them" % took)
        card = subprocess.Popen([os.path.join(BIN, "sw8800-card"), "--socket", os.path.join(folder, "good.sock")])
        try:
            wait_for("the card", lambda: os.path.exists(os.path.join(folder, "good.sock")))
            code, out = fuzz(os.path.join(folder, "good.sock"), int(os.environ.get("SW_FUZZ_SECONDS", "10")))
            check(code == 0 and card.poll() is None, "a good card:\n" + out)
            print("%d mistakes in %.0f s; a good card: %s" % (len(mistakes), took, out.strip()))
        finally:
            end(card)


main(test)
