"""Programs that attack a DVPN domain, written against sw8800-dvpn(7) alone. The test passes when every attack fails."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
try:
    import dvpn_attacks_inside
    import dvpn_attacks_nonsense
    import dvpn_attacks_outside
    from dvpn_scene import Scene
except ImportError as missing:
    print("SKIPPED: %s" % missing)
    sys.exit(77)
from harness import main, need_root  # noqa: E402

ATTACKS = dvpn_attacks_outside.ATTACKS + dvpn_attacks_inside.ATTACKS + dvpn_attacks_nonsense.ATTACKS


def test():
    need_root()
    started = time.monotonic()
    scene = Scene()
    for attack in ATTACKS:
        if sys.argv[1:] and attack.__name__ not in sys.argv[1:]:
            continue
        began = time.monotonic()
        verdict = attack(scene)
        scene.unharmed()
        print("%4.1f s  %s: %s" % (time.monotonic() - began, attack.__name__.replace("_", " "), verdict), flush=True)
    print("%.0f s" % (time.monotonic() - started))


main(test)
