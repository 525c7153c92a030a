"""What the risk of an area assumes, each number with where it comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

import pandas as pd

from tracegraph.errors import TableError
from tracegraph.tracing.infectiousness import (
    FERRETTI_2020,
    HE_2020,
    KUCIRKA_2020,
    FalseNegatives,
    ShiftedGamma,
    Weibull,
)

_DIGITAL = "Ferretti et al. (2023), Nature 626:145, doi:10.1038/s41586-023-06952-2, abstract"
_SETTINGS = "Thompson et al. (2021), Clin Infect Dis 73:e754, doi:10.1093/cid/ciab100, abstract"
_TRAINS = (
    "Hu et al. (2021), Clin Infect Dis 72:604, doi:10.1093/cid/ciaa1057, told by its university: "
    "0.15 % an hour within three rows; divided by 1.1 % an hour"
)
_HOUSEHOLDS = (
    "Madewell et al. (2022), JAMA Netw Open 5(4):e229317, doi:10.1001/jamanetworkopen.2022.9317,"
    " abstract: omicron; 0.189 over all variants up to June 2021"
)
_OMICRON = (
    "Du et al. (2022), Viruses 14:821, doi:10.3390/v14040821, abstract: omicron, 95 % CI 2.05 to "
    "6.35"
)
_VENUES = (
    "between 0.01 (public transport beside households, Luo et al. 2020, doi:10.7326/M20-2671) and "
    "0.2 (casual contacts beside family and friends, Thompson et al. 2021)"
)
_OURS = "tracegraph"


def _value(default: Any, source: str, confidence: str, *, most: float = math.inf) -> Any:  # noqa: ANN401
    metadata = {"source": source, "confidence": confidence, "most": most}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAssumptions:
    """Numbers behind `area_risk`. `table()` lists them with source and confidence.

    Confidence is *read* (in the source that is named), *unconfirmed* (the source was seen
    through others) or *working* (a working value of tracegraph: ours, to be adapted).

    Parameters
    ----------
    days : float
        How far ahead infections are counted. Working.
    reproduction : float
        Infections by one infected person whom nobody isolates. 4.2: pooled effective number
        for omicron. Read, Du et al. (2022).
    home_share : float
        Share of these that falls into the home. 0.40: households had 40 % of transmissions
        among contacts of the NHS app. Read, Ferretti et al. (2023).
    hourly_rate : float
        Hazard an hour near a source at the peak of its infectiousness. 0.011: 1.1 % an hour,
        of reported transmissions. Read, Ferretti et al. (2023), who average over sources at
        all stages: at the peak it is too low.
    close_factor : float
        Times the rate in a shared room, where not everybody is near. 0.3. Working, between
        0.14 (three rows of a train) and 1.
    seat_factor : float
        Times the rate in vehicles, within the rows of the seat rule. 0.14: 0.15 % an hour.
        Unconfirmed, Hu et al. (2021).
    inside_factor : float
        Times the rate at the isolation site of the source. 1. Working: no protection.
    venue_factor : float
        Times the rate for venue contacts, most of whom were not near. 0.05: of twenty, one is
        near at a time. Working, between two published ratios.
    building_factor : float
        The same at places that hold others, such as a school with its rooms. 0.001: of a
        thousand people, one is near at a time. Working.
    household_attack : float
        Share of housemates infected over the whole course of a source. 0.427, omicron.
        Read, Madewell et al. (2022).
    reported_attack : float
        Chance of a reported contact with a source at the peak; a longer interval counts as
        one contact a day. 0.059, social events with family and friends. Read, Thompson et al.
        (2021), whose contacts met sources at all stages.
    passing_attack : float
        The same for contacts known by the day only, and reported ones of class venue. 0.012,
        casual contacts. Read, Thompson et al. (2021).
    static_residual : float
        What static management leaves of infections outside the home. 0.2. Working.
    habit_days : float
        Days before as-of whose stays say where somebody goes. 7. Working.
    around_onset : ShiftedGamma
        Infectiousness of cases. `HE_2020`; `tracegraph.tracing.infectiousness` has sources.
    generation : Weibull
        Infectiousness by days from infection. `FERRETTI_2020`, unconfirmed.
    false_negatives : FalseNegatives
        Share of infected persons whom a test misses. `KUCIRKA_2020`.

    Raises
    ------
    TableError
        If a number is negative, missing, infinite or more than it can be.

    Examples
    --------
    >>> RiskAssumptions(days=14).days
    14
    """

    days: float = _value(7, _OURS, "working")
    reproduction: float = _value(4.2, _OMICRON, "read")
    home_share: float = _value(0.40, _DIGITAL, "read", most=1)
    hourly_rate: float = _value(0.011, _DIGITAL, "read")
    close_factor: float = _value(0.3, _OURS, "working")
    seat_factor: float = _value(0.14, _TRAINS, "unconfirmed")
    inside_factor: float = _value(1.0, _OURS, "working")
    venue_factor: float = _value(0.05, _VENUES, "working")
    building_factor: float = _value(0.001, _OURS, "working")
    household_attack: float = _value(0.427, _HOUSEHOLDS, "read", most=0.999)
    reported_attack: float = _value(0.059, _SETTINGS, "read", most=0.999)
    passing_attack: float = _value(0.012, _SETTINGS, "read", most=0.999)
    static_residual: float = _value(0.2, _OURS, "working", most=1)
    habit_days: float = _value(7, _OURS, "working")
    around_onset: ShiftedGamma = _value(  # noqa: RUF009  # a frozen value
        HE_2020, "He et al. (2020) as corrected, doi:10.1038/s41591-020-0869-5", "unconfirmed"
    )
    generation: Weibull = _value(  # noqa: RUF009  # a frozen value
        FERRETTI_2020, "Ferretti et al. (2020), doi:10.1126/science.abb6936", "unconfirmed"
    )
    false_negatives: FalseNegatives = _value(  # noqa: RUF009  # a frozen value
        KUCIRKA_2020, "Kucirka et al. (2020), doi:10.7326/M20-1495, abstract", "read"
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            value, most = getattr(self, each.name), each.metadata["most"]
            if each.type in ("float", float):
                _refuse_unless_within(each.name, value, most)
        _refuse_profiles(self)

    def table(self) -> pd.DataFrame:
        """Every number as text, with its source and confidence.

        Returns
        -------
        DataFrame
            `name`, `value`, `source`, `confidence` (str). A value that was changed is the
            caller's.
        """
        rows = [
            (each.name, repr(value), *_origin(each.metadata, own=value != each.default))
            for each in fields(self)
            for value in [getattr(self, each.name)]
        ]
        return pd.DataFrame(rows, columns=["name", "value", "source", "confidence"], dtype="str")


def _origin(metadata: Any, *, own: bool) -> tuple[str, str]:  # noqa: ANN401
    return ("the caller", "given") if own else (metadata["source"], metadata["confidence"])


def _refuse_unless_within(name: str, value: object, most: float) -> None:
    if isinstance(value, int | float) and 0 <= value <= most and math.isfinite(value):
        return
    up_to = f" up to {most:g}" if math.isfinite(most) else ""
    msg = f"RiskAssumptions: {name} = {value!r}.\n    Pass a number from 0{up_to}."
    raise TableError(msg)


def _refuse_profiles(assumed: RiskAssumptions) -> None:
    """Refuse shapes without a peak and shares that are none."""
    gamma, weibull, missed = assumed.around_onset, assumed.generation, assumed.false_negatives
    numbers = [gamma.shape, gamma.rate, gamma.shift, weibull.shape, weibull.scale]
    if not all(map(math.isfinite, numbers)) or min(gamma.rate, weibull.scale) <= 0:
        msg = f"RiskAssumptions: {gamma} or {weibull} is no profile.\n    Pass finite numbers."
        raise TableError(msg)
    if min(gamma.shape, weibull.shape) <= 1:
        msg = (
            f"RiskAssumptions: {gamma} or {weibull} has no peak.\n"
            "    Pass shapes that are more than 1."
        )
        raise TableError(msg)
    days, shares = list(missed.days), list(missed.missed)
    rising = all(a < b for a, b in pairwise(days))
    if len(days) != len(shares) or not rising or not all(0 <= share <= 1 for share in shares):
        msg = (
            f"RiskAssumptions: {missed} is no table of false negatives.\n"
            "    Pass ascending days, and a share from 0 to 1 for each."
        )
        raise TableError(msg)
