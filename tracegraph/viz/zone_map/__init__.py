"""Zones before and after, side by side, as one HTML file that opens offline."""

from tracegraph.viz.zone_map.page import write_zone_map

__all__ = ["write_zone_map"]
