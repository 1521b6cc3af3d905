"""The example's run script without a terminal: the ladder, the maps, the ping that changes its way, and exit status 0."""

import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import check, main  # noqa: E402

RUN = os.path.join(os.path.dirname(__file__), "../../examples/three-sites/run")


def test():
    started = time.monotonic()
    done = subprocess.run([RUN], text=True, timeout=60, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    text, seconds = done.stdout, time.monotonic() - started
    check(done.returncode == 0, "exit status %d:\n%s" % (done.returncode, text))
    for client in ("client-1", "client-2"):
        for step in range(1, 9):
            arrow = "-->" if step % 2 else "<--"
            check(re.search(r"%s %s server +%d " % (client, arrow, step), text),
                  "the ladder of %s lacks step %d:\n%s" % (client, step, text))
    check(text.count("FINISHED") >= 2, "the server's maps are not shown:\n" + text)
    check(re.search(r"5 packet\(s\) received", text), "the ping did not get through whole:\n" + text)
    relayed, direct = text.find("relayed by the server"), text.rfind("direct")
    check(0 <= relayed < direct, "the output does not say which packets were relayed and which went directly:\n" + text)
    print("%.1f s" % seconds)


main(test)
