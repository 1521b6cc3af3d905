"""DVPN clients checked and accounted by two FreeRADIUS servers; then the primary fails, then both."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from freeradius import FreeRadius  # noqa: E402
from harness import Device, World, check, main, need_root, wait_for  # noqa: E402

KEY = "radius,key"  # what is configured and what goes over the wire are both ours to quote

SERVER = """
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
radius scheme r1
 primary authentication 192.0.2.8
 primary accounting 192.0.2.8
 secondary authentication 192.0.2.9
 secondary accounting 192.0.2.9
 key authentication simple %s
 key accounting simple %s
 retry 2
 timer response-timeout 1
domain sites
 scheme radius-scheme r1
domain home
 scheme local
local-user carol@home
 password simple carols-secret
 service-type dvpn
dvpn service enable
dvpn policy p
 authentication-client method %s domain sites
interface tunnel 0
 tunnel-protocol udp dvpn
 ip address 10.0.0.1 255.255.255.0
 source 192.0.2.1
 dvpn interface-type server
 dvpn dvpn-id 1
 dvpn policy p
"""

CLIENT = """
dvpn service enable
dvpn client register-interval 3
interface GigabitEthernet0/1
 ip address 192.0.2.%d 255.255.255.0
dvpn class c
 public-ip 192.0.2.1
 private-ip 10.0.0.1
 local-user %s password simple %s
interface tunnel 0
 tunnel-protocol udp dvpn
 ip address 10.0.0.%d 255.255.255.0
 source 192.0.2.%d
 dvpn server c
"""

USERS = """
alice@sites Cleartext-Password := "alices-secret"
\tClass = 0x676f6c64,
\tFramed-IP-Address = 10.0.0.11,
\tFramed-Route = "10.1.1.0/24 0.0.0.0 1"

