"""Who the people of the synthetic county are: age, sex, name, occupation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.datasets.settlement import Floats, Ints, Settlement

YEAR = 2022
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文华建国红玉春梅海燕志林晓"

OCCUPATIONS = (
    "none",
    "herder",
    "office",
    "workshop",
    "shop",
    "restaurant",
    "market",
    "clinic",
    "driver",
    "teacher",
    "isolation_site",
    "pupil",
)
NONE, HERDER, OFFICE, WORKSHOP, SHOP, RESTAURANT, MARKET, CLINIC, DRIVER, TEACHER, SITE, PUPIL = (
    range(len(OCCUPATIONS))
)

# Shares among those of 18 to 60, in the order of OCCUPATIONS without pupils.
_IN_TOWN = np.array([0.20, 0.02, 0.31, 0.15, 0.11, 0.06, 0.04, 0.03, 0.02, 0.055, 0.005])
_IN_COUNTRY = np.array([0.14, 0.60, 0.08, 0.07, 0.04, 0.015, 0.01, 0.01, 0.005, 0.03, 0.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Residents:
    """One entry a person."""

    age: Ints
    is_female: npt.NDArray[np.bool_]
    occupation: Ints  # position in OCCUPATIONS
    is_disabled: npt.NDArray[np.bool_]
    is_alone: npt.NDArray[np.bool_]
    name: npt.NDArray[np.str_]

    @property
    def is_vulnerable(self) -> npt.NDArray[np.bool_]:
        """Old, disabled, or old and alone: whom a team looks after first."""
        return (self.age >= 75) | self.is_disabled | (self.is_alone & (self.age >= 65))


def populate(settlement: Settlement, rng: np.random.Generator) -> Residents:
    """Give each person of the settlement an age, a sex, a name and an occupation."""
    position = np.arange(settlement.n_people) - settlement.first_member[settlement.household]
    age = _ages(settlement, position, rng)
    is_female = rng.random(age.size) < 0.5
    spouse = position == 1
    is_female[spouse] = ~is_female[np.flatnonzero(spouse) - 1]
    return Residents(
        age=age,
        is_female=is_female,
        occupation=_occupations(settlement, age, rng),
        is_disabled=rng.random(age.size) < np.where(age < 60, 0.02, 0.08),
        is_alone=settlement.household_size[settlement.household] == 1,
        name=_names(settlement, position, rng),
    )


def _ages(settlement: Settlement, position: Ints, rng: np.random.Generator) -> Ints:
    """Head, spouse, children, and grandparents in every second household of five and more."""
    size = settlement.household_size
    n = size.size
    head: Floats = rng.triangular(25, 38, 62, size=n)
    head = np.where(size == 2, rng.triangular(22, 55, 85, size=n), head)
    head = np.where(size == 1, rng.triangular(20, 50, 90, size=n), head)
    spouse = np.maximum(20, head + rng.normal(-2, 3, size=n))
    has_elders = (size >= 5) & (rng.random(n) < 0.5)
    home = settlement.household
    child = np.minimum(head, spouse)[home] - rng.triangular(20, 26, 40, size=home.size)
    elder = head[home] + rng.triangular(20, 25, 32, size=home.size)
    last_two = has_elders[home] & (position >= size[home] - 2)
    age: Floats = np.select(
        [position == 0, position == 1, last_two], [head[home], spouse[home], elder], child
    )
    return np.clip(age, 0, 95).astype(np.int64)


def _occupations(settlement: Settlement, age: Ints, rng: np.random.Generator) -> Ints:
    adult = (age >= 18) & (age < 60)
    town = settlement.is_town(settlement.person_community)
    draw = rng.random(age.size)
    in_town = np.searchsorted(np.cumsum(_IN_TOWN / _IN_TOWN.sum()), draw)
    in_country = np.searchsorted(np.cumsum(_IN_COUNTRY / _IN_COUNTRY.sum()), draw)
    work = np.minimum(np.where(town, in_town, in_country), SITE)
    goes_to_school = np.select(
        [age < 3, age < 6, age < 15, age < 18],
        [draw < 0, draw < 0.7, draw < 0.99, draw < 0.75],
        draw < 0,
    )
    return np.where(adult, work, np.where(goes_to_school, PUPIL, NONE)).astype(np.int64)


def _names(
    settlement: Settlement, position: Ints, rng: np.random.Generator
) -> npt.NDArray[np.str_]:
    """Names drawn by character; children bear the surname of the head."""
    surnames, given = np.array(list(SURNAMES)), np.array(list(GIVEN))
    family = rng.integers(surnames.size, size=settlement.household_size.size)[settlement.household]
    family = np.where(position == 1, rng.integers(surnames.size, size=family.size), family)
    first, second = rng.integers(given.size, size=(2, family.size))
    has_two = rng.random(family.size) < 0.75
    name = np.char.add(surnames[family], given[first])
    return np.where(has_two, np.char.add(name, given[second]), name)
