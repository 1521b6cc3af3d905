"""Resident memory and descriptors of processes over their lives, and whether they are flat."""

import os
import re
import threading
import time

EVERY = 10.0  # seconds
WARM = 300.0  # seconds of a life that do not count: tables and caches fill
LIFE = 900.0  # seconds that must be left for a slope to say something
FLAT = 1536.0  # KiB that the line through a life may rise: memory is kept once a burst was larger than all before (in
# steps of a mebibyte, which such a line takes for one and a half); what leaks rises with every round


def resident(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def slope(rows):
    """Of (seconds, value), by least squares: value an hour."""
    mean_t = sum(t for t, _ in rows) / len(rows)
    mean_v = sum(v for _, v in rows) / len(rows)
    square = sum((t - mean_t) ** 2 for t, _ in rows)
    return 3600 * sum((t - mean_t) * (v - mean_v) for t, v in rows) / square if square else 0.0


class Sampler:
    """`processes()` gives name and process id; a new process id is a new life."""

    def __init__(self, processes):
        self.processes, self.lives = processes, {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def _run(self):
        while not self._stopped.wait(EVERY):
            for name, pid in self.processes():
                try:
                    row = (time.monotonic(), resident(pid), descriptors(pid))
                except (OSError, AttributeError):
                    continue  # it ended between two lines
                self.lives.setdefault((name, pid), []).append(row)

    def report(self):
        """Lines about every life, and those that are not flat."""
        lines, bad = [], []
        for (name, pid), rows in self.lives.items():
            age = rows[-1][0] - rows[0][0]
            line = "%-9s pid %-7d %5.0f s, RSS %d to %d KiB (at the end %d), descriptors %d to %d (at the end %d)" % (
                name, pid, age, min(r[1] for r in rows), max(r[1] for r in rows), rows[-1][1], min(r[2] for r in rows),
                max(r[2] for r in rows), rows[-1][2])
            warm = [(t, v) for t, v, _ in rows if t > rows[0][0] + WARM]
            if len(warm) > 1 and warm[-1][0] - warm[0][0] >= LIFE:
                an_hour = slope(warm)
                rise = an_hour * (warm[-1][0] - warm[0][0]) / 3600
                line += ", %+.0f KiB an hour" % an_hour
                if rise > FLAT:
                    bad.append("%s: RSS grew by %.0f KiB in a life, more than %.0f" % (name, rise, FLAT))
            lines.append(line)
        return lines, bad
