"""The zones that the synthetic county's team drew: by whole communities, as the account complains.

Three lockdown and fifteen control zones by 11 May, redrawn again and again, ended by 22 May. A case
seals the community of its home, however large and wherever it was found; the nearest communities
are controlled. Stays and exposures play no part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.stays import DAY, HOUR

if TYPE_CHECKING:
    from tracegraph.datasets.screening import Found
    from tracegraph.datasets.settlement import Ints, Settlement

UNENDED = -1
LOCKDOWNS, CONTROLS = 3, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOrder:
    """One zone: area, label, seconds from when to when (-1: still in force), the order's number."""

    area: int
    zone: str
    start: int
    end: int
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evening:
    """An evening with an order: how many communities are sealed, how many more are controlled."""

    day: int
    hour: int
    lockdowns: int
    controls: int
    seals_every_home: bool = False  # of a case, beyond the number
    by_township: bool = False  # controls the townships of the cases first, then the nearest
    is_eased: bool = False  # what was sealed is controlled now

    @property
    def second(self) -> int:
        """When the order is given."""
        return self.day * DAY + self.hour * HOUR


_EVENINGS = (
    _Evening(day=14, hour=22, lockdowns=1, controls=5),  # 9 May
    _Evening(day=15, hour=20, lockdowns=2, controls=9),
    _Evening(day=16, hour=22, lockdowns=LOCKDOWNS, controls=CONTROLS),
    _Evening(
        day=19,
        hour=20,
        lockdowns=LOCKDOWNS,
        controls=CONTROLS,
        seals_every_home=True,
        by_township=True,
    ),
    _Evening(day=23, hour=20, lockdowns=LOCKDOWNS, controls=7, seals_every_home=True),
    _Evening(day=25, hour=20, lockdowns=LOCKDOWNS, controls=0, is_eased=True),
)
_ALL_ENDED = 27 * DAY + 18 * HOUR  # 22 May, 18:00


def draw_zones(settlement: Settlement, found: Found, *, end: int) -> list[ZoneOrder]:
    """Zones as known at `end`, by start and area."""
    steps = [(e.second, _labels(settlement, found, e)) for e in _EVENINGS] + [(_ALL_ENDED, {})]
    in_force: dict[int, ZoneOrder] = {}
    rows = []
    for number, (now, labels) in enumerate(steps, start=1):
        if now >= end:
            break
        ended = [area for area, row in in_force.items() if labels.get(area) != row.zone]
        rows += [replace(in_force.pop(area), end=now) for area in ended]
        for area, zone in labels.items():
            begun = ZoneOrder(area=area, zone=zone, start=now, end=UNENDED, order=number)
            in_force.setdefault(area, begun)
    rows += in_force.values()
    return sorted(rows, key=lambda row: (row.start, row.area))


def _labels(settlement: Settlement, found: Found, evening: _Evening) -> dict[int, str]:
    """Label of each area that the evening's order names."""
    known = found.person[found.confirmed < evening.second]
    homes = list(dict.fromkeys(settlement.person_community[known].tolist()))
    near = _nearest(settlement, homes)
    is_large = near.size >= LOCKDOWNS + CONTROLS
    # a small county has no community to spare: the homes alone are sealed
    queue = list(dict.fromkeys(homes + (near.tolist() if is_large else [])))
    n_sealed = max(evening.lockdowns, len(homes) if evening.seals_every_home else 0)
    sealed = queue[:n_sealed]
    towns = settlement.community_township
    around = np.isin(towns[near], towns[homes]) if evening.by_township else near >= 0
    order = homes + near[around].tolist() + near[~around].tolist()
    controlled = [c for c in dict.fromkeys(order) if c not in sealed][: evening.controls]
    labels = dict.fromkeys(sealed, "control" if evening.is_eased else "lockdown")
    labels |= dict.fromkeys(controlled, "control")
    return {int(settlement.community_area[c]): zone for c, zone in labels.items()}


def _nearest(settlement: Settlement, homes: list[int]) -> Ints:
    """All communities, the nearest to any of these first, by centroids."""
    box = settlement.rectangle[settlement.community_area]
    # a degree of longitude is 0.82 of a degree of latitude here
    centre = np.column_stack([(box[:, 0] + box[:, 2]) * 0.41, (box[:, 1] + box[:, 3]) / 2])
    apart = np.linalg.norm(centre[:, None] - centre[homes], axis=2)
    return np.argsort(apart.min(axis=1), kind="stable")
