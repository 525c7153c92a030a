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
        Share of an area's risk that goes on under none, precaution, control and lockdown:
        from 1 downwards. Under lockdown households still infect their own.
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
        for field in fields(self):
            value = getattr(self, field.name)
            for number in value if isinstance(value, tuple) else (value,):
                if not 0 <= number < math.inf:
                    msg = f"ZoneWeights.{field.name} = {number} is no finite number from 0 upwards."
                    raise ProtocolError(msg)
        for name, is_falling in (("residual", True), ("burden", False)):
            steps = getattr(self, name)
            if len(steps) != 4 or list(steps) != sorted(steps, reverse=is_falling):
                way = "fall" if is_falling else "rise"
                msg = (
                    f"ZoneWeights.{name} = {steps} must {way} from none over precaution and "
                    "control to lockdown.\n    Give four numbers in that order."
                )
                raise ProtocolError(msg)
