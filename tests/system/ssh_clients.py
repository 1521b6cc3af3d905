"""The terminal over SSH with clients that know nothing of us: Debian's Netmiko, paramiko and OpenSSH; then 100 at once.

Everything happens on the loopback of one network namespace.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, Failure, World, check, main, need_root, skip, wait_for  # noqa: E402

USER, PASSWORD, PORT = "admin", "secret8800", 2222
SESSIONS = 100
ONLY_MANY = "--many"  # just the hundred sessions, for who measures them
DEVICE_PID = "SW_SSH_CLIENTS_PID"
INSIDE = "SW_SSH_CLIENTS_SOCKET"  # set for the half of the test that runs in the device's namespace

CONFIGURATION = """local-user %s
 password simple %s
 service-type ssh
 level 3
#
user-interface maximum-vty 128
user-interface vty 0 127
 authentication-mode scheme
#
""" % (USER, PASSWORD) + "".join("interface LoopBack%d\n#\n" % number for number in range(900, 915))


def connect():
    import paramiko
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", PORT, USER, PASSWORD, look_for_keys=False, allow_agent=False, timeout=60,
                   banner_timeout=60, auth_timeout=60)
    return client


class Shell:
    """A terminal as an automation client uses it."""

    def __init__(self, **pty):
        self.client = connect()
        self.channel = self.client.invoke_shell(**pty)
        self.channel.settimeout(20)
        self.greeting = self.until(r"<[\w.-]+>$")

    def until(self, pattern):
        seen = ""
        while not re.search(pattern, seen):
            got = self.channel.recv(65536)
            if not got:
                raise EOFError(seen)
            seen += got.decode()
        return seen

    def run(self, line, prompt=r"[\]>]$"):
        self.channel.sendall(line + "\n")
        return self.until(re.escape(line) + r"\r\n(.|\n)*" + prompt)

    def close(self):
        self.client.close()


def netmiko_works():
    import netmiko
    check(netmiko.__version__.startswith("2."), "not Debian's Netmiko")
    device = {"device_type": "hp_comware", "host": "127.0.0.1", "port": PORT, "username": USER, "password": PASSWORD}
    wanted = ["ip route-static 10.7.%d.0 255.255.255.0 NULL0 preference 60" % i for i in range(50)]
    connection = netmiko.ConnectHandler(**device)
    connection.send_config_set(wanted)
    before = connection.send_command("display current-configuration")
    for line in wanted:
        check(" " + line in before.splitlines(), "not configured: " + line)
    check(before.rstrip().endswith("return") and "More" not in before, "the output is not whole:\n" + before)
    saved = connection.save_config()
    check("Configuration is saved to device successfully." in saved, "not saved:\n" + saved)
    connection.disconnect()
    connection = netmiko.ConnectHandler(**device)
    after = connection.send_command("display saved-configuration")
    check(after.split() == before.split(), "read back something else:\n" + after)
    connection.disconnect()
    print("netmiko %s: %d lines configured, saved and read back identical" % (netmiko.__version__, len(wanted)))


def prompts_are_bare(shell):
    check(shell.run("system-view").endswith("\r\n[SecBlade_VPN]"), "system view")
    check(shell.run("interface LoopBack 900").endswith("\r\n[SecBlade_VPN-LoopBack900]"), "a view below it")
    check(shell.run("return").endswith("\r\n<SecBlade_VPN>"), "user view")


def greeting_holds_no_prompt(shell):
    check(not re.search(r"[>\]]|to continue", shell.greeting.removesuffix("<SecBlade_VPN>")),
          "clients take this for a prompt: %r" % shell.greeting)


def screen_length_disable_is_known(shell):
    shell.run("undo screen-length disable")
    check("\r\n% Screen-length configuration is disabled for current user.\r\n" in shell.run("screen-length disable"),
          "not accepted")
    check("More" not in shell.run("display current-configuration"), "still pages")


def screen_length_0_temporary_is_known(shell):
    shell.run("undo screen-length disable")
    check("\r\nInfo:" in shell.run("screen-length 0 temporary"), "not accepted")
    check("More" not in shell.run("display current-configuration"), "still pages")


def pager_is_the_siblings(shell):
    shell.run("undo screen-length disable")
    first = shell.run("display current-configuration", "  ---- More ----$")
    check(first.count("\r\n") == 24, "a page has %d lines" % first.count("\r\n"))
    erase = "\x1b[16D" + " " * 16 + "\x1b[16D"
    shell.channel.sendall("\n")
    check(shell.until("  ---- More ----$").startswith(erase), "the pager's prompt stays")
    shell.channel.sendall("q")
    check(shell.until(r"<[\w.-]+>$") == erase + "<SecBlade_VPN>", "another key does not end it")


def errors_have_a_caret(shell):
    for line, column, message in (("nonsense", 0, "Unrecognized command"), ("display", 7, "Incomplete command"),
                                  ("d", 0, "Ambiguous command"), ("system-view x", 12, "Too many parameters"),
                                  ("display acl 9", 12, "Wrong parameter")):
        wanted = "%s\r\n%s^\r\n %% %s found at '^' position.\r\n<SecBlade_VPN>" % (
            line, " " * (len("<SecBlade_VPN>") + column), message)
        check(shell.run(line) == wanted, "%r" % shell.run(line))
    check("\r\n % Unrecognized command found at '^' position." in shell.run("exit"), "exit hangs or is known")


def every_line_end_is_one(shell):
    for ending in ("\r", "\n", "\r\n"):
        shell.channel.sendall("display clock" + ending)
        check(len(re.findall(r"UTC", shell.until(r"UTC.*\r\n<[\w.-]+>$"))) == 1, "line end %r" % ending)
        check(shell.run("display clock").count("<SecBlade_VPN>") == 1, "line end %r counts twice" % ending)


def prompt_comes_at_once(shell):
    times = []
    for _ in range(50):
        start = time.monotonic()
        shell.channel.sendall("\n")
        answer = shell.until(r"<[\w.-]+>$")
        times.append(time.monotonic() - start)
        check(answer == "\r\n<SecBlade_VPN>", "an empty line answers %r" % answer)
    print("prompt after an empty line: median %.2f ms, worst %.2f ms" % (sorted(times)[25] * 1e3, max(times) * 1e3))
    check(sorted(times)[25] < 0.020, "the prompt comes too late")


def echo_is_verbatim(shell):
    long_line = "display current-configuration | include " + "x" * 200
    shell.channel.sendall(long_line)  # no line end yet: the echo is awaited first
    echo = ""
    while len(echo) < len(long_line):
        echo += shell.channel.recv(4096).decode()
    check(echo == long_line, "the echo is not what was typed: %r" % echo)
    check(shell.run("").endswith("<SecBlade_VPN>"), "no prompt")


def both_passwords_are_offered(_shell):
    import paramiko
    transport = paramiko.Transport(("127.0.0.1", PORT))
    asked = []

    def answer(_title, _text, questions):
        asked.extend(questions)
        return [PASSWORD for _ in questions]

    try:
        transport.connect()
        try:
            transport.auth_none(USER)
            check(False, "let in without a password")
        except paramiko.BadAuthenticationType as refused:
            check({"password", "keyboard-interactive"} <= set(refused.allowed_types), "%s" % refused.allowed_types)
        transport.auth_interactive(USER, answer)
        check(transport.is_authenticated() and asked == [("Password: ", False)], "asked %r" % asked)
    finally:
        transport.close()


def quit_closes_and_return_goes_up(shell):
    shell.run("system-view")
    shell.run("interface LoopBack 900")
    shell.channel.sendall("\x1a")
    shell.until(r"<[\w.-]+>$")
    shell.channel.sendall("quit\n")
    rest = b"x"
    while rest:
        rest = shell.channel.recv(4096)
    wait_for("the connection to end", lambda: not shell.client.get_transport().is_active(), 10)


def no_log_line_unasked(shell):
    other = Shell()
    other.run("system-view")
    for name in ("LoopBack 901", "LoopBack 902"):
        other.run("interface " + name)
        other.run("shutdown")
        other.run("undo shutdown")
    other.close()
    seen = shell.run("display clock")
    check(re.fullmatch(r"display clock\r\n\S+ UTC [^\r]*\r\n<SecBlade_VPN>", seen), "more than was asked for: %r" % seen)


def line_of(shell):
    return re.search(r"\+ \d+ +VTY (\d+) +00:00:00 SSH +3\r\n", shell.run("display users")).group(1)


def users_are_shown_and_freed(shell):
    other = Shell()
    own, its = line_of(shell), line_of(other)
    users = shell.run("display users")
    check(re.search(r"\+ \d+ +VTY %s " % own, users) and re.search(r"  \d+ +VTY %s " % its, users), "%r" % users)
    shell.run("free user-interface vty " + its, r"\[Y/N\]:$")
    shell.channel.sendall("y\n")
    shell.until(r"<[\w.-]+>$")
    wait_for("the freed session to end", lambda: not other.client.get_transport().is_active(), 10)
    check("VTY %s " % its not in shell.run("display users"), "still a user")


def who_finds_no_line_is_told(shell):
    shell.run("screen-length disable")
    shell.run("system-view")
    shell.run("user-interface maximum-vty 5")
    others = []
    while len(re.findall(r"[+ ] \d+ +VTY \d+ ", shell.run("display users"))) < 5:
        others.append(Shell())
    late = connect()
    seen = ""
    try:
        channel = late.invoke_shell()
        channel.settimeout(20)
        while got := channel.recv(65536):
            seen += got.decode()
    finally:
        late.close()
    check("All user interfaces are used, please try later!" in seen, "%r" % seen)
    for other in others:
        other.close()
    for line in ("user-interface maximum-vty 128", "user-interface vty 0 127", "authentication-mode scheme"):
        shell.run(line)  # what the lines above 4 had has gone with them


def silence_ends_a_session(shell):
    other = Shell()
    shell.run("system-view")
    shell.run("user-interface vty " + line_of(other))
    shell.run("idle-timeout 0 1")
    other.run("display clock")  # from here on it is silent
    wait_for("the silent session to end", lambda: not other.client.get_transport().is_active(), 20)
    shell.run("undo idle-timeout")


# The ten rules that satisfy every client looked at, then what else is expected of a terminal that is far away.
RULES = (prompts_are_bare, greeting_holds_no_prompt, screen_length_disable_is_known, screen_length_0_temporary_is_known,
         pager_is_the_siblings, errors_have_a_caret, every_line_end_is_one, prompt_comes_at_once, echo_is_verbatim,
         both_passwords_are_offered, quit_closes_and_return_goes_up, no_log_line_unasked, users_are_shown_and_freed,
         who_finds_no_line_is_told, silence_ends_a_session)


def rules_hold():
    for rule in RULES:
        shell = Shell(width=0, height=0)  # as expect and RANCID ask for
        try:
            rule(shell)
        except Failure as failure:
            raise Failure("%s: %s" % (rule.__name__, failure)) from failure
        finally:
            shell.close()
        print("holds: " + rule.__name__.replace("_", " "))


def openssh_works(folder):
    key = os.path.join(folder, "id")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    fingerprint = subprocess.run(["ssh-keygen", "-lf", key + ".pub"], text=True, stdout=subprocess.PIPE,
                                 check=True).stdout.split()[1]
    ssh = ["ssh", "-p", str(PORT), "-i", key, "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
           "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=" + os.path.join(folder, "known"), USER + "@127.0.0.1"]

    def run(arguments, typed):
        return subprocess.run(ssh[:1] + arguments[:1] + ssh[1:] + arguments[1:], input=typed, text=True, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    denied = run(["-tt"], "quit\n")
    check(denied.returncode == 255 and "Permission denied" in denied.stdout, "let in without a key:\n" + denied.stdout)
    shell = Shell()
    shell.run("system-view")
    shell.run("ssh user %s assign public-key %s" % (USER, fingerprint))
    shell.close()
    done = run(["-tt"], "display clock\nquit\n")
    check(done.returncode == 0 and "<SecBlade_VPN>display clock" in done.stdout and " UTC " in done.stdout,
          "ssh -tt with a key: %d\n%s" % (done.returncode, done.stdout))
    done = run(["-T", "display clock"], "")
    check(done.returncode == 0 and re.match(r"\d\d:\d\d:\d\d UTC ", done.stdout), "a command:\n" + done.stdout)
    check(run(["-T", "display nothing"], "").returncode == 1, "a refused command succeeds")
    print("OpenSSH: -tt with a key, and a command, work; without the key it is refused")


def strangers_stay_out():
    import paramiko
    for _ in range(2):
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        try:
            client.connect("127.0.0.1", PORT, USER, "wrong", look_for_keys=False, allow_agent=False)
            check(False, "a wrong password opens the device")
        except paramiko.SSHException:
            pass
        finally:
            client.close()


def many_at_once():
    device = int(os.environ[DEVICE_PID])
    empty = resident(device)
    together = threading.Barrier(SESSIONS)
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
        # The server bounds those that have not logged in; so they come in a queue and stay.
        gate = threading.Semaphore(16)

        def run(number):
            with gate:
                shell = Shell.__new__(Shell)
                Shell.__init__(shell)
            return number, shell

        shells = list(pool.map(run, range(SESSIONS)))
        joined = time.monotonic() - start
        print("memory of a session: %.0f kB, with %d of them open" % ((resident(device) - empty) / SESSIONS, SESSIONS))

        def work(pair):
            number, shell = pair
            together.wait(240)
            shell.run("screen-length disable")
            shell.run("system-view")
            name, text = "LoopBack%d" % number, "mine-%d-" % number + "abc" * (number % 20)
            check(name in shell.run("interface " + name), "wrong view")
            for turn in range(3):
                shell.run("description %s%d" % (text, turn))
                this = shell.run("display this")
                wanted = "#\r\ninterface %s\r\n description %s%d\r\n#\r\nreturn\r\n[SecBlade_VPN-%s]" % (
                    name, text, turn, name)
                check(this.endswith("display this\r\n" + wanted), "session %d sees %r" % (number, this))
                whole = shell.run("display current-configuration | include description mine-%d-" % number)
                check(whole.count("\r\n") == 2 and whole.count(text + str(turn)) == 1, "session %d: %r" % (number, whole))

        list(pool.map(work, shells))
        users = shells[0][1].run("display users").count(" SSH ")
        check(users == SESSIONS, "%d users" % users)
        for _, shell in shells:
            shell.close()
    print("%d sessions: all in after %.1f s, all done after %.1f s, no line lost or crossed"
          % (SESSIONS, joined, time.monotonic() - start))


def inside():
    folder = tempfile.mkdtemp(prefix="sw8800-ssh-", dir=os.environ[INSIDE])
    if ONLY_MANY in sys.argv:
        return many_at_once()
    rules_hold()
    strangers_stay_out()
    openssh_works(folder)
    many_at_once()
    netmiko_works()


def resident(pid):
    with open("/proc/%d/status" % pid) as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


def test():
    if INSIDE in os.environ:
        return inside()
    need_root()
    if not os.path.exists("/usr/lib/python3/dist-packages/netmiko"):
        skip("needs the package python3-netmiko")
    world = World("ssh")
    device = Device(world, "one", ["--ssh", "127.0.0.1:%d" % PORT])
    device.replay(CONFIGURATION)
    print(world.sh(device.namespace, "%s=%s %s=%d SW_BIN_DIR=%s exec /usr/bin/python3 -B %s %s 2>&1" % (
        INSIDE, world.dir, DEVICE_PID, device.process.pid, BIN, os.path.abspath(__file__),
        ONLY_MANY if ONLY_MANY in sys.argv else ""), timeout=240).rstrip().removesuffix("PASSED").rstrip())
    check(device.process.poll() is None, "the device has ended")
    print("resident after all sessions: %d kB" % resident(device.process.pid))
    device.stop()
    check("AddressSanitizer" not in device.log_text(), device.log_text())


main(test)
