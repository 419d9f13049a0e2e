"""One line in, one line out: what python-peer.ts speaks."""

import json
import signal
import sys

# So that `finally` is reached.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def serve(workloads):
    for line in sys.stdin:
        name, *sizes = json.loads(line)
        ms = 0 if name == "ready" else workloads[name](*sizes)
        print(f"\nms {ms}", flush=True)
