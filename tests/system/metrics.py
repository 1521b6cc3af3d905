"""`metrics server enable`: what Prometheus scrapes, in both forms, by its own parsers (python3-prometheus-client, and promtool where
it is installed); it listens where it is told and nowhere else, holds no secret, and a flood of connections hurts nobody.
"""

import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, which has its packages
PLANTED = ["planted-%d" % number for number in range(1, 6)]
CONFIGURATION = """ike peer p
 pre-shared-key simple %s
 remote-address 192.0.2.9
local-user u
 password simple %s
 service-type dvpn
radius scheme r
 key authentication simple %s
dvpn server pre-shared-key simple %s
super password simple %s
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
 description a "b" \\ c
metrics server enable
""" % tuple(PLANTED)


PARSE = """
import importlib, json, sys
parser = importlib.import_module(sys.argv[1])
print(json.dumps({family.name: {"type": family.type, "samples": [sample[:3] for sample in family.samples]}
                  for family in parser.text_string_to_metric_families(sys.stdin.read())}))
"""


def parsed(parser, text):
    """Families by name, as Prometheus' own parser for Python reads them."""
    done = subprocess.run([PYTHON, "-c", PARSE, parser], input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    check(done.returncode == 0, "%s: %s" % (parser, done.stdout))
    return json.loads(done.stdout)


def test():
    need_root()
    if not os.path.exists("/usr/lib/python3/dist-packages/prometheus_client"):
        skip("needs the package python3-prometheus-client")
    world = World("metrics")
    device = Device(world, "one")
    check(":9882" not in device.sh("ss -ltn"), "it listens unasked")
    device.replay(CONFIGURATION)

    def get(address="127.0.0.1", port=9882, path="/metrics", accept=""):
        script = ("import urllib.request as u; r = u.Request('http://%s:%d%s', headers={'Accept': '%s'}); "
                  "a = u.urlopen(r, timeout=10); print(a.headers['Content-Type']); print(a.read().decode(), end='')")
        return device.sh("%s -c \"%s\" 2>&1" % (PYTHON, script % (address, port, path, accept)), ok=False)

    kind, _, text = get().partition("\n")
    check(kind.startswith("text/plain; version=0.0.4"), kind + text[:300])
    families = parsed("prometheus_client.parser", text)
    check(families["sw8800_interface_up"]["samples"][0][1] == {"interface": "GigabitEthernet0/1"},
          "%r" % families["sw8800_interface_up"])
    check(families["sw8800_ike_peer_up"]["samples"][0][2] == 0, "a peer that is not there is up")
    kind, _, text = get(accept="application/openmetrics-text; version=1.0.0").partition("\n")
    check(kind.startswith("application/openmetrics-text; version=1.0.0"), kind)
    families = parsed("prometheus_client.openmetrics.parser", text)
    check(families["sw8800_interface_input_packets"]["type"] == "counter", "a counter is none")
    check(families["sw8800_device"]["type"] == "info", "what it is, is no info")
    print("%d families" % len(families))
    dashboard = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "grafana", "sw8800.json")
    with open(dashboard) as file:
        used = set(re.findall(r"sw8800_\w+", json.dumps(json.load(file)["panels"])))
    served = {sample[0] for family in families.values() for sample in family["samples"]}
    # What is only there while there are peers, or a card.
    missing = {name for name in used - served if not re.match("sw8800_(card|dvpn_map|dvpn_session|dvpn_refused)_", name)}
    check(not missing, "the dashboard asks for %s" % sorted(missing))
    for secret in PLANTED:
        check(secret not in text, secret + " can be scraped")
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=get().partition("\n")[2], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        check(done.returncode == 0 and not done.stdout, "promtool: " + done.stdout)
        print("promtool check metrics: clean")
    check("404" in get(path="/"), "another page is there")
    check("refused" in get("192.0.2.1"), "it listens at another address")

    device.run("system-view", "metrics server address 192.0.2.1", "metrics server port 9999")
    check("sw8800_device_info" in get("192.0.2.1", 9999), "it does not listen where it is told")
    check("refused" in get(), "it still listens where it was")
    host = world.host("host")
    world.sh(host, "ip addr add 192.0.2.9/24 dev eth0")
    silent = "import socket, time; s = [socket.create_connection(('192.0.2.1', 9999)) for _ in range(300)]; print('full', flush=True); time.sleep(60)"
    flood = world.start(host, [PYTHON, "-c", silent], "flood.log")
    wait_for("the flood", lambda: "full" in world.read("flood.log"), 20)
    check("sw8800" in device.run("display version").lower(), "the operator is kept waiting")
    wait_for("an answer beside the flood", lambda: "sw8800_device_info" in get("192.0.2.1", 9999), 20)
    flood.kill()

    device.run("system-view", "undo metrics server enable")
    check("refused" in get("192.0.2.1", 9999), "it cannot be switched off")
    device.stop()
    check(device.process.returncode == 0, "ended with %d" % device.process.returncode)


main(test)
