"""Who guesses passwords over SSH (paramiko) and for `super`: answers come later, users and addresses are locked out and let in
again, the console is not, and the log has lines that the filter of examples/fail2ban finds.
"""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402

PYTHON = "/usr/bin/python3"  # Debian's, which has its packages

PORT = 2222
CONFIGURATION = """local-user admin
 password simple right-8800
 service-type ssh
 level 0
local-user ann
 password simple anns-8800
 service-type ssh
 level 1
super password simple up-8800
ssh server lockout attempts 4
ssh server lockout time 1
user-interface vty 0 4
 authentication-mode scheme
"""
# In the client's namespace: address, user, password; says whether it came in and how long that took.
LOGIN = """
import paramiko, socket, sys, time
paramiko.util.log_to_file("/dev/null")
begun = time.monotonic()
connection = socket.create_connection(("192.0.2.1", %d), source_address=(sys.argv[1], 0))
transport = paramiko.Transport(connection)
transport.connect()
try:
    transport.auth_password(sys.argv[2], sys.argv[3])
    print("in")
    channel = transport.open_session()
    channel.invoke_shell()
    channel.settimeout(15)
    seen = ""
    for line in sys.argv[4:]:
        while not seen.endswith(">") and not seen.endswith("Password:"):
            seen += channel.recv(65536).decode()
        print(seen)
        seen = ""
        channel.sendall(line + "\\n")
    while sys.argv[4:] and not seen.endswith(">") and not seen.endswith("Password:"):
        seen += channel.recv(65536).decode()
    print(seen)
except paramiko.AuthenticationException:
    print("refused")
finally:
    transport.close()
print("%%.1f s" %% (time.monotonic() - begun))
""" % PORT


class Client:
    def __init__(self, world, namespace):
        self.world, self.namespace = world, namespace
        self.path = os.path.join(world.dir, "login.py")
        with open(self.path, "w") as script:
            script.write(LOGIN)

    def login(self, address, user, password, *lines):
        command = " ".join("'%s'" % word for word in (PYTHON, self.path, address, user, password) + lines)
        return self.world.sh(self.namespace, command + " 2>&1", ok=False)


def fail2ban_finds(log):
    """The addresses that the failregex of examples/fail2ban takes out of the log."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "fail2ban", "sw8800.filter.conf")
    with open(path) as filter_file:
        regex = re.search(r"^failregex = (.*)$", filter_file.read(), re.M).group(1)
    regex = regex.replace("%%", "%").replace("<HOST>", r"(?P<host>\S+)")
    return [found.group("host") for line in log.splitlines() if (found := re.search(regex, line))]


def test():
    need_root()
    if not os.path.exists("/usr/lib/python3/dist-packages/paramiko"):
        skip("needs the package python3-paramiko")
    world = World("guess")
    device = Device(world, "one", ["--ssh", "192.0.2.1:%d" % PORT])
    device.replay(CONFIGURATION + "interface GigabitEthernet0/1\n ip address 192.0.2.1 255.255.255.0\n")
    host = world.host("host")
    world.sh(host, "ip addr add 192.0.2.9/24 dev eth0 && ip addr add 192.0.2.10/24 dev eth0 && "
             "ip addr add 192.0.2.11/24 dev eth0")
    client = Client(world, host)

    shown = device.run("display current-configuration")
    check("right-8800" not in shown and "up-8800" not in shown and " password hash $y$" in shown and
          " super password level 3 hash $y$" in shown, "passwords are no hashes:\n" + shown)
    check(client.login("192.0.2.11", "admin", "right-8800").startswith("in"), "the right password opens nothing")

    times = []
    for _ in range(4):
        begun = time.monotonic()
        said = client.login("192.0.2.9", "admin", "wrong")
        check(said.startswith("refused"), said)
        times.append(time.monotonic() - begun)
    print("answers to wrong passwords after %s s" % ", ".join("%.1f" % each for each in times))
    check(times[3] > 4, "the fourth answer comes too soon")
    check(client.login("192.0.2.9", "admin", "right-8800").startswith("refused"), "a locked address comes in")
    check(client.login("192.0.2.9", "ann", "anns-8800").startswith("refused"), "a locked address comes in as another")
    check(client.login("192.0.2.10", "admin", "right-8800").startswith("refused"), "a locked user comes in elsewhere")
    check(client.login("192.0.2.11", "admin", "right-8800").startswith("in"), "the user is locked out of his home")
    check(client.login("192.0.2.10", "ann", "anns-8800").startswith("in"), "another user is locked out")
    shown = device.run("display ssh server lockout")
    check(re.search(r"user +admin .*\d+ s", shown) and re.search(r"address +192\.0\.2\.9 .*\d+ s", shown), shown)

    device.run("reset ssh server lockout user admin", "reset ssh server lockout address 192.0.2.9")
    check(client.login("192.0.2.9", "admin", "right-8800").startswith("in"), "reset lets nobody in")

    check("level is 3" in client.login("192.0.2.11", "ann", "anns-8800", "super", "up-8800"), "super is refused")
    said = client.login("192.0.2.10", "ann", "anns-8800", "super", "no", "no", "no", "super", "no", "super", "up-8800")
    check("try again in" in said and "level is 3" not in said, "super takes any number of guesses:\n" + said)
    check(client.login("192.0.2.11", "ann", "anns-8800", "super", "up-8800").count("level is 3") == 1,
          "she is locked out of super at home")

    log = device.log_text()
    found = fail2ban_finds(log)
    check(found.count("192.0.2.9") >= 4, "fail2ban finds %r in\n%s" % (found, log))
    check("Failed password for admin from 192.0.2.9 ssh2: wrong password" in log, log)
    # A name that poses as the end of the line blames nobody else.
    client.login("192.0.2.9", "x from 203.0.113.5 ssh2: y", "wrong")
    wait_for("the log line", lambda: "x?from?203" in device.log_text(), 10)
    check("203.0.113.5" not in fail2ban_finds(device.log_text()), "a name puts an address into the log")

    waited = wait_for("the lock of ann's super to end by itself", lambda: "level is 3" in client.login(
        "192.0.2.10", "ann", "anns-8800", "super", "up-8800"), 90)
    check(waited, "")
    device.stop()
    check(device.process.returncode == 0, "ended with %d" % device.process.returncode)


main(test)
