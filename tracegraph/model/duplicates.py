"""Persons who may be one: pairs that agree in name, phone, birth or home.

Nobody is merged here. Whoever knows says so in `persons.same_as`.

The score adds up to 100 at most: same phone 40, same birth date 40, same name 50, same home
15, nearly the same birth date 15, same birth year 10. A name that differs gives 2.5 less for
each percent, down to -40; another birth date or year gives -30, another sex -30. All of these
are working values of tracegraph. Capitals, the order of the words of a name and the prefix of
a country do not matter.

A pair is looked at if it shares a phone, a birth date, a home or a name; below a score of 65
also the birth year and the first letter of the name. A value that more than 2,000 persons
share is left out, and a log line says so.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.equality import written
from tracegraph.model.reading.findings import counted
from tracegraph.model.runs import runs
from tracegraph.model.signs import Signs, read_signs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags
    from tracegraph.model.graph import TraceGraph
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.tables import Table
    from tracegraph.model.signs import Keys

    Points: TypeAlias = npt.NDArray[np.float64]

logger = logging.getLogger(__name__)

# Points of the score. Each number here is a working value of tracegraph: no study is behind it.
SAME_PHONE = 40
SAME_NAME = 50
LESS_A_PERCENT = 2.5  # for each percent by which two names differ
OTHER_NAME = -40
ONE_CHARACTER = 90  # how alike two Chinese names are that differ in one character
SAME_BIRTH_DATE = 40
NEAR_BIRTH_DATE = 15  # day and month swapped, or one digit differs
SAME_BIRTH_YEAR = 10  # where a date is missing
OTHER_BIRTH = -30
SAME_HOME = 15
OTHER_SEX = -30

MIN_SCORE = 65
"""From here on no pair can score that shares neither phone, birth date, home nor name."""
MAX_BLOCK = 2_000
"""A value that more persons share tells nobody apart, and would cost millions of pairs."""
CHUNK = 500_000
CHECKED_WHEN_READ = 50_000

_COLUMNS = ["person_id", "other_id", "score", "reasons", "visits", "other_visits"]


def possible_duplicates(graph: TraceGraph, min_score: int = MIN_SCORE) -> pd.DataFrame:
    """Pairs of persons who may be one; see `TraceGraph.possible_duplicates`."""
    if not 1 <= min_score <= 100:
        message = f"min_score = {min_score!r} is no score.\n    Pass 1 to 100; 65 is usual."
        raise ValueError(message)
    table = written(graph).get("persons")  # what is told of an alias is told of the person
    if table is None:
        return _told(graph, np.zeros((0, 2), np.int64), np.zeros(0), [])
    signs = _signs(table)
    found = [
        chunk[scores(signs, chunk) >= min_score]
        for chunk in candidates(signs, deep=min_score < MIN_SCORE)
    ]
    pairs = np.unique(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=0)
    person = graph.canonical[signs.person]
    pairs = pairs[person[pairs[:, 0]] != person[pairs[:, 1]]]
    return _told(graph, signs.person[pairs], scores(signs, pairs), reasons(signs, pairs))


def _signs(table: Table) -> Signs:
    return read_signs(table.frame, table.code("person_id"), table.code("home_id"))


def _told(
    graph: TraceGraph, codes: npt.NDArray[Any], score: Points, why: list[str]
) -> pd.DataFrame:
    visits = np.bincount(
        np.concatenate([graph.facts.visits.person, graph.unplaced.person]),
        minlength=len(graph.person_ids),
    )[graph.canonical]
    one, other = codes[:, 0], codes[:, 1]
    rows = (
        graph.person_ids[one], graph.person_ids[other], score.astype(np.int64),
        pd.array(why, dtype="str"), visits[one], visits[other],
    )  # fmt: skip
    frame = pd.DataFrame(dict(zip(_COLUMNS, rows, strict=True)))
    return frame.sort_values(
        ["score", "person_id", "other_id"], ascending=[False, True, True], ignore_index=True
    )


# ---- which pairs are looked at


def candidates(signs: Signs, *, deep: bool) -> Iterator[npt.NDArray[np.int64]]:
    """Pairs that share a sign, in chunks: two positions a row, the smaller first.

    `deep`: also pairs that share the year of birth and the first letter of the name.
    """
    blocks = {
        "phone": signs.phone,
        "birth_date": signs.birth,
        "home_id": signs.home,
        "name": signs.name,
    }
    if deep:
        initial = pd.factorize(np.array([name[:1] for name in signs.names], dtype=object))[0]
        known = (signs.year >= 0) & (signs.name >= 0)
        blocks["birth_year"] = np.where(known, signs.year * 100_000 + initial, -1)
    for column, key in blocks.items():
        yield from pairs_within(key, column)


def pairs_within(key: Keys, column: str) -> Iterator[npt.NDArray[np.int64]]:
    """Every pair of positions with one key; keys of more than `MAX_BLOCK` are left out."""
    order = np.argsort(key, kind="stable")
    order = order[key[order] >= 0]
    _, start, size = np.unique(key[order], return_index=True, return_counts=True)
    large = size > MAX_BLOCK
    if large.any():
        logger.warning(
            "%s: %s by more than %d persons, which tells nobody apart; left out of the search "
            "for duplicates",
            column, counted(int(large.sum()), "value is shared", "values are shared"), MAX_BLOCK,
        )  # fmt: skip
    last = np.repeat(start + size, size)
    partners = np.where(np.repeat(large, size), 0, last - 1 - np.arange(order.size))
    for first, stop in _chunks(partners):
        row, step = runs(partners[first:stop])
        left = first + row
        yield np.column_stack([order[left], order[left + 1 + step]])


def _chunks(partners: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of rows that have about `CHUNK` partners together."""
    nth = np.cumsum(partners) // CHUNK
    cuts = np.flatnonzero(np.diff(nth)) + 1
    yield from zip([0, *cuts.tolist()], [*cuts.tolist(), partners.size], strict=True)


