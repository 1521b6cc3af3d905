"""The key of the installation: made once, private, beside the database; a configuration that came from another installation says
which key it misses, in --check, in the log and when it is replayed, and opens once that key's line is carried over. A database
of an earlier program is settled when it is opened.
"""

import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root  # noqa: E402

OLD = "$sw1$VYJ23fvj/dTNFB9HnpYIvdFSWA=="  # "three-sites", as programs before keys of installations concealed it


def sw8800(*arguments, **environment):
    return subprocess.run([os.path.join(BIN, "sw8800")] + list(arguments), text=True, timeout=60,
                          env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def key_of(device):
    return os.path.join(device.world.dir, device.name + ".db.key")


def restart(device):
    device.stop()
    os.path.exists(device.socket) and os.unlink(device.socket)
    device.boot()


def test():
    need_root()
    world = World("key")
    one, two = Device(world, "one"), Device(world, "two")
    check(os.stat(key_of(one)).st_mode & 0o7777 == 0o600, "others may read the key")
    with open(key_of(one)) as first, open(key_of(two)) as second:
        check(first.read() != second.read(), "two installations have one key")

    one.replay("ike peer a\n pre-shared-key one-secret\nike peer b\n pre-shared-key one-secret\n")
    shown = one.run("display current-configuration")
    texts = re.findall(r"pre-shared-key cipher (\$sw2\$\S+)", shown)
    check(len(texts) == 2 and texts[0] != texts[1], "equal secrets look equal:\n" + shown)
    script = "ike peer a\n pre-shared-key cipher %s\n" % texts[0]
    path = os.path.join(world.dir, "moved.cfg")
    with open(path, "w") as moved:
        moved.write(script)
    database = os.path.join(world.dir, "%s.db")
    check("needs the key" in sw8800("--check", path, "--db", database % "two"), "--check says nothing of the key")
    check("needs the key" not in sw8800("--check", path, "--db", database % "one"), "its own key is not found")
    two.replay(script)
    check(re.search(r"AAA/5/KEY_MISSING.*needs the key [0-9a-f]{8}", two.log_text()), two.log_text())
    check(texts[0] in two.run("display current-configuration"), "the text was not kept")
    with open(key_of(one)) as line, open(key_of(two), "a") as file:
        file.write(line.read())
    restart(two)
    check(two.log_text().count("KEY_MISSING") == 1, "the key that was carried over is not used:\n" + two.log_text())
    check("needs the key" not in sw8800("--check", path, "--db", database % "two"), "--check does not find the key")

    two.stop()
    rows = sqlite3.connect(database % "two")
    rows.execute("INSERT INTO local_user (name, password, password_form, service_ssh) VALUES ('old', 'plain-1', 'simple', 1)")
    rows.execute("INSERT INTO local_user (name, password, password_form, service_dvpn) VALUES ('site', 'plain-2', 'simple', 1)")
    rows.execute("INSERT INTO ike_peer (name, pre_shared_key, pre_shared_key_form) VALUES ('c', ?, 'cipher')", (OLD,))
    rows.commit()
    rows.close()
    restart(two)
    shown = two.run("display current-configuration")
    check("plain-" not in shown and "$sw1$" not in shown, "the old forms are still there:\n" + shown)
    check(re.search(r"local-user old\n password hash \$y\$", shown), shown)
    check(re.search(r"local-user site\n password cipher \$sw2\$", shown), shown)
    check("AAA/6/PASSWORD_TEXT" in two.log_text(), "nothing says why a text is kept:\n" + two.log_text())

    # The credential of a service manager comes first, and its absence afterwards is said.
    folder = os.path.join(world.dir, "credentials")
    os.mkdir(folder)
    os.rename(key_of(one), os.path.join(folder, "sw8800.key"))
    os.environ["CREDENTIALS_DIRECTORY"] = folder
    restart(one)
    check(not os.path.exists(key_of(one)) and "KEY_MISSING" not in one.log_text(), "the credential is not used")
    del os.environ["CREDENTIALS_DIRECTORY"]
    restart(one)
    check("KEY_MISSING" in one.log_text(), "a key that is gone is not missed")
    for device in (one, two):
        device.stop()


main(test)
