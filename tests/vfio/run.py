"""The driver on the kernel's VFIO, for real: `make test-vfio`.

Guests with an emulated IOMMU. In the first the kernel transport drives QEMU's `edu` device. In the second a sw8800-card
of this machine is a PCI function (vfio-user), and the driver brings it up through /dev/vfio. In the third it drives a
virtio crypto device of QEMU's, which is unplugged and plugged in again, and has an error injected into its slot.
Status 0: everything held. 1: something did not. 2: could not be set up. -v shows the guests' consoles.
Names of guests (edu, card, virtio) run those alone.
"""

import glob
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import debian
import guest

BUILD = os.environ.get("SW_BUILD_DIR", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build"))
BUILD = os.path.realpath(BUILD)
VERBOSE = "-v" in sys.argv[1:]
CARD_SIZES = ["--sas", "4", "--depth", "8", "--rings", "4"]  # those of the contract, hal/testing


def program(name):
    return os.path.join(BUILD, "tests", name)


def test_step(identity, name, *variables):
    return 'D=$(find_device %s); SW_PCI_ADDRESS=$D %s %s --gtest_color=no; echo "%s: status $?"' % (
        identity, " ".join(variables), program(name), name)


def judge(title, console, programs, said=()):
    """Every program ended with 0, and the guest came to its end."""
    # QEMU tells of every range that it unmapped and never mapped; that is its habit, and answered with ENOENT.
    console = "\n".join(line for line in console.splitlines() if "vfio_container_dma_unmap" not in line)
    statuses = re.findall(r"^(\w+): status (\d+)$", console, re.M)
    passed = re.findall(r"\[  PASSED  \] [1-9]\d* tests?\.", console)
    held = "guest: done" in console and statuses == [(name, "0") for name in programs] and len(passed) == len(programs)
    missing = [what for what in said if what not in console]
    if VERBOSE or not held or missing:
        print(console)
    for line in re.findall(r"^(?:guest: kernel.*|\[  (?:PASSED|FAILED)  \].*|said: .*|figure: .*)$", console, re.M):
        print("  " + line)
    for what in missing:
        print("  not said: " + what)
    print("%s: %s" % (title, "held" if held and not missing else "DID NOT HOLD"))
    return held and not missing


def edu(remapping):
    steps = ["bind $(find_device 1234:11e8)", test_step("1234:11e8", "vfio_edu"),
             "echo 4 > /proc/sys/vm/nr_hugepages", test_step("1234:11e8", "vfio_edu", "SW_HUGE_PAGES=1")]
    machine = guest.Guest(steps, guest.with_libraries(program("vfio_edu")), remapping)
    try:
        console = machine.run(["qemu-system-x86_64"], ["edu"])
    finally:
        machine.close()
    return judge("edu through /dev/vfio, interrupt remapping %s" % ("on" if remapping else "off"), console,
                 ["vfio_edu", "vfio_edu"], ["is not this card", "DMAR"])


def card():
    qemu = debian.qemu_with_vfio_user()
    folder = tempfile.mkdtemp(prefix="sw8800-")
    socket = os.path.join(folder, "card.sock")
    model = subprocess.Popen([os.path.join(BUILD, "bin/sw8800-card"), "--socket", socket] + CARD_SIZES)
    try:
        while not os.path.exists(socket):
            if model.poll() is not None:
                debian.give_up("sw8800-card ended with %d" % model.returncode)
            time.sleep(0.01)
        steps = ["bind $(find_device 5357:8800)", test_step("5357:8800", "vfio_card")]
        machine = guest.Guest(steps, guest.with_libraries(program("vfio_card")))
        device = {"driver": "vfio-user-pci", "socket": {"type": "unix", "path": socket}}
        try:
            console = machine.run(qemu, [json.dumps(device)], ",caching-mode=on")
        finally:
            machine.close()
        alive = model.poll() is None
        if not alive:
            print("  sw8800-card ended with %d" % model.returncode)
        return judge("sw8800-card through vfio-user and /dev/vfio", console, ["vfio_card"]) and alive
    finally:
        if model.poll() is None:
            model.send_signal(signal.SIGTERM)
            model.wait()
        if os.path.exists(socket):
            os.unlink(socket)
        os.rmdir(folder)


VIRTIO = {"driver": "virtio-crypto-pci", "id": "crypto0", "bus": "port0", "cryptodev": "backend", "iommu_platform": True,
          "aer": True}


def unplug(monitor):
    monitor.do("device_del", id=VIRTIO["id"])
    monitor.close()


def plug(monitor):
    monitor.do("device_add", **VIRTIO)
    monitor.close()


def error(monitor):
    """An uncorrectable error that is not fatal, of the device, at the root port that it is behind."""
    said = monitor.do("human-monitor-command", **{"command-line": "pcie_aer_inject_error %s COMP_ABORT" % VIRTIO["id"]})
    print("  pcie_aer_inject_error: %s" % str(said.get("return", said)).strip())
    monitor.close()


def virtio():
    steps = ["echo 1af4 1054 > /sys/bus/pci/drivers/vfio-pci/new_id",
             test_step("1af4:1054", "vfio_virtio"), "dmesg | grep 'AER: Uncorrected'"]
    # The software engine has DES from OpenSSL's module of old ciphers.
    machine = guest.Guest(steps, guest.with_libraries(program("vfio_virtio")) +
                          glob.glob("/usr/lib/*/ossl-modules/legacy.so"))
    try:
        console = machine.run(["qemu-system-x86_64"],
                              [["-object", "cryptodev-backend-builtin,id=backend"], "pcie-root-port,id=port0,slot=1,chassis=1",
                               json.dumps(VIRTIO)], wishes={"unplug": unplug, "plug": plug, "error": error})
    finally:
        machine.close()
    return judge("virtio crypto device through /dev/vfio", console, ["vfio_virtio"],
                 ["figure: AES-CBC", "AER: Uncorrected (Non-Fatal) error message received from 0000:01:00.0"])


def main():
    os.makedirs(debian.CACHE, exist_ok=True)
    began = time.monotonic()
    guests = {"edu": lambda: edu(True) & edu(False), "card": card, "virtio": virtio}
    wanted = [one for one in sys.argv[1:] if one in guests] or list(guests)
    held = [guests[one]() for one in wanted]
    print("%.0f s" % (time.monotonic() - began))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
