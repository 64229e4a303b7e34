"""Run the stand-in by hand: `make amazon-standin`. Prints what to copy into .env."""

import argparse
import sys
import time

from tests.amazon_standin.server import Standin
from tests.amazon_standin.shop import ITEMS

COMMANDS = """To make it go wrong, and to see what it was asked:

  curl {url}/_control/counts
  curl {url}/_control/faults -d '{{"kind": "429_header", "times": 3, "value": 7}}'
  curl {url}/_control/faults -d '{{"kind": "403_not_eligible"}}'
  curl {url}/_control/items -d '{{"asin": "B0GIFT0000", "pence": 999}}'
  curl -X DELETE {url}/_control/faults

Stop it with Ctrl-C."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="amazon-standin", description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--tag", action="append", default=[], help="a partner tag to accept")
    parser.add_argument("--version", default="3.2", help="of the credentials: 2.2, 3.2 …")
    parser.add_argument("--per-second", type=float, default=1.0)
    parser.add_argument("--per-day", type=int, default=8_640)
    told = parser.parse_args()
    standin = Standin(tags={"giftsync-21", *told.tag})
    standin.limit(per_second=told.per_second, per_day=told.per_day)
    try:
        standin.start(port=told.port)
    except OSError as error:
        sys.exit(f"Port {told.port} is taken ({error}). Try --port 0 for any free one.")
    lines = "\n".join(f"{name}={value}" for name, value in standin.settings(told.version).items())
    out = sys.stdout
    out.write(f"An invented Amazon with {ITEMS} products answers at {standin.url}.\n")
    out.write(f"Copy into .env, and start GiftSync anew:\n\n{lines}\n\n")
    out.write(COMMANDS.format(url=standin.url) + "\n")
    out.flush()
    try:
        while True:
            time.sleep(3_600)
    except KeyboardInterrupt:
        standin.stop()


if __name__ == "__main__":
    main()
