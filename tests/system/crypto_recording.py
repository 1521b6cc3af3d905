"""Two daemons write down what their crypto engines do under traffic, one on a card that fails; both recordings come out
the same on software and on a card, and a packet that was changed in one is found."""

import os
import re
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402

EXAMPLE = os.path.join(os.path.dirname(__file__), "../../examples/three-sites")


def test():
    need_root()
    world = World("rec")

    def card(name):
        socket = os.path.join(world.dir, name)
        world.start(world.net, [os.path.join(BIN, "sw8800-card"), "--socket", socket], name + ".log")
        wait_for("the card", lambda: os.path.exists(socket))
        return "vfio-user:" + socket

    def recording(name):
        return os.path.join(world.dir, name + ".rec")

    engines = {"server": "software", "client-1": card("card-1")}
    server, client = [Device(world, name, ["--crypto", engine, "--record-crypto", recording(name)])
                      for name, engine in engines.items()]
    for device in (server, client):
        check(stat.S_IMODE(os.stat(recording(device.name)).st_mode) == 0o600, "others may read the recording")
        with open(os.path.join(EXAMPLE, device.name + ".cfg")) as f:
            device.replay(f.read())
    client.replay("encrypt-card backuped\n")
    wait_for("the client to register", lambda: "FINISHED" in server.run("display dvpn map all"))
    client.run("fault inject card fail@100")
    for _ in range(3):
        client.sh("ping -c 100 -i 0.005 -s 700 -W 2 -I 10.1.1.1 10.1.0.1", ok=False)
    shown = client.run("display encrypt-card statistic")
    check(re.search(r"packets by the card: \d\d", shown) and re.search(r"packets by software: \d\d", shown) and
          re.search(r"switches to software: [1-9]", shown), "the traffic was not on both engines:\n" + shown)
    for device in (server, client):
        device.stop()
        text = world.read(device.name + ".rec")
        check(text.startswith("sw8800-hal 1\n"), "not a recording")
        print("%s: %d lines, %d operations" % (device.name, text.count("\n"), text.count("\ncomplete ")))

    def replay(path, engine):
        done = subprocess.run([os.path.join(BIN, "sw8800d"), "--crypto", engine, "--replay-crypto", path], text=True,
                              timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    for device in (server, client):
        for engine in ("software", card("card-%s" % device.name)):
            code, said = replay(recording(device.name), engine)
            found = re.search(r"(\d+) operations, (\d+) compared, 0 differences", said)
            check(code == 0 and found and int(found.group(2)) > 100, "the replay on %s:\n%s" % (engine, said))
            print("%s on %s: %s" % (device.name, engine.split(":")[0], found.group(0)))

    # One digit of one result is another one.
    with open(recording("client-1")) as f:
        text = f.read()
    lines = list(re.finditer(r"^complete \d+ ok [0-9a-f]+$", text, re.M))
    last = lines[len(lines) // 2].end() - 1
    with open(recording("changed"), "w") as f:
        f.write(text[:last] + ("0" if text[last] != "0" else "1") + text[last + 1:])
    code, said = replay(recording("changed"), "software")
    check(code == 1 and re.search(r" 1 differences\n  operation \d+: another result", said), "not found:\n" + said)
    code, said = replay(os.path.join(world.dir, "server.cfg"), "software")
    check(code == 1 and "no recording of this version" in said, "a text that is no recording:\n" + said)
    world.close()


main(test)
