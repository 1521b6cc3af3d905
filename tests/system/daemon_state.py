"""SIGHUP reads the ini file again; what was found on the machine is put back at the end and after kill -9; a file system
that is read-only."""

import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BIN, Device, World, check, main, need_root, wait_for  # noqa: E402

CONFIG = """system-view
sysname kept
interface GigabitEthernet0/1
ip address 10.0.0.1 24
mtu 1400
quit
interface GigabitEthernet0/2
ip address 10.2.0.1 24
quit
ip route-static 10.9.0.0 16 10.0.0.2
return
"""


def state(device):
    return {
        "forwarding": "ip_forward = 1" in device.sh("sysctl net.ipv4.ip_forward"),
        "address": "10.0.0.1/24" in device.sh("ip -4 address show eth0"),
        "route": "10.9.0.0/16" in device.sh("ip route"),
        "mtu": "mtu 1400" in device.sh("ip link show eth0"),
        "other": "10.2.0.1/24" in device.sh("ip -4 address show eth2"),
    }


def ini(world, ports, forwarding, ssh=""):
    with open(os.path.join(world.dir, "d.ini"), "w") as f:
        f.write("".join("port = %s\n" % p for p in ports) + ("forwarding = true\n" if forwarding else "") +
                ("ssh = %s\n" % ssh if ssh else ""))


class FromFile(Device):
    """Its ports stand in the file alone."""

    def boot(self):
        self.sh("ip link show eth2 2>/dev/null || (ip link add eth2 type veth peer name far2 && ip link set far2 up)")
        self.process = self.world.start(
            self.namespace, [os.path.join(BIN, "sw8800d"), "--db", os.path.join(self.world.dir, "dev.db"), "--socket",
                             self.socket, "--config", os.path.join(self.world.dir, "d.ini")], self.log)
        wait_for("the daemon to listen", self.listening)


def reload(world):
    both = ["GigabitEthernet0/1=eth0", "GigabitEthernet0/2=eth2"]
    ini(world, both[:1], False)
    device = FromFile(world, "device")
    device.replay(CONFIG)
    check(state(device) == {"forwarding": False, "address": True, "route": True, "mtu": True, "other": False},
          "not as the file says: %s" % state(device))

    def hup(done):
        device.process.send_signal(signal.SIGHUP)
        wait_for(done, lambda: device.log_text().count(done) > hup.said, 10)
        hup.said = device.log_text().count(done)
    hup.said = 0
    ini(world, both, True, "127.0.0.1:2222")
    hup("is read again")
    wait_for("the new port", lambda: all(state(device).values()), 5)
    check("SSH" in device.sh("timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2222; head -c 7 <&3'"), "no SSH")
    ini(world, both[:1], False)
    hup("is read again")
    check(state(device) == {"forwarding": False, "address": True, "route": True, "mtu": True, "other": False},
          "not taken back: %s" % state(device))
    hup.said = 0
    ini(world, ["nonsense"], True)
    hup("is not used")
    check(state(device)["address"], "an unusable file changed something")
    ini(world, both, True)
    return device


def killed(device):
    """Killed with the power of -9: the next start with less in it puts the rest back; at the end all is as it was."""
    device.process.send_signal(signal.SIGHUP)
    wait_for("all of it", lambda: all(state(device).values()), 5)
    device.process.kill()
    device.process.wait()
    check(all(state(device).values()), "kill -9 puts nothing back: %s" % state(device))
    device.boot()
    check(all(state(device).values()), "not taken over: %s" % state(device))
    device.process.kill()
    device.process.wait()
    ini(device.world, ["GigabitEthernet0/1=eth0"], False)
    device.boot()
    wait_for("what is not used to be put back", lambda: "PUTBACK" in device.log_text(), 5)
    check(state(device) == {"forwarding": False, "address": True, "route": True, "mtu": True, "other": False},
          "not put back: %s" % state(device))
    device.stop()
    check(not any(state(device).values()) and "mtu 1500" in device.sh("ip link show eth0"),
          "something is left: %s" % state(device))
    check("stopped" in device.log_text().splitlines()[-1], "its last line: " + device.log_text())


def read_only(world):
    """A database whose file system is read-only: closed well, and left by a process that was killed."""
    disk = os.path.join(world.dir, "disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", disk], check=True)
    database = os.path.join(disk, "config.db")
    socket = os.path.join(world.dir, "ro.sock")
    space = world.host("ro")

    def boot(log):
        process = world.start(space, [os.path.join(BIN, "sw8800d"), "--db", database, "--socket", socket, "--port",
                                      "GigabitEthernet0/1=eth0", "--ssh", "127.0.0.1:2222"], log)
        wait_for("the daemon on %s" % log, lambda: process.poll() is not None or os.path.exists(socket))
        check(process.poll() is None, "it ended:\n" + world.read(log))
        return process

    def run(*lines):
        command = [os.path.join(BIN, "sw8800"), "--connect", socket]
        for line in lines:
            command += ["-c", line]
        return subprocess.run(command, text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    try:
        for end in (signal.SIGTERM, signal.SIGKILL):
            process = boot("rw.log")
            run("system-view", "sysname kept", "interface GigabitEthernet0/1", "ip address 10.0.0.1 24")
            process.send_signal(end)
            process.wait(10)
            if os.path.exists(socket):
                os.unlink(socket)
            for name in os.listdir(disk):
                if "host_key" in name:
                    os.unlink(os.path.join(disk, name))
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            log = "ro-%s.log" % end
            process = boot(log)
            said = run("display current-configuration", "system-view", "sysname changed", "display clock")
            check("sysname kept" in said, "what can be read was not read:\n%s\n%s" % (said, world.read(log)))
            check("10.0.0.1/24" in world.sh(space, "ip -4 address show eth0"), "it is not carried out")
            text = world.read(log)
            check("kept in memory only" in text and "host key" in text and ".found" in text,
                  "not said what cannot be kept:\n" + text)
            print("\n".join(line for line in text.splitlines() if "cannot" in line))
            process.terminate()
            process.wait(10)
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    finally:
        for process in world.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        subprocess.run(["umount", disk], check=True)


def test():
    need_root()
    world = World("state")
    killed(reload(world))
    read_only(world)


main(test)
