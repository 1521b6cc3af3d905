"""A monitor (level 1) is searched for ten planted secrets through every door: all displays over SSH, as text and as JSON, the
journal, differences, who changed what, what is wrong with a line, debugging and the log on his screen, SNMP, metrics, and the
log of the service.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, which has its packages

PORT = 2222
SECRETS = ["planted%02d" % number for number in range(1, 11)]
CONFIGURATION = """local-user mon
 password simple monitor-8800
 service-type ssh
 level 1
#
user-interface vty 0 4
 authentication-mode scheme
#
local-user site
 password simple planted01
 service-type dvpn
#
radius scheme r
 primary authentication 192.0.2.7
 key authentication simple planted02
 key accounting planted03
#
dvpn class c
 pre-shared-key simple planted04
 local-user x password simple planted05
#
ike peer p
 pre-shared-key simple planted06
 remote-address 192.0.2.9
#
acl number 3000
 rule permit ip source 10.1.0.0 0.0.255.255 destination 10.2.0.0 0.0.255.255
#
ipsec proposal t
#
ipsec policy m 10 manual
 security acl 3000
 proposal t
 tunnel local 192.0.2.1
 tunnel remote 192.0.2.9
 sa spi inbound esp 1000
 sa spi outbound esp 1001
 sa string-key inbound esp planted07
 sa string-key outbound esp planted08
#
dvpn server pre-shared-key simple planted09
super password simple planted10
snmp-agent
metrics server enable
"""
# In the device's namespace: the monitor's session, line by line; what it shows.
SESSION = """
import os, paramiko, re, sys, time
paramiko.util.log_to_file("/dev/null")
client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", %d, "mon", "monitor-8800", look_for_keys=False, allow_agent=False, timeout=30)
channel = client.invoke_shell(width=0, height=0)
channel.settimeout(30)
def until():
    seen = ""
    while not re.search(r"(^|\\n)<[\\w.-]+>$", seen) and not seen.endswith("[Y/N]:") and not seen.endswith("Password:"):
        seen += channel.recv(65536).decode(errors="replace")
    return seen
print(until())
for line in ["screen-length disable"] + open(sys.argv[1]).read().splitlines():
    if line == "#":  # he watches until others have typed
        open(sys.argv[1] + ".watches", "w").close()
        while not os.path.exists(sys.argv[1] + ".seen"):
            time.sleep(0.1)
        continue
    channel.sendall(line + "\\n")
    seen = until()
    print(seen.replace(line, "", 1))
""" % PORT
MORE = {"display ip interface": "", "display dvpn why": "", "display configuration diff": " before"}


def displays():
    """Every display there is: the schemas of `| json` are named by them."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "build", "man", "schema")
    names = sorted(name.removesuffix(".json").replace("-", " ") for name in os.listdir(path)) if os.path.isdir(path) else []
    return names or ["display " + word for word in (
        "current-configuration", "saved-configuration", "this", "configuration journal", "configuration blame", "radius scheme",
        "local-user", "domain", "connection", "users", "history-command", "logbuffer", "trapbuffer", "ike peer", "ike sa",
        "ike proposal", "ipsec policy", "ipsec sa", "ipsec proposal", "dvpn map all", "dvpn session all", "dvpn info",
        "dvpn online-user", "interface", "ip interface", "ip routing-table", "acl all", "debugging", "snmp-agent", "version",
        "clock", "device", "security audit", "ssh server lockout", "user-interface", "info-center", "stop-accounting-buffer")]


def test():
    need_root()
    if not os.path.exists("/usr/lib/python3/dist-packages/paramiko"):
        skip("needs the package python3-paramiko")
    world = World("monitor")
    device = Device(world, "one", ["--ssh", "127.0.0.1:%d" % PORT, "--agentx", os.path.join(world.dir, "agentx")])
    device.run("configuration checkpoint before")
    device.replay(CONFIGURATION)
    device.run("save")
    check(all(secret in device.run("display current-configuration") for secret in ("planted02", "planted04")),
          "nothing was planted")

    lines = ["display configuration diff before", "more startup.cfg", "more flash:/startup.cfg", "dir"]
    for name in displays():
        lines += [name, name + " | json", name + " | include planted"]
    lines += ["terminal monitor", "terminal debugging", "debugging all", "y", "#"]
    lines += ["super password simple " + SECRETS[0][:4] + "zz", "pre-shared-key", "display ike peer p", "undo debugging all"]
    script, path = os.path.join(world.dir, "session.py"), os.path.join(world.dir, "lines")
    with open(script, "w") as file:
        file.write(SESSION)
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    world.start(device.namespace, [PYTHON, "-u", script, path], "session.log")
    # What others type while he watches is not shown to him either.
    wait_for("the session", lambda: os.path.exists(path + ".watches"), 120)
    check("mon" in device.run("display users"), "he is not there")
    device.replay("ike peer p\n pre-shared-key simple planted06\nradius scheme r\n key authentication simple planted02\n"
                  "undo super password\nsuper password simple planted10\ninterface LoopBack 1\n")
    open(path + ".seen", "w").close()
    wait_for("all lines", lambda: re.search(r"undo debugging all|All possible debugging", world.read("session.log")), 120)
    seen = world.read("session.log")
    check("******" in seen and "sw8800_" not in seen, "nothing was masked:\n" + seen[:2000])
    metrics = device.sh("%s -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:9882/metrics').read().decode())\""
                        % PYTHON)
    check("sw8800_ike_peer_up" in metrics, metrics[:500])
    for where, text in (("his session", seen), ("metrics", metrics), ("the log of the service", device.log_text())):
        for secret in SECRETS:
            at = text.find(secret)
            check(at < 0, "%s stands in %s: ...%s..." % (secret, where, text[max(0, at - 200):at + 50]))
        check("$y$" not in text and "$sw2$" not in text, "a hash or cipher text stands in " + where)
    print("%d lines and %d bytes searched" % (len(lines), len(seen) + len(metrics)))
    device.stop()


main(test)