# ---- how much two persons agree


def scores(signs: Signs, pairs: npt.NDArray[np.int64]) -> Points:
    """Score of each pair, 0 to 100, rounded down."""
    one, other = pairs[:, 0], pairs[:, 1]
    total = _name_points(likeness(signs, pairs)) + _birth_points(signs, one, other)
    total += SAME_PHONE * _same(signs.phone, one, other)
    total += SAME_HOME * _same(signs.home, one, other)
    total += OTHER_SEX * _differ(signs.sex, one, other)
    return np.floor(np.clip(total, 0, 100))


def likeness(signs: Signs, pairs: npt.NDArray[np.int64]) -> Points:
    """How alike two names are, in percent; NaN where they cannot be compared.

    A ratio misleads for Chinese names, which have two to four characters: they must be
    equal, or of three characters and more with one that differs.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.fuzz import ratio

    one, other = pairs[:, 0], pairs[:, 1]
    left, right = ([signs.names[i] for i in side.tolist()] for side in (one, other))
    longest = np.maximum(*(np.array([*map(len, side)], np.int64) for side in (left, right)))
    # words stand in order, so that this is the ratio of the sorted tokens
    western = process.cpdist(left, right, scorer=ratio, dtype=np.float64)
    steps = process.cpdist(left, right, scorer=Levenshtein.distance, dtype=np.int32)
    is_near = (steps == 1) & (longest >= 3)
    eastern = np.select([steps == 0, is_near], [100.0, ONE_CHARACTER], 0.0)
    both = signs.is_eastern[one] & signs.is_eastern[other]
    comparable = (
        (signs.name[one] >= 0)
        & (signs.name[other] >= 0)
        & (signs.is_eastern[one] == signs.is_eastern[other])
    )
    return np.where(comparable, np.where(both, eastern, western), np.nan)


def _name_points(alike: Points) -> Points:
    points = SAME_NAME - LESS_A_PERCENT * (100 - alike)
    return np.where(np.isnan(alike), 0.0, np.clip(points, OTHER_NAME, SAME_NAME))


def _birth_points(signs: Signs, one: Keys, other: Keys) -> Points:
    dates = (signs.birth[one] >= 0) & (signs.birth[other] >= 0)
    apart = np.abs(signs.year[one] - signs.year[other])
    years = (signs.year[one] >= 0) & (signs.year[other] >= 0)
    return np.select(
        [
            dates & (signs.birth[one] == signs.birth[other]),
            dates & _nearly(signs.birth[one], signs.birth[other]),
            dates,
            years & (apart == 0),
            years & (apart > 1),  # a year is often made from an age
        ],
        [SAME_BIRTH_DATE, NEAR_BIRTH_DATE, OTHER_BIRTH, SAME_BIRTH_YEAR, OTHER_BIRTH],
        0.0,
    )


def _nearly(one: Keys, other: Keys) -> Flags:
    """Whether day and month are swapped, or one digit differs."""
    swapped = (one // 10_000 * 10_000) + one % 100 * 100 + one // 100 % 100
    wrong = sum((one // 10**k % 10 != other // 10**k % 10).astype(np.int64) for k in range(8))
    near: Flags = (swapped == other) | (wrong == 1)
    return near


def _same(key: Keys, one: Keys, other: Keys) -> Flags:
    same: Flags = (key[one] >= 0) & (key[one] == key[other])
    return same


def _differ(key: Keys, one: Keys, other: Keys) -> Flags:
    differ: Flags = (key[one] >= 0) & (key[other] >= 0) & (key[one] != key[other])
    return differ


def reasons(signs: Signs, pairs: npt.NDArray[np.int64]) -> list[str]:
    """What speaks for and against each pair, without the names and phones themselves."""
    one, other = pairs[:, 0], pairs[:, 1]
    alike = likeness(signs, pairs)
    birth = _birth_points(signs, one, other)
    dated = (signs.birth[one] >= 0) & (signs.birth[other] >= 0)
    says = [
        (_same(signs.phone, one, other), "same phone"),
        (alike == 100, "same name"),
        ((alike < 100) & (_name_points(alike) > 0), "name "),
        (_name_points(alike) < 0, "names differ"),
        (birth == SAME_BIRTH_DATE, "same birth date"),
        (birth == NEAR_BIRTH_DATE, "birth date nearly the same"),
        (birth == SAME_BIRTH_YEAR, "same birth year"),
        (dated & (birth == OTHER_BIRTH), "birth dates differ"),
        (~dated & (birth == OTHER_BIRTH), "birth years differ"),
        (_same(signs.home, one, other), "same home"),
        (_differ(signs.sex, one, other), "sex differs"),
    ]
    told: list[list[str]] = [[] for _ in range(len(pairs))]
    for holds, words in says:
        for i in np.flatnonzero(holds).tolist():
            told[i].append(f"name {int(alike[i])}" if words == "name " else words)
    return ["; ".join(words) for words in told]


# ---- a cheap look while reading


def count_evident(signs: Signs, canonical: Codes) -> int:
    """Pairs with the same name, and the same phone or birth date, that nobody has merged.

    Counted without a list of them: those of one phone and of one birth date, less those of both.
    """
    person = canonical[signs.person].astype(np.int64)
    either = ((signs.name, signs.phone), (signs.name, signs.birth))
    found = sum(_pairs(*keys) - _pairs(*keys, person) for keys in either)
    both = (signs.name, signs.phone, signs.birth)
    return found - (_pairs(*both) - _pairs(*both, person))


def _pairs(*keys: Keys) -> int:
    """How many pairs have every key in common."""
    rows = np.column_stack(keys)
    _, size = np.unique(rows[(rows >= 0).all(axis=1)], axis=0, return_counts=True)
    return int((size * (size - 1) // 2).sum())


def warn_of_duplicates(persons: Table, canonical: Codes, findings: Findings) -> None:
    """Point to `possible_duplicates` where a quick look finds some."""
    if "name" not in persons.frame or not 0 < len(persons) < CHECKED_WHEN_READ:
        return
    number = count_evident(_signs(persons), canonical)
    if number:
        pairs = counted(number, "pair of persons has", "pairs of persons have")
        findings.warn(
            "persons",
            column="name",
            rule="possible-duplicates",
            message=f"{pairs} the same name, and the same phone or birth date",
            mend="Look at graph.possible_duplicates(), and name the person in same_as.",
        )
