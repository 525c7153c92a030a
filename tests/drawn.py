"""How many worlds the longer property tests draw; `TRACEGRAPH_EXAMPLES` sets it."""

from __future__ import annotations

import os

EXAMPLES = int(os.environ.get("TRACEGRAPH_EXAMPLES", "200"))
