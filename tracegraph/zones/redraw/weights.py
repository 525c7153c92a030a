"""What a plan weighs, and what each thing is worth.

Everything is counted in **person-days of lockdown**: one person who may not leave home for
one day. The defaults are working values of tracegraph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from tracegraph.errors import ProtocolError


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWeights:
    """Exchange rates of a plan.

    Parameters
    ----------
    infection : float
        Person-days of lockdown that a team would spend to prevent one further infection: the
        one price that decides how far a plan goes beyond the clauses. By default about what
        the clauses of china-8 make one more case cost: its compound for 14 days (180 people
        in the synthetic county: 2,500), and 14 days for its close contacts (some 20 a case
        there: 300). `plan.frontier()` shows what other prices would buy.
    days : float
        Days that a plan looks ahead, as the risk of an area does.
    residual : tuple of four floats
        Share of an area's risk outside homes that goes on under none, precaution, control and
        lockdown: from 1 downwards. What happens at home goes on under every label.
    burden : tuple of four floats
        What a day under each label weighs for one person: from 0 upwards, lockdown is 1.
    border : float
        Person-days for one label step over a border of middling strength (the median of all
        borders) during the whole time: guards, detours, deliveries.
    change : float
        Person-days for each person and label step away from the zones in force.

    Raises
    ------
    ProtocolError
        If a number is negative or not finite, or labels are not ordered.

    Examples
    --------
    >>> from tracegraph.zones.redraw.weights import ZoneWeights
    >>> ZoneWeights(infection=500).burden
    (0.0, 0.02, 0.5, 1.0)
    """

    infection: float = 3_000.0
    days: float = 7.0
    residual: tuple[float, float, float, float] = (1.0, 0.9, 0.4, 0.1)
    burden: tuple[float, float, float, float] = (0.0, 0.02, 0.5, 1.0)
    border: float = 4.0
    change: float = 0.02

    def __post_init__(self) -> None:
        for name in ("residual", "burden"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            for number in value if isinstance(value, tuple) else (value,):
                _refuse(name, value, not _is_amount(number), "has no finite number from 0 upwards")
        falls, rises = self.residual, self.burden
        _refuse("residual", falls, not _is_ordered(falls[::-1], last=1), "must fall from 1")
        wrong = rises[:1] != (0,) or not _is_ordered(rises, last=1)
        _refuse("burden", rises, wrong, "must rise from 0 to 1")


def _is_amount(number: object) -> bool:
    return isinstance(number, (int, float)) and 0 <= number < math.inf


def _is_ordered(steps: tuple[float, ...], *, last: float) -> bool:
    return len(steps) == 4 and list(steps) == sorted(steps) and steps[-1] == last


def _refuse(name: str, value: object, wrong: bool, what: str) -> None:
    if wrong:
        msg = (
            f"ZoneWeights.{name} = {value} {what}.\n"
            "    Four numbers stand for none, precaution, control and lockdown."
        )
        raise ProtocolError(msg)
