"""Descriptors used up, debugging that floods, strangers that connect and say nothing, and how small the process makes
itself."""

import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402

SILENT = """import socket, sys, time
held = []
for n in range(int(sys.argv[3])):
    s = socket.socket()
    s.settimeout(3)
    if sys.argv[4] != "-": s.bind((sys.argv[4], 0))
    try:
        s.connect((sys.argv[1], int(sys.argv[2])))
        held.append(s)
    except OSError:
        pass
print("connected", len(held), flush=True)
time.sleep(float(sys.argv[5]))
"""


class Limited(Device):
    def boot(self):
        super().boot()
        if self.name == "few":
            subprocess.run(["prlimit", "--pid", str(self.process.pid), "--nofile=64:64"], check=True)

    def processor(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def silent(world, device, log, count, source, seconds):
    script = os.path.join(world.dir, "silent.py")
    with open(script, "w") as f:
        f.write(SILENT)
    process = world.start(device.namespace, [sys.executable, script, "127.0.0.1", "2222", str(count), source, str(seconds)],
                          log)
    wait_for(log, lambda: "connected" in world.read(log), 60)
    return process


def few_descriptors(world):
    device = Limited(world, "few", ["--ssh", "0.0.0.0:2222"])
    held = []
    for _ in range(60):  # the operator's own scripts hang
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(1)
        try:
            one.connect(device.socket)
            held.append(one)
        except OSError:
            break
    silent(world, device, "silent", 40, "-", 30)
    before = device.processor()
    time.sleep(3)
    used = device.processor() - before
    print("%d connections to the socket; %.2f s of processor in 3 s" % (len(held), used))
    check(used < 0.5, "accept takes the processor: %.2f s in 3 s" % used)
    told = [line for line in device.log_text().splitlines() if "Too many open files" in line]
    print("\n".join(told))
    check(1 <= len(told) <= 2, "not one line for each door:\n" + device.log_text())
    for one in held:
        one.close()
    # The rest is the strangers': the operator comes in all the same.
    wait_for("the operator to come in", lambda: "sysname" in device.run("display current-configuration"), 15)


def strangers(world):
    device = Device(world, "door", ["--ssh", "0.0.0.0:2222"])
    for number in range(4):
        silent(world, device, "strangers-%d" % number, 30, "127.0.1.%d" % (number + 1), 60)
    for attempt in range(5):
        with_greeting = device.sh("timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2222; head -c 7 <&3'", ok=False)
        check(with_greeting.startswith("SSH-2.0"), "120 silent connections lock a user out: " + with_greeting)
    print("a user is greeted beside 120 silent connections of four addresses")


def debugging(world):
    device = Device(world, "talker")
    shell = subprocess.Popen([os.path.join(BIN, "sw8800"), "--connect", device.socket], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, text=True)
    shell.stdin.write("debugging ike all\ndebugging dvpn all\n")
    shell.stdin.flush()
    wait_for("debugging to be on", lambda: "IKE" in device.run("display debugging"), 10)
    shell.kill()
    shell.wait()
    wait_for("debugging to end with its session", lambda: "IKE" not in device.run("display debugging"), 10)


def small(world):
    device = Device(world, "small", ["--ssh", "0.0.0.0:2222"])
    with open("/proc/%d/status" % device.process.pid) as f:
        status = f.read()
    with open("/proc/%d/limits" % device.process.pid) as f:
        limits = f.read()
    check(re.search(r"NoNewPrivs:\s*1", status) and re.search(r"Seccomp:\s*2", status), status)
    check(re.search(r"Max core file size\s+0\s+0", limits), limits)
    for task in os.listdir("/proc/%d/task" % device.process.pid):
        with open("/proc/%d/task/%s/status" % (device.process.pid, task)) as f:
            check(re.search(r"Seccomp:\s*2", f.read()), "a thread without the filter")
    locked = re.search(r"VmLck:\s*(\d+) kB", status)
    # Where the machine does not let root lock all memory, that is said.
    check(locked and int(locked.group(1)) > 0 or "may be swapped" in device.log_text(), "no memory is locked:\n" + status)
    capabilities = int(re.search(r"CapPrm:\s*(\w+)", status).group(1), 16)
    check(capabilities == (1 << 12 | 1 << 13 | 1 << 10), "other capabilities: %x" % capabilities)
    check(os.stat("/proc/%d/mem" % device.process.pid).st_uid == 0, "dumpable")


def test():
    need_root()
    world = World("limits")
    few_descriptors(world)
    strangers(world)
    debugging(world)
    small(world)


main(test)
