"""What a server sends into 1, 100 and 5,000 sessions at once through the whole of it: the kernel's queue, a worker of
sw8800d, its socket. Root only. The clients register for real, out of one process; while it is measured that process
stands still and the kernel drops what comes for it. 1,400 bytes a packet, suite 14:

  trains of 40, of 16   so many packets for a session in a row, one large send of a program: what TCP makes, too
  in turn               every packet is another session's, which spares the kernel nothing

Median of the rounds; the numbers of sessions take turns.    many_sessions.py [SESSIONS]"""

import os
import signal
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../system"))
from harness import TEST_DIR, Device, World, main, need_root, wait_for  # noqa: E402

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
PAYLOAD, SECONDS, ROUNDS = 1372, 1.5, 5

SERVER = """
sysname server
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
ip route-static 172.16.0.0 255.255.0.0 192.0.2.2
dvpn service enable
dvpn policy sites
 authentication-client method none
 session algorithm-suite 15
 data algorithm-suite 14
 session keepalive-interval 300
interface Tunnel0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.0.0
 source GigabitEthernet0/1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy sites
"""

GENERATOR = """
import socket, struct, sys, time
count, train, seconds, payload = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if train > 1:
    s.setsockopt(17, 103, payload)  # UDP_SEGMENT
data = bytes(payload * train)
to = [("10.0.%d.%d" % (1 + n // 256, n % 256), 9) for n in range(count)]
end, n = time.monotonic() + seconds, 0
while time.monotonic() < end:
    for _ in range(64):
        s.sendto(data, to[n % count])
        n += 1
"""


def test():
    need_root()
    world = World("many")
    hq, host = Device(world, "server"), world.host("clients")
    hq.replay(SERVER)
    addresses = os.path.join(world.dir, "addresses")
    with open(addresses, "w") as f:
        f.write("addr add 192.0.2.2/24 dev eth0\n")
        f.writelines("addr add 172.16.%d.%d/32 dev lo\n" % (1 + n // 256, n % 256) for n in range(COUNT))
    world.sh(host, "ip -batch " + addresses)
    clients = world.start(host, ["sh", "-c", "ulimit -n 20000; exec %s 192.0.2.1 10.0.0.1 172.16.1.0 10.0.1.0 %d 15"
                                 % (os.path.join(TEST_DIR, "many_clients"), COUNT)], "clients.log")
    wait_for("%d clients" % COUNT, lambda: "all %d registered, %d answered" % (COUNT, COUNT) in world.read("clients.log"), 120)
    clients.send_signal(signal.SIGSTOP)

    def send(count, train, seconds):
        subprocess.run(["ip", "netns", "exec", hq.namespace, "python3", "-c", GENERATOR, str(count), str(train),
                        str(seconds), str(PAYLOAD)], check=True)

    def bytes_sent():
        return int(hq.sh("cat /sys/class/net/eth0/statistics/tx_bytes"))

    print("%d sessions of a server, %d processors, load %.1f; Gbit/s sent" % (COUNT, os.cpu_count(), os.getloadavg()[0]))
    for name, train in (("trains of 40", 40), ("trains of 16", 16), ("in turn", 1)):
        found = {count: [] for count in (1, 100, COUNT)}
        send(COUNT, train, 1)  # a worker learns of each session by a packet
        for _ in range(ROUNDS):
            for count, rates in found.items():
                before = bytes_sent()
                send(count, train, SECONDS)
                rates.append((bytes_sent() - before) * 8 / SECONDS / 1e9)
        one = statistics.median(found[1])
        print("%-13s" % name + "   ".join("%5d: %.2f (%.0f %%)" % (n, statistics.median(r), 100 * statistics.median(r) / one)
                                         for n, r in found.items()), flush=True)
    clients.send_signal(signal.SIGCONT)


main(test)
