"""A guest with an emulated IOMMU (VT-d) that binds PCI devices to vfio-pci and runs programs of this machine on them.

There is no disk: programs go into the initial RAM file system with the libraries they are linked with.
"""

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

import debian

MEMORY = "384M"
LIMIT = 240  # seconds; a guest that takes longer hangs

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for module in {modules}; do insmod /modules/$module.ko $([ $module = vfio_iommu_type1 ] && echo {unsafe}); done
find_device() {{
  for d in /sys/bus/pci/devices/*; do
    [ "$(cat $d/vendor):$(cat $d/device)" = "0x${{1%:*}}:0x${{1#*:}}" ] && echo ${{d##*/}}
  done
}}
bind() {{
  echo vfio-pci > /sys/bus/pci/devices/$1/driver_override
  echo $1 > /sys/bus/pci/drivers_probe
}}
echo "guest: kernel $(uname -r), $(ls /sys/kernel/iommu_groups | wc -w) IOMMU groups"
{steps}
dmesg | grep -E 'segfault|traps:|DMAR: .*fault|DMAR: \\[DMA' | tail -5
echo "guest: done"
poweroff -f
"""


def with_libraries(program):
    """The program's file and those of its libraries, its loader among them."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return [program] + sorted(set(re.findall(r"(/\S+) \(0x", listed)))


class Monitor:
    """QEMU's machine protocol: one command, one answer."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rw")
        self.stream.readline()  # its greeting
        self.do("qmp_capabilities")

    def do(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        for line in self.stream:
            answer = json.loads(line)
            if "event" not in answer:
                return answer
        return None

    def until(self, event):
        for line in self.stream:
            if json.loads(line).get("event") == event:
                return

    def close(self):
        self.stream.close()
        self.socket.close()


class Guest:
    """`steps` are lines of its shell; `files` go into it under the paths they have here."""

    def __init__(self, steps, files=(), interrupt_remapping=True):
        self.dir = tempfile.mkdtemp(prefix="sw8800-guest-")
        self.kernel, modules = debian.kernel()
        self.remapping = "on" if interrupt_remapping else "off"
        root = os.path.join(self.dir, "root")
        for folder in ("bin", "modules", "proc", "sys", "dev", "tmp"):
            os.makedirs(os.path.join(root, folder))
        shutil.copy(shutil.which("busybox"), root + "/bin/busybox")
        for module in modules:
            shutil.copy(module, root + "/modules")
        for file in files:
            os.makedirs(root + os.path.dirname(file), exist_ok=True)
            shutil.copy(file, root + file)  # what a link points to, under the link's name
        names = " ".join(os.path.basename(m)[:-len(".ko")] for m in modules)
        # Without interrupt remapping the kernel lends devices only when it is told that this is known.
        unsafe = "" if interrupt_remapping else "allow_unsafe_interrupts=1"
        with open(root + "/init", "w") as f:
            f.write(INIT.format(modules=names, unsafe=unsafe, steps="\n".join(steps)))
        os.chmod(root + "/init", 0o755)
        listed = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
        archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=listed, capture_output=True,
                                 check=True).stdout
        with gzip.open(self.dir + "/initrd.gz", "wb", compresslevel=1) as f:
            f.write(archive)

    def run(self, qemu, devices, iommu="", wishes=None):
        """Boots, and returns what the guest's console said. QEMU ends when the guest switches itself off.

        `wishes`: what to do with QEMU's monitor when the console says "want: NAME"."""
        monitor = self.dir + "/monitor.sock"
        command = qemu + ["-machine", "q35", "-accel", "tcg", "-cpu", "qemu64", "-m", MEMORY, "-smp", "1", "-nodefaults",
                          "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio",
                          "-qmp", "unix:%s,server=on,wait=off" % monitor,
                          "-object", "memory-backend-memfd,id=memory,size=%s,share=on" % MEMORY,
                          "-machine", "memory-backend=memory,kernel-irqchip=split",
                          "-device", "intel-iommu,intremap=%s%s" % (self.remapping, iommu)]
        for device in devices:
            command += device if isinstance(device, list) else ["-device", device]
        command += ["-kernel", self.kernel, "-initrd", self.dir + "/initrd.gz",
                    "-append", "console=ttyS0 quiet loglevel=3 intel_iommu=on no_timer_check panic=-1"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        console = ""
        try:
            for line in process.stdout:
                line = line.decode(errors="replace").replace("\r", "")
                console += line
                wish = re.match(r"want: (\w+)$", line.strip())
                if wish and wishes:
                    wishes[wish.group(1)](Monitor(monitor))
            process.wait()
        finally:
            process.kill()
            process.wait()
            overdue = not limit.is_alive()
            limit.cancel()
        return console + ("\nQEMU was ended after %d s\n" % LIMIT if overdue else "")

    def close(self):
        shutil.rmtree(self.dir)
