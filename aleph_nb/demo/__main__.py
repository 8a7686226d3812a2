"""`python -m aleph_nb.demo`: the demo service until interrupted."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from .service import DemoService

_PORTS = range(65536)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, say where, and wait for an interrupt."""
    signs: list[int] = []  # a list, because an Event's lock may be held when the signal comes
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _: signs.append(number))
    parser = argparse.ArgumentParser(
        prog="python -m aleph_nb.demo", description="Serve the Aleph record API on loopback, with real clips."
    )
    parser.add_argument("--port", type=int, default=0, help="the port; 0, the default, takes a free one")
    parser.add_argument("--tasks", type=int, help="how many tasks, instead of the dozen that it has")
    options = parser.parse_args(arguments)
    if options.port not in _PORTS:
        parser.error(f"A port lies between 0 and 65535, not at {options.port}.")
    try:
        service = DemoService(tasks=options.tasks, port=options.port)
    except ValueError as error:
        parser.error(str(error))
    try:
        service.start()
    except OSError as error:
        print(f"The demo cannot serve on port {options.port}: {error.strerror or error}", file=sys.stderr)
        return 1
    with service:
        print(f"The demo service is at {service.base_url}; Ctrl-C ends it.")
        print(f"export KIE_API_KEY={service.key} ALEPH_NB_BASE_URL={service.base_url}")
        print(*service.ids, sep="\n", flush=True)
        while not signs:
            time.sleep(0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
