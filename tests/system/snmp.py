"""Debian's snmpd, snmpwalk, snmptable, snmpset and snmptrapd against the subagent: the DVPN MIB read, written, and its
notifications."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, Failure, World, check, main, need_root, skip, wait_for  # noqa: E402

EXAMPLE = os.path.join(os.path.dirname(__file__), "../../examples/three-sites")
ROOT = ".1.3.6.1.4.1.43.45.1.10.2.57"
ENTITY_STATE = ".1.3.6.1.2.1.131"  # RFC 4268
# Names of columns, so that snmptable has a table to draw; numbers and types are the MIB's.
MODULE = """SW-TEST-MIB DEFINITIONS ::= BEGIN
swTest OBJECT IDENTIFIER ::= { iso 3 6 1 4 1 43 45 1 10 2 57 }
swMapTable OBJECT-TYPE SYNTAX SEQUENCE OF SwMapEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "maps"
  ::= { swTest 1 2 5 }
swMapEntry OBJECT-TYPE SYNTAX SwMapEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "map"
  INDEX { swMapIndex } ::= { swMapTable 1 }
SwMapEntry ::= SEQUENCE { swMapIndex Unsigned32, swMapPeerDeviceId OCTET STRING, swMapDvpnId Unsigned32,
  swMapUdpPort Integer32, swMapState Integer32 }
swMapIndex OBJECT-TYPE SYNTAX Unsigned32 MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= { swMapEntry 1 }
swMapPeerDeviceId OBJECT-TYPE SYNTAX OCTET STRING MAX-ACCESS read-only STATUS current DESCRIPTION "x"
  ::= { swMapEntry 2 }
