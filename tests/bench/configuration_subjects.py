"""What one more object of each subject of the configuration costs: typed, replayed, checked, printed and removed.

Every figure is of the processor, of the whole program less its start, and the best of up to three runs: what else runs
on the machine only adds. A ratio is the time of ten times the objects
through the time of the objects: 10 is linear, and below 12 is the goal, of what takes long enough to be measured.
"""
import os
import resource
import subprocess
import time

SHORT = 0.05  # seconds: what is shorter says nothing of a ratio
RUNS, PATIENCE = 3, 30  # of one count of objects; seconds after which no other run begins
MOST_RATIO = 12


def address(i):
    return f"10.{i >> 14 & 255}.{i >> 6 & 255}.{i << 2 & 255}"


def own_address(i):
    return f"10.{i >> 14 & 255}.{i >> 6 & 255}.{(i << 2 & 255) + 1}"


def sub_interface(i):
    return f"GigabitEthernet0/{i // 4094}.{i % 4094 + 1}"


class Subject:
    """`lines` makes object i, `undo` removes it. `first`: what all of them need. `counts`: how many are measured."""

    def __init__(self, name, lines, undo, first=(), counts=(1_000, 10_000)):
        self.name, self.lines, self.undo, self.first, self.counts = name, lines, undo, first, counts


MANY = (1_000, 10_000, 100_000)
SUBJECTS = (
    Subject("interfaces", lambda i: [f"interface LoopBack{i}", f" ip address 172.16.{i >> 8}.{i & 255} 32"],
            lambda i: [f"undo interface LoopBack{i}"], counts=(100, 1_000)),
    Subject("sub-interfaces", lambda i: [f"interface {sub_interface(i)}", f" vlan-type dot1q vid {i % 4094 + 1}",
                                         f" ip address {own_address(i)} 30"],
            lambda i: [f"undo interface {sub_interface(i)}"], counts=MANY),
    Subject("tunnels", lambda i: [f"interface Tunnel{i}", " tunnel-protocol udp dvpn", f" source 10.1.{i >> 8}.{i & 255}",
                                  f" ip address 172.{16 + (i >> 14)}.{i >> 6 & 255}.{(i << 2 & 255) + 1} 30"],
            lambda i: [f"undo interface Tunnel{i}"], counts=(100, 1_000)),
    Subject("routes", lambda i: [f"ip route-static {address(i)} 30 192.0.2.{i % 200 + 2}"],
            lambda i: [f"undo ip route-static {address(i)} 30 192.0.2.{i % 200 + 2}"], counts=MANY),
    Subject("ACL rules", lambda i: ([f"acl number {3000 + i // 50_000}"] if i % 50_000 == 0 else [])
            + [f" rule {i % 50_000} permit ip source {address(i)} 0.0.0.3"],
            lambda i: ([f"acl number {3000 + i // 50_000}"] if i % 50_000 == 0 else []) + [f" undo rule {i % 50_000}"],
            counts=MANY),
    Subject("time ranges", lambda i: [f"time-range t{i} 08:00 to 18:00 working-day"], lambda i: [f"undo time-range t{i}"]),
    Subject("IKE proposals", lambda i: [f"ike proposal {i + 1}", " dh group2"], lambda i: [f"undo ike proposal {i + 1}"],
            counts=(10, 100)),
    Subject("IKE peers", lambda i: [f"ike peer p{i}", f" remote-address {own_address(i)}", " pre-shared-key k"],
            lambda i: [f"undo ike peer p{i}"], counts=MANY),
    Subject("PKI domains", lambda i: [f"pki domain d{i}"], lambda i: [f"undo pki domain d{i}"]),
    Subject("IPsec proposals", lambda i: [f"ipsec proposal q{i}", " esp encryption-algorithm 3des"],
            lambda i: [f"undo ipsec proposal q{i}"]),
    Subject("IPsec policies", lambda i: [f"ipsec policy s{i // 100} {i % 100 + 1} isakmp", " proposal q",
                                         " ike-peer p", " security acl 3000"],
            lambda i: [f"undo ipsec policy s{i // 100} {i % 100 + 1}"],
            first=("acl number 3000", "ike peer p", "ipsec proposal q"), counts=MANY),
    Subject("DVPN classes", lambda i: [f"dvpn class c{i}", f" public-ip {own_address(i)}"],
            lambda i: [f"undo dvpn class c{i}"]),
    Subject("DVPN policies", lambda i: [f"dvpn policy y{i}", " session idle-time 120"],
            lambda i: [f"undo dvpn policy y{i}"]),
    Subject("local users", lambda i: [f"local-user u{i}", " password simple secret", " service-type dvpn"],
            lambda i: [f"undo local-user u{i}"]),
    Subject("domains", lambda i: [f"domain n{i}", " state block"], lambda i: [f"undo domain n{i}"], counts=(1, 10)),
    Subject("RADIUS schemes", lambda i: [f"radius scheme r{i}", f" primary authentication {own_address(i)}"],
            lambda i: [f"undo radius scheme r{i}"], counts=(1, 10)),
)


