"""When an infected person infects others, and when a test finds them: published profiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]

_STEP = 0.01  # of a standard deviation: Simpson's rule is then exact to 1e-11


class Profile(Protocol):
    """How the infections that a person causes are spread over days on some clock."""

    @property
    def peak(self) -> float:
        """Highest share a day."""

    def before(self, day: npt.ArrayLike) -> Floats:
        """Share of the infections that lies before each day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedGamma:
    """Infectiousness by days from onset: a gamma density of day + `shift`.

    Parameters
    ----------
    shape : float
        More than 1, so that there is a peak.
    rate : float
        A day.
    shift : float
        Days before onset with which infectiousness may begin.

    Examples
    --------
    >>> HE_2020.before([-2.0, 0.0, 3.0]).round(2).tolist()
    [0.18, 0.44, 0.81]
    """

    shape: float
    rate: float
    shift: float

    @property
    def peak(self) -> float:
        """Highest share a day."""
        mode = np.array([(self.shape - 1) / self.rate])
        return float(_gamma_density(mode, self.shape, self.rate)[0])

    def before(self, day: npt.ArrayLike) -> Floats:
        """Share of the infections that lies before each day from onset."""
        step, shares = _gamma_shares(self.shape, self.rate)
        since = np.clip(np.asarray(day, dtype=np.float64) + self.shift, 0, step * (shares.size - 1))
        known = np.floor(since / step)
        rest = _simpson(known * step, since, self.shape, self.rate)
        return np.minimum(shares[known.astype(np.int64)] + rest, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull:
    """Infectiousness by days from infection: the generation time.

    Parameters
    ----------
    shape : float
        More than 1, so that there is a peak.
    scale : float
        Days.

    Examples
    --------
    >>> FERRETTI_2020.before([2.0, 5.0, 14.0]).round(3).tolist()
    [0.051, 0.505, 1.0]
    """

    shape: float
    scale: float

    @property
    def peak(self) -> float:
        """Highest share a day."""
        height = (self.shape - 1) / self.shape  # of (day / scale) ** shape at the mode
        slope = self.shape / self.scale * height ** (1 - 1 / self.shape)
        return float(slope * math.exp(-height))

    def before(self, day: npt.ArrayLike) -> Floats:
        """Share of the infections that lies before each day from infection."""
        since = np.maximum(np.asarray(day, dtype=np.float64), 0.0) / self.scale
        return -np.expm1(-(since**self.shape))


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseNegatives:
    """Share of infected persons whom a test misses, by days since the exposure.

    Between the days the share is interpolated; before the first nobody is found, after the
    last the share stays.

    Parameters
    ----------
    days : tuple of float
        Ascending.
    missed : tuple of float
        Share at each of the days.

    Examples
    --------
    >>> KUCIRKA_2020.at([0.5, 4.5, 8.0]).round(3).tolist()
    [1.0, 0.525, 0.2]
    """

    days: tuple[float, ...]
    missed: tuple[float, ...]

    def at(self, day: npt.ArrayLike) -> Floats:
        """Share missed by a specimen taken so many days after the exposure."""
        since = np.asarray(day, dtype=np.float64)
        return np.interp(since, self.days, self.missed, left=1.0)


@lru_cache(maxsize=8)
def _gamma_shares(shape: float, rate: float) -> tuple[float, Floats]:
    """Cumulative gamma distribution at multiples of a step."""
    deviation = math.sqrt(shape) / rate
    step = _STEP * deviation
    days = np.arange(0.0, shape / rate + 15 * deviation, step)
    parts = _simpson(days[:-1], days[1:], shape, rate)
    return step, np.concatenate([[0.0], np.cumsum(parts)])


def _simpson(start: Floats, end: Floats, shape: float, rate: float) -> Floats:
    """Integral of a gamma density from each start to each end, which lie close together."""
    heights = (_gamma_density(day, shape, rate) for day in (start, (start + end) / 2, end))
    left, middle, right = heights
    return np.asarray((end - start) * (left + 4 * middle + right) / 6)


def _gamma_density(day: Floats, shape: float, rate: float) -> Floats:
    known = np.maximum(day, 1e-300)
    power = shape * math.log(rate) + (shape - 1) * np.log(known) - rate * known
    density: Floats = np.exp(power - math.lgamma(shape))
    return density


HE_2020 = ShiftedGamma(shape=20.516508, rate=1.592124, shift=12.272481)
"""Infectiousness around onset, He et al. (2020) as corrected.

He et al., Nat Med 26:672, doi:10.1038/s41591-020-0869-5, with its author correction; that the
first numbers (2.1157790, 0.6898583, 2.3066912) leave out two pairs is shown by Ashcroft et al.
(2020), Swiss Med Wkly 150:w20336, doi:10.4414/smw.2020.20336. Read: Ashcroft; the corrected
numbers in reprints of them only."""

FERRETTI_2020 = Weibull(shape=2.826, scale=5.665)
"""Generation time, Ferretti et al. (2020), Science 368:eabb6936, doi:10.1126/science.abb6936.

Unconfirmed: read as cited by the R package EpiLPS and by programs, not in the paper."""

KUCIRKA_2020 = FalseNegatives(days=(1, 4, 5, 8, 9, 21), missed=(1.0, 0.67, 0.38, 0.20, 0.21, 0.66))
"""False negatives of PCR, Kucirka et al. (2020), Ann Intern Med 173:262, doi:10.7326/M20-1495.

Read in the abstract, which gives these six days; 95 % intervals are wide (day 4: 27 to 94 %)."""