swMapDvpnId OBJECT-TYPE SYNTAX Unsigned32 MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= { swMapEntry 3 }
swMapUdpPort OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= { swMapEntry 14 }
swMapState OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= { swMapEntry 17 }
END
"""


def config(name):
    with open(os.path.join(EXAMPLE, name + ".cfg")) as f:
        return f.read()


def test():
    need_root()
    for program in ("/usr/sbin/snmpd", "/usr/sbin/snmptrapd", "/usr/bin/snmpwalk"):
        if not os.path.exists(program):
            skip(program + " is not installed")
    world = World("snmp")
    master = os.path.join(world.dir, "master")
    card = os.path.join(world.dir, "card")
    world.start(world.net, [os.path.join(BIN, "sw8800-card"), "--socket", card], "card.log")
    wait_for("the card", lambda: os.path.exists(card))
    server = Device(world, "server", ["--agentx", master, "--crypto", "vfio-user:" + card])
    ns = server.namespace
    with open(os.path.join(world.dir, "snmpd.conf"), "w") as f:
        f.write("rwcommunity sw 127.0.0.1\nview all included .1\nmaster agentx\nagentXSocket %s\nagentXPerms 0700 0700\n"
                "trap2sink 127.0.0.1:1162 sw\n" % master)
    with open(os.path.join(world.dir, "snmptrapd.conf"), "w") as f:
        f.write("disableAuthorization yes\n")
    for folder in ("state", "mibs"):
        os.makedirs(os.path.join(world.dir, folder))
    with open(os.path.join(world.dir, "mibs", "SW-TEST-MIB.txt"), "w") as f:
        f.write(MODULE)
    os.environ["SNMP_PERSISTENT_DIR"] = os.path.join(world.dir, "state")
    world.start(ns, ["/usr/sbin/snmptrapd", "-f", "-n", "-On", "-Lf", os.path.join(world.dir, "traps"), "-C", "-c",
                     os.path.join(world.dir, "snmptrapd.conf"), "-m", "", "udp:127.0.0.1:1162"])
    world.start(ns, ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", os.path.join(world.dir, "snmpd.conf"), "-m", "", "-I",
                     "system_mib", "udp:127.0.0.1:1161"], "snmpd.log")
    wait_for("snmpd to listen for subagents", lambda: os.path.exists(master))
    server.replay(config("server").replace("\nreturn", "\nsnmp-agent\nreturn"))

    def snmp(command, *arguments, ok=True):
        return server.sh("snmp%s -v2c -c sw -On -t 5 -m '' 127.0.0.1:1161 %s" % (command, " ".join(arguments)), ok=ok)

    def get(suffix):
        return snmp("get", ROOT + suffix)

    wait_for("the subagent to register", lambda: "INTEGER: 1" in get(".1.1.1.0"), 20)

    client = Device(world, "client-1")
    client.replay(config("client-1"))
    wait_for("the client to register", lambda: "FINISHED" in server.run("display dvpn map all"))
    wait_for("its session", lambda: "SETUPSUCCESS" in server.run("display dvpn session all"))

    # The agent answers from a view that may be a fifth of a second old.
    wait_for("the view to show the session", lambda: "INTEGER: 3" in get(".1.2.6.1.15.1.1.4.10.0.0.11"), 5)

    # Everything is read by a walk, in order, and ends.
    walk = snmp("walk", ROOT)
    print(walk.count("\n"), "objects")
    for suffix, value in ((".1.1.1.0", "INTEGER: 1"), (".1.1.3.0", "INTEGER: 1"), (".1.1.4.0", "INTEGER: 30"),
                          (".1.1.5.0", "INTEGER: 10"), (".1.1.7.0", "INTEGER: 3"), (".1.1.13.0", "INTEGER: 2"),
                          (".1.1.15.0", "INTEGER: 1"), (".1.1.16.0", "INTEGER: 1"), (".1.1.17.0", 'STRING: ""|""'),
                          (".1.1.18.0", "INTEGER: 1"), (".1.1.20.0", "INTEGER: 2"), (".1.1.26.0", 'STRING: "server"'),
                          (".1.2.2.1.2.1", "Gauge32: 1"), (".1.2.5.1.17.1", "INTEGER: 15"),
                          (".1.2.5.1.14.1", "INTEGER: 9876"), (".1.2.5.1.16.1", "INTEGER: 2"),
                          (".1.2.6.1.15.1.1.4.10.0.0.11", "INTEGER: 3"), (".1.2.6.1.16.1.1.4.10.0.0.11", "INTEGER: 2"),
                          (".1.2.4.1.1.1", "INTEGER: 2"), (".1.2.4.1.4.1", "INTEGER: 1")):
        line = [text for text in walk.splitlines() if text.startswith(ROOT + suffix + " ")]
        check(line and re.search(value, line[0]), "%s is not %s but %s" % (suffix, value, line))
    check("examplekey" not in walk and "cipher" not in walk, "a secret is shown:\n" + walk)
    table = server.sh("snmptable -v2c -c sw -M %s/mibs -m SW-TEST-MIB 127.0.0.1:1161 swMapTable" % world.dir)
    check("client-1" in table and "9876" in table, "snmptable shows:\n" + table)

    # The history of sessions: up once, and online.
    for suffix, value in ((".1.1.27.0", "INTEGER: 50"), (".1.2.7.1.6.1.1.4.10.0.0.11", "Gauge32: 1"),
                          (".1.2.7.1.10.1.1.4.10.0.0.11", "INTEGER: 1"),
                          (".1.2.7.1.11.1.1.4.10.0.0.11", 'STRING: "client-1"')):
        check(value in get(suffix), "%s is not %s:\n%s" % (suffix, value, get(suffix)))
    snmp("set", ROOT + ".1.1.27.0", "i", "7")
    check("dvpn session history age-time 7" in server.run("display current-configuration"), "the history's age was not set")

    # Writing goes the way of the terminal: ranges, references, journal.
    snmp("set", ROOT + ".1.1.4.0", "i", "60")
    check("dvpn server map age-time 60" in server.run("display current-configuration"), "the written value is not there")
    check("Reason" in snmp("set", ROOT + ".1.1.4.0", "i", "5", ok=False), "a value out of range was taken")
    check("Reason" in snmp("set", ROOT + ".1.1.4.0", "s", "abc", ok=False), "a value of another type was taken")
    check("Reason" in snmp("set", ROOT + ".1.1.3.0", "i", "7", ok=False), "a read-only object was written")
    name = ".3.110.101.119"  # "new"
    snmp("set", ROOT + ".1.2.1.1.11" + name, "i", "4", ROOT + ".1.2.1.1.4" + name, "i", "600")
    text = server.run("display current-configuration")
    check(re.search(r"dvpn policy new\n session idle-time 600", text), "the new policy is not there:\n" + text)
    snmp("set", ROOT + ".1.2.1.1.11" + name, "i", "6")
    check("policy new" not in server.run("display current-configuration"), "the policy was not removed")

    # A notification per map and session, up and down.
    def traps():
        return world.read("traps")

    for number in (3, 1):
        wait_for("trap %d" % number, lambda: ROOT + ".1.3.0.%d" % number in traps(), 10)
    client.stop()
    for number in (4, 2):
        wait_for("trap %d" % number, lambda: ROOT + ".1.3.0.%d" % number in traps(), 20)
    check('STRING: "client-1"' in traps(), "the traps do not name the client:\n" + traps())

    wait_for("the history to say that it went", lambda: "INTEGER: 2" in get(".1.2.7.1.10.1.1.4.10.0.0.11"), 10)
    snmp("set", ROOT + ".1.1.28.0", "i", "1")
    wait_for("the history to be empty", lambda: "No Such" in snmp("get", ROOT + ".1.2.7.1.10.1.1.4.10.0.0.11", ok=False), 5)

    # The card tells when it goes and when it is back, once that is wanted.
    server.replay("encrypt-card backuped\n")
    server.run("system-view", "interface encrypt 1/0", "shutdown", "undo shutdown")
    wait_for("the card to be back", lambda: "processed by the card" in server.run("display encrypt-card status"), 10)
    check(ENTITY_STATE not in traps(), "a trap of the card that nobody wanted:\n" + traps())
    server.replay("snmp-agent trap enable encrypt-card\n")
    server.run("system-view", "interface encrypt 1/0", "shutdown")
    wait_for("the card's trap", lambda: ENTITY_STATE + ".0.2" in traps(), 10)
    server.run("system-view", "interface encrypt 1/0", "undo shutdown")
    wait_for("the trap of its return", lambda: ENTITY_STATE + ".0.1" in traps(), 10)
    check(re.search(re.escape(ENTITY_STATE + ".1.1.1.2.2") + " = INTEGER: 2", traps()), "not locked:\n" + traps())
    check("Encrypt-card 1/0: the card was shut down" in server.run("display trapbuffer"), "not in the trap buffer")

    # Switched off, the MIB is empty.
    server.run("system-view", "undo snmp-agent")
    wait_for("the MIB to be empty", lambda: "No Such" in snmp("get", ROOT + ".1.1.1.0", ok=False), 5)


main(test)