bob@sites Cleartext-Password := "bobs-secret"
"""


def client_text(number, user, password):
    return CLIENT % (number, user, password, number, number)


def finished(server):
    return re.findall(r"10\.0\.0\.(\d+) .*FINISHED", server.run("display dvpn map all"))


def kinds(radius, user):
    return [r["Acct-Status-Type"] for r in radius.accounting() if r.get("User-Name") == user]


def ping(device):
    text = device.echo("-q -c 3 -i 0.2 -W 2 10.0.0.1")
    check(" 0% packet loss" in text, "the registered client lost packets:\n" + text)


def test():
    need_root()
    started = time.monotonic()
    world = World("rad")
    server = Device(world, "server")
    alice, bob, carol = (Device(world, name) for name in ("alice", "bob", "carol"))
    host = world.host("radius")
    world.sh(host, "ip addr add 192.0.2.8/24 dev eth0 && ip addr add 192.0.2.9/24 dev eth0")
    secret = '"%s"' % KEY
    primary = FreeRadius(world, host, "primary", "192.0.2.8", secret, USERS)
    secondary = FreeRadius(world, host, "secondary", "192.0.2.9", secret, USERS, proves=False)

    # CHAP, accepted; a user of a local domain beside it.
    server.replay(SERVER % (KEY, KEY, "chap"))
    alice.replay(client_text(11, "alice", "alices-secret"))
    carol.replay(client_text(13, "carol@home", "carols-secret"))
    wait_for("alice by RADIUS and carol by the local users", lambda: sorted(finished(server)) == ["11", "13"])
    check("Login OK: [alice@sites]" in primary.log(), "the primary did not accept alice:\n" + primary.log())
    shown = server.run("display connection user-name alice")
    check("Auth by=radius scheme r1" in shown and "IP=10.0.0.11" in shown, "alice is not shown as she is:\n" + shown)
    wait_for("the accounting start", lambda: kinds(primary, "alice@sites") == ["Start"], 10)
    ping(alice)
    print("CHAP: alice accepted by the primary, and accounted")

    # What belongs to alice, by the attributes of her server: her address and the network behind her.
    alice.replay("interface LoopBack0\n ip address 10.1.1.1 255.255.255.255\ninterface LoopBack1\n"
                 " ip address 10.9.9.9 255.255.255.255\n")
    server.replay("ip route-static 10.1.1.0 255.255.255.0 10.0.0.11\nip route-static 10.9.9.0 255.255.255.0 10.0.0.11\n")
    check(" 0% packet loss" in alice.echo("-q -c 3 -i 0.2 -W 2 -I 10.1.1.1 10.0.0.1"), "alice's network is refused")
    check(" 100% packet loss" in alice.echo("-q -c 3 -i 0.2 -W 1 -I 10.9.9.9 10.0.0.1"), "a network that is not alice's passes")
    check(re.search(r"source address that belongs to another client: 3\b", server.run("display dvpn info global")),
          "what alice may not send is not counted:\n" + server.run("display dvpn info global"))
    alice.replay("interface tunnel 0\n ip address 10.0.0.21 255.255.255.0\n")
    wait_for("the refusal of another address of alice",
             lambda: "registration of 10.0.0.21 refused to user alice: its own address is 10.0.0.11" in server.log_text(), 20)
    alice.replay("interface tunnel 0\n ip address 10.0.0.11 255.255.255.0\n")
    wait_for("alice at her own address", lambda: "11" in finished(server), 40)
    print("Framed-IP-Address and Framed-Route: alice's address and network are hers, others are refused and counted")

    # Rejected; then PAP, accepted.
    bob.replay(client_text(12, "bob", "wrong-secret"))
    wait_for("bob's rejection", lambda: "the server rejected the user of radius scheme r1" in server.log_text())
    check("Login incorrect" in primary.log(), "the primary did not reject bob")
    server.replay("dvpn policy p\nauthentication-client method pap domain sites\n")
    bob.replay("dvpn class c\nlocal-user bob password simple bobs-secret\n")
    for client in (alice, bob, carol):  # a client sends its password to nobody unless it is told to
        client.replay("dvpn security minimum none\n")
    wait_for("all three by PAP", lambda: sorted(finished(server)) == ["11", "12", "13"], 40)
    print("PAP: bob rejected with a wrong password, accepted with the right one")

    # A stop carries what was moved.
    server.run("system-view", "cut connection user-name alice")
    wait_for("the accounting stop", lambda: "Stop" in kinds(primary, "alice@sites"), 10)
    stop = [r for r in primary.accounting() if r["Acct-Status-Type"] == "Stop" and r["User-Name"] == "alice@sites"][0]
    check(stop["Class"] == "0x676f6c64" and stop["Framed-IP-Address"] == "10.0.0.11", "the stop is not alice's: %s" % stop)
    moved = [int(r["Acct-Input-Octets"]) for r in primary.accounting() if r["Acct-Status-Type"] == "Stop"
             and r["User-Name"] == "alice@sites"]
    check(max(moved) > 0, "no stop counts a byte from alice: %s" % moved)
    wait_for("alice to come back", lambda: "11" in finished(server), 40)

    # The primary is down: the secondary takes over, and the others notice nothing.
    primary.stop()
    server.run("reset dvpn map private-ip 10.0.0.12")
    wait_for("the refusal of answers that prove nothing", lambda: re.search(
        r"answers of 192\.0\.2\.9:1812 come without Message-Authenticator and are refused", server.log_text()), 30)
    check("12" not in finished(server), "bob is in by an answer that anybody on the way can make up")
    server.replay("radius scheme r1\nmessage-authenticator optional\n")
    wait_for("bob by the secondary", lambda: "12" in finished(server), 40)
    check("Login OK: [bob@sites]" in secondary.log(), "the secondary did not accept bob")
    check(re.search(r"the primary authentication server 192\.0\.2\.8:1812 does not answer", server.log_text()),
          "the log does not name the silent server")
    wait_for("the start at the secondary", lambda: "Start" in kinds(secondary, "bob@sites"), 15)
    print("primary down: bob accepted and accounted by the secondary, once its old answers are allowed")

    # Both are down: refused within the timers, while the server goes on answering.
    secondary.stop()
    mark = len(server.log_text())
    server.run("reset dvpn map private-ip 10.0.0.12")
    answers, end = [], time.monotonic() + 60
    while "no server of radius scheme r1 answers" not in server.log_text()[mark:]:
        check(time.monotonic() < end, "bob was not refused:\n" + server.log_text()[mark:])
        before = time.monotonic()
        ping(carol)
        server.run("display clock")
        answers.append(time.monotonic() - before)
    check("12" not in finished(server) and "13" in finished(server), "bob is in, or carol is out")
    check(max(answers) < 5, "the server kept others waiting: %s" % answers)
    print("both down: bob refused, carol's ping and the console went on (slowest round %.1f s)" % max(answers))
    print(server.run("display radius statistics"))

    secondary.start()
    server.replay("radius scheme r1\nstate secondary authentication active\n")  # forgets that it was quiet
    wait_for("bob again", lambda: "12" in finished(server), 60)
    print("%.0f s" % (time.monotonic() - started))


main(test)