def processor(*command, stdin=None):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(stdin or os.devnull, "rb") as lines:
        done = subprocess.run(command, stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0 and b" 0 refused" not in done.stdout:  # --check may find objects wanting: they are bare
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.decode(errors='replace')[-300:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write(path, groups, user_view=False):
    with open(path, "w", encoding="ascii") as out:
        if user_view:
            out.write("system-view\n")
        for lines in groups:
            out.writelines(line + "\n" for line in lines)
    return path


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.start = min(processor(program, "--memory", "-c", "display clock") for _ in range(3))

    def path(self, name):
        return os.path.join(self.folder, name)

    def times(self, subject, count):
        """Seconds of each of the five ways."""
        begin, runs = time.monotonic(), []
        while len(runs) < RUNS and (not runs or time.monotonic() < begin + PATIENCE):
            runs.append(self.once(subject, count))
        return {way: min(run[way] for run in runs) for way in runs[0]}

    def once(self, subject, count):
        made = [subject.first] + [subject.lines(i) for i in range(count)]
        typed, text = write(self.path("typed"), made, user_view=True), write(self.path("text"), made)
        undo = write(self.path("undo"), (subject.undo(i) for i in range(count)))
        database = self.path("database")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(database + end):
                os.remove(database + end)
        out = {"typed": processor(self.program, "--memory", stdin=typed) - self.start,
               "replayed": processor(self.program, "--db", database, "--replay", text) - self.start,
               "checked": processor(self.program, "--check", text) - self.start}
        opened = processor(self.program, "--db", database, "-c", "display clock")
        out["printed"] = processor(self.program, "--db", database, "-c", "display current-configuration") - opened
        out["removed"] = processor(self.program, "--db", database, "--replay", undo) - opened
        return {way: max(seconds, 1e-3) for way, seconds in out.items()}


def measure(program, folder, goals, names=(), most=100_000):
    """Prints a line for each subject, way and pair of counts. `names`: of these subjects only."""
    bench = Bench(program, folder)
    for subject in SUBJECTS:
        if names and subject.name not in names:
            continue
        before = None
        for count in (count for count in subject.counts if count <= most):
            times = bench.times(subject, count)
            shown = "  ".join(
                f"{way} {seconds:7.3f}" + (f" ({seconds / before[way]:4.1f})" if before else " " * 7)
                for way, seconds in times.items())
            print(f"{subject.name:16} {count:7}  {shown}", flush=True)
            if before:
                for way, seconds in times.items():
                    if before[way] >= SHORT:
                        goals.most(f"{way}, {count} {subject.name}, times {count // 10}", seconds / before[way], MOST_RATIO)
            if subject.name == "sub-interfaces" and count == 10_000:
                goals.most("typed, 10000 sub-interfaces with addresses", times["typed"], 3, " s")
            before = times
