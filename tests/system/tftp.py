"""`tftp` against Debian's tftpd-hpa: a file there and back, what the server refuses, and a server that is not there."""

import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Device, World, check, main, need_root, skip, wait_for  # noqa: E402


def test():
    need_root()
    server = shutil.which("in.tftpd") or "/usr/sbin/in.tftpd"
    if not os.path.exists(server):
        skip("tftpd-hpa is not installed")
    world = World("tftp")
    device = Device(world, "dut")
    files = os.path.join(world.dir, "files")
    os.mkdir(files)
    os.chmod(world.dir, 0o755)
    os.chmod(files, 0o777)
    host = world.host("files")
    world.sh(host, "ip address add 192.0.2.9/24 dev eth0")
    device.replay("interface GigabitEthernet0/1\n ip address 192.0.2.1 255.255.255.0\n")
    world.start(host, [server, "--listen", "--foreground", "--create", "--address", "192.0.2.9:69", "--secure",
                       files], "tftpd.log")
    wait_for("the server", lambda: ":69 " in world.sh(host, "ss -lun"))
    print(device.run("save force", "tftp 192.0.2.9 put startup.cfg kept.cfg"))
    with open(os.path.join(files, "kept.cfg")) as f:
        kept = f.read()
    check("ip address 192.0.2.1 255.255.255.0" in kept, "not what was saved:\n" + kept)

    large = ("#\n" + "description " + "x" * 60 + "\n") * 20000  # some 2,900 blocks
    with open(os.path.join(files, "large.cfg"), "w") as f:
        f.write(large)
    said = device.run("tftp 192.0.2.9 get large.cfg copy.cfg", "dir copy.cfg")
    print(said)
    check("TFTP: %d bytes received" % len(large) in said, "not all came:\n" + said)
    said = device.run("tftp 192.0.2.9 put copy.cfg back.cfg")
    check("File uploaded successfully." in said, said)
    with open(os.path.join(files, "back.cfg")) as f:
        check(f.read() == large, "what came back is not what went")

    said = device.run("tftp 192.0.2.9 get nothing.cfg", "dir nothing.cfg")
    print(said)
    check("The server says: File not found" in said and "flash:/nothing.cfg does not exist" in said, said)
    said = device.run("tftp 192.0.2.77 get a.cfg")
    print(said)
    check("192.0.2.77" in said and "%" in said, said)


main(test)
