"""Two daemons that negotiate the SAs of a policy by commands alone: main mode with keys by address, aggressive mode by
name with a template that only responds, certificates; traffic, renewal under traffic, reset, reboot, and a policy
taken away."""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import ECHO, Device, World, check, main, need_root, wait_for  # noqa: E402

COMMON = """system-view
interface GigabitEthernet0/1
 ip address 192.0.2.%(n)d 24
interface LoopBack0
 ip address 10.1.%(n)d.1 32
quit
ip route-static 10.1.%(other)d.0 255.255.255.0 192.0.2.%(other)d
ike local-name gw%(n)d
acl number 3101
 rule permit ip source 10.1.%(n)d.0 0.0.0.255 destination 10.1.%(other)d.0 0.0.0.255
ipsec proposal tran1
 esp encryption-algorithm aes
 esp authentication-algorithm sha1
ike peer other
 pre-shared-key abcde
 remote-address 192.0.2.%(other)d
ipsec policy map1 10 isakmp
 security acl 3101
 proposal tran1
 ike-peer other
quit
"""
APPLY = """system-view
interface GigabitEthernet0/1
 ipsec policy map1
"""
# The first end dials in by name; the second knows it by its name only and never begins.
BY_NAME = {1: """system-view
interface GigabitEthernet0/1
 undo ipsec policy
ike peer other
 exchange-mode aggressive
 id-type name
 remote-name gw2
ipsec policy map1 10 isakmp
 pfs dh-group2
quit
interface GigabitEthernet0/1
 ipsec policy map1
""", 2: """system-view
interface GigabitEthernet0/1
 undo ipsec policy
quit
ike peer anyone
 exchange-mode aggressive
 id-type name
 pre-shared-key abcde
 remote-name gw1
ipsec policy-template temp1 1
 proposal tran1
 ike-peer anyone
 pfs dh-group2
quit
ipsec policy map2 20 isakmp template temp1
interface GigabitEthernet0/1
 ipsec policy map2
"""}


class Pings:
    """Echo requests through the tunnel until their number is out."""

    def __init__(self, device, count, interval=0.02):
        self.process = subprocess.Popen(["ip", "netns", "exec", device.namespace] + ECHO + [
                                            "-q", "-i", str(interval), "-c", str(count), "-W", "2", "-I", "10.1.1.1",
                                            "10.1.2.1"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        device.world.processes.append(self.process)
        self.device = device

    def result(self):
        text, _ = self.process.communicate(timeout=90)
        self.device.world.processes.remove(self.process)
        found = re.search(r"(\d+) packets transmitted, (\d+) received", text)
        check(found, text)
        return int(found.group(1)), int(found.group(2))


class Test:
    def __init__(self):
        need_root()
        self.world = World("neg")
        self.devices = [Device(self.world, "gw%d" % n) for n in (1, 2)]
        self.wire = os.path.join(self.world.dir, "wire.pcap")
        self.dump = self.world.start(self.world.net, ["tcpdump", "-i", "br0", "-U", "-s", "200", "-w", self.wire],
                                     "tcpdump.log")
        wait_for("tcpdump to listen", lambda: "listening" in self.world.read("tcpdump.log"))

    def everything(self):
        out = ""
        for device in self.devices:
            out += "\n--- %s\n%s" % (device.name, device.run(
                "display ike sa", "display ipsec sa", "display ipsec statistics") + device.log_text())
        return out

    def reach(self, begin=0):
        """One echo answered; the packets that began the negotiation are dropped, as the module does."""
        device, source, to = self.devices[begin], "10.1.%d.1" % (begin + 1), "10.1.%d.1" % (2 - begin)
        try:
            wait_for("an answer", lambda: "1 received" in device.sh("ping -n -c 1 -W 1 -I %s %s" % (source, to), ok=False), 15)
        except Exception as error:
            raise type(error)("%s%s" % (error, self.everything()))

    def clean(self, count, device=None):
        sent, received = Pings(device or self.devices[0], count).result()
        check(sent == received, "%d of %d answered%s" % (received, sent, self.everything()))

    def spis(self):
        return set(re.findall(r"spi: (\d+)", self.devices[0].run("display ipsec sa")))

    def wrong(self):
        return int(re.search(r"wrong SA: (\d+)", self.devices[0].run("display ipsec statistics")).group(1))

    def main_mode(self):
        for n, device in enumerate(self.devices, 1):
            device.replay(COMMON % {"n": n, "other": 3 - n})
            device.replay(APPLY)
            # A route to what is protected comes and goes beside the policy's own.
            route = "ip route-static 10.1.%d.0 255.255.255.0 192.0.2.%d\n" % (3 - n, 3 - n)
            device.replay("system-view\nundo " + route)
            device.replay("system-view\n" + route)
            check("10.1.%d.0/24 via" % (3 - n) in device.sh("ip route"), device.sh("ip route; ip rule"))
        self.reach()
        self.clean(10)
        shown = self.devices[0].run("display ike sa")
        check(re.search(r"192\.0\.2\.2 +RD\|ST +1 +IPSEC", shown) and re.search(r"192\.0\.2\.2 +RD\|ST +2 +IPSEC", shown), shown)
        text = self.devices[0].echo("-c 3 -s 3000 -i 0.2 -W 3 -I 10.1.1.1 10.1.2.1")
        check(" 0% packet loss" in text, "large pings:\n" + text)
        self.world.start(self.devices[1].namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf.log")
        wait_for("iperf3 to listen", lambda: "listening" in self.world.read("iperf.log"))
        text = self.devices[0].sh("iperf3 -c 10.1.2.1 -B 10.1.1.1 -t 2 -f m", ok=False)
        rate = re.search(r"([\d.]+) Mbits/sec.*receiver", text)
        check(rate and float(rate.group(1)) > 1, "iperf3 moved nothing:\n" + text + self.everything())
        print("main mode, keys by address: pings, large pings, TCP %s Mbit/s" % rate.group(1))

    def renewal(self):
        """The smallest lifetime by traffic that can be configured, under traffic that uses it up several times."""
        for device in self.devices:
            device.replay("system-view\nipsec policy map1 10 isakmp\n sa duration traffic-based 2560\n")
        for device in self.devices:
            device.run("reset ipsec sa")
        self.reach()
        first = self.spis()
        seen = set(first)
        self.world.start(self.devices[1].namespace, ["iperf3", "-s", "-1", "--forceflush", "-B", "10.1.2.1"], "iperf-r.log")
        wait_for("iperf3 to listen", lambda: "listening" in self.world.read("iperf-r.log"))
        load = subprocess.Popen(["ip", "netns", "exec", self.devices[0].namespace, "iperf3", "-u", "-b", "10M", "-l", "1200",
                                 "-c", "10.1.2.1", "-B", "10.1.1.1", "-t", "12"], stdout=subprocess.DEVNULL)
        self.world.processes.append(load)
        pings = Pings(self.devices[0], 600)
        while pings.process.poll() is None:
            seen |= self.spis()
        sent, received = pings.result()
        load.wait(30)
        self.world.processes.remove(load)
        served = self.world.read("iperf-r.log")
        lost = re.search(r"(\d+)/(\d+) \([\d.e+-]+%\)\s+receiver", served)
        check(lost, served)
        # What the receiving program was too slow to take is not the tunnel's loss.
        slow = int(re.search(r"UdpRcvbufErrors +(\d+)", self.devices[1].sh("nstat -asz UdpRcvbufErrors")).group(1))
        missing = int(lost.group(1)) - slow
        pairs = len(seen) // 2
        check(pairs >= 4, "only %d pairs of SAs were seen\n%s" % (pairs, self.everything()))
        check(sent == received and missing <= 0, "lost in renewal: %d of %d echoes, %s of %s datagrams\n%s" % (
            sent - received, sent, missing, lost.group(2), self.everything()))
        print("renewal by traffic: %d pairs of SAs, %d echoes and %s datagrams, 0 lost" % (pairs, sent, lost.group(2)))
        for device in self.devices:
            device.replay("system-view\nipsec policy map1 10 isakmp\n undo sa duration traffic-based\n")

    def reset(self):
        """What one end resets is deleted at the other, and negotiated again by the next packet of either."""
        before = self.spis()
        self.devices[0].run("reset ipsec sa")
        wait_for("no SA at the other end", lambda: "spi:" not in self.devices[1].run("display ipsec sa"))
        self.reach(begin=1)
        check(not (before & self.spis()), "an SPI has come back")
        self.devices[1].run("reset ike sa")
        wait_for("no SA of phase 1", lambda: "total phase-1 SAs:  0" in self.devices[0].run("display ike sa"))
        self.reach()
        print("reset at one end deletes at both; the next packet of either end negotiates")

    def refused(self):
        """Why there are no SAs stands in the log of either end, without any debugging, and not once for each packet."""
        def fails(change, back, why):
            before = [device.log_text().count("NEGOTIATION_FAILED") for device in self.devices]
            self.devices[1].replay("system-view\n" + change)
            for device in self.devices:
                device.run("reset ipsec sa", "reset ike sa")
            self.devices[0].sh("ping -n -c 20 -i 0.1 -W 1 -I 10.1.1.1 10.1.2.1", ok=False)
            for device, count, text in zip(self.devices, before, why):
                wait_for("'%s' in the log of %s" % (text, device.name), lambda: text in device.log_text())
                lines = device.log_text().count("NEGOTIATION_FAILED") - count
                check(lines <= 2, "%d lines for 20 packets\n%s" % (lines, self.everything()))
                check("abcde" not in device.log_text(), "a key is in the log")
            self.devices[1].replay("system-view\n" + back)
            for device in self.devices:
                device.run("reset ike sa")
            self.reach()

        fails("ipsec proposal tran1\n esp authentication-algorithm md5\n",
              "ipsec proposal tran1\n esp authentication-algorithm sha1\n",
              ("192.0.2.2 (peer other): phase 2 failed: no proposal chosen: the other end says NO_PROPOSAL_CHOSEN",
               "192.0.2.1 (peer other): phase 2 failed: no proposal chosen: policy map1 10: no proposal in common"))
        fails("ike peer other\n pre-shared-key vwxyz\n", "ike peer other\n pre-shared-key abcde\n",
              ("", "192.0.2.1 (peer other): phase 1 failed: authentication failed: a message cannot be decrypted"))
        print("no common proposal, another key: the log says why, once")

    def kill(self):
        """An end that dies without a word and comes back: INITIAL-CONTACT makes the other forget the old SAs."""
        self.devices[1].run("save")
        self.devices[1].stop(signal.SIGKILL)
        os.unlink(self.devices[1].socket)
        self.devices[1].boot()
        self.reach(begin=1)
        self.clean(10)
        print("killed and booted again: back by its own first packet")

    def by_name(self):
        for n, device in enumerate(self.devices, 1):
            device.replay(BY_NAME[n])
            device.run("reset ike sa")
        before = self.wrong()
        text = self.devices[1].sh("ping -n -c 3 -i 0.2 -W 1 -I 10.1.2.1 10.1.1.1", ok=False)
        check(self.wrong() == before + 3, "what came in clear was not refused:\n" + text + self.everything())
        check("spi:" not in self.devices[1].run("display ipsec sa"), "a template began a negotiation:\n" + text + self.everything())
        self.reach()
        self.clean(10)
        shown = self.devices[1].run("display ipsec sa")
        check("mode: template" in shown, shown)
        text = self.devices[1].echo("-n -c 5 -i 0.2 -W 2 -I 10.1.2.1 10.1.1.1")
        check(" 0% packet loss" in text, "back through the template:\n" + text)
        print("aggressive mode by name, template, PFS: both ways; what came in clear before was refused")

    def nothing_in_clear(self):
        self.dump.send_signal(signal.SIGINT)
        self.dump.wait(10)
        clear = self.world.sh(self.world.net, "tcpdump -nr %s 'not esp and (host 10.1.1.1 or host 10.1.2.1)' 2>/dev/null" % self.wire)
        check(clear == "", "in clear on the wire:\n" + clear[:2000])
        print("nothing in clear on the wire")

    def taken_away(self):
        """Without the policy the same packets go in clear, and the kernel is as it was found."""
        for device in self.devices:
            device.replay("system-view\ninterface GigabitEthernet0/1\n undo ipsec policy\n")
        self.clean(5)
        check("spi:" not in self.devices[0].run("display ipsec sa"), "SAs outlived the policy")
        for device in self.devices:
            device.stop()
            left = device.sh("ip rule; ip -br link; sysctl net.ipv4.conf.eth0.forwarding")
            check(left.startswith("0:") and "forwarding = 0" in left, "not put back:\n" + left)
            check(not re.search("^88|^87|ipsec", left, re.M), "left behind:\n" + left)
        print("policies taken away: in clear, and nothing left in the kernel")


def test():
    t = Test()
    t.main_mode()
    t.renewal()
    t.reset()
    t.refused()
    t.kill()
    t.nothing_in_clear()
    t.by_name()
    t.taken_away()


main(test)
