"""Rounds of tests: who was tested, who is recalled, and how far each round has come.

Specimens of several people may be mixed: rows of `tests` with one `pool_id` (and one
`round_id`, as tubes are numbered anew in each round) are one pool, and what one of them
says, all of them say. A negative pool makes its members negative. A positive pool makes
nobody positive: its members are *recalled*, and stay so until a later specimen of their
own, mixed with nobody's, has a result. "Later" is not earlier in either bound of its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.tracing.tables import ids
from tracegraph.zones.ground import survey
from tracegraph.zones.residents import people_of, to_be_tested
from tracegraph.zones.tree import NOWHERE, UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

COUNTS = (
    "registered", "with_result", "coverage", "positives", "pools_positive", "recalled", "pending"
)  # fmt: skip


def screening_rounds(trace: Trace) -> pd.DataFrame:
    """How far each round of tests has come in each area, at every level.

    Rounds are those of `rounds`, in their areas and all that these hold, and those that only
    `tests.round_id` names, everywhere. A test without a `round_id` belongs to the rounds of
    `rounds` in whose span and area it was taken. Rounds that have not begun are left out.

    Parameters
    ----------
    trace : Trace
        Of a graph with `areas`. The protocol needs no zones.

    Returns
    -------
    DataFrame
        One row a round and area in which somebody should be tested or was, by start, round
        and area.

        - `round_id`: str; `area_id`: id
        - `start`, `end`: datetime64[s, tz]; as `rounds` gives them, else the first and the last
          specimen; an end that is missing is the start of the next round
        - `registered`: int64; people who should be inside: residents not in isolation elsewhere
          when the round ended, or now; more, if `population` says so
        - `with_result`: int64; registered people with a result of their own, or of a negative pool
        - `coverage`: float64; their share; missing where nobody is registered
        - `positives`: int64; residents with a positive specimen of their own, also one that
          followed a positive pool of the round
        - `pools_positive`: int64; positive pools with a member who lives here
        - `recalled`: int64; members of these pools without a later result of their own
        - `pending`: int64; registered people with neither a result nor a recall

    Raises
    ------
    TableError
        If the graph has no areas.

    Examples
    --------
    >>> import pandas as pd
    >>> import tracegraph as tg
    >>> graph = tg.TraceGraph(
    ...     cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]}),
    ...     persons=pd.DataFrame({"person_id": ["P1", "P2"], "home_id": ["H", "H"]}),
    ...     locations=pd.DataFrame({"location_id": ["H"], "kind": ["home"], "area_id": ["K"]}),
    ...     areas=pd.DataFrame({"area_id": ["K"], "level": ["compound"]}),
    ...     tests=pd.DataFrame({
    ...         "person_id": ["P1", "P2"], "sampled": ["2022-05-10 09:00"] * 2,
    ...         "result": ["positive", "positive"], "round_id": ["R1"] * 2, "pool_id": ["T1"] * 2,
    ...     }),
    ...     tz="Asia/Shanghai",
    ... )
    >>> rounds = graph.trace("china-8", as_of="2022-05-12").screening()
    >>> rounds[["round_id", "area_id", "registered", "positives", "recalled"]]
      round_id area_id  registered  positives  recalled
    0       R1       K           2          0         2
    """
    ground = survey(trace)
    rows = specimens(ground)
    recalls = find_recalls(rows)
    people = people_of(ground, ground.tree)["population"].to_numpy(np.int64)
    parts = [_round(ground, rows, recalls, people, number) for number in _begun(ground, rows)]
    return _frame(ground, [part for part in parts if len(part)])


def _frame(ground: Ground, parts: list[pd.DataFrame]) -> pd.DataFrame:
    graph = ground.trace.graph
    empty = pd.DataFrame({name: np.zeros(0, np.int64) for name in _COLUMNS})
    table = pd.concat(parts or [empty], ignore_index=True)
    table = table.sort_values(["start", "round", "area"], kind="stable", ignore_index=True)
    names = np.array(graph.round_ids, dtype=object)
    return pd.DataFrame({
        "round_id": pd.array(names[table["round"].to_numpy(np.int64)], dtype="str"),
        "area_id": ids(graph.area_ids, table["area"]),
        "start": ground.stamps(table["start"].to_numpy(np.int64)),
        "end": ground.stamps(table["end"].to_numpy(np.int64)),
        **{name: table[name].to_numpy(_dtype(name)) for name in COUNTS},
    })  # fmt: skip


_COLUMNS = ("round", "area", "start", "end", *COUNTS)


def _dtype(name: str) -> type[np.float64 | np.int64]:
    return np.float64 if name == "coverage" else np.int64


# ---- specimens, pools, recalls


def specimens(ground: Ground) -> pd.DataFrame:
    """Tests taken by now: what the pool says, its members say.

    `person` (code), `second`, `until` (bounds of the moment), `round`, `pool` (codes; -1 none),
    `result` (1 positive, 0 negative, -1 neither), `is_inside` (a resident, not in isolation
    elsewhere then).
    """
    tests = ground.trace.graph.facts.tests
    tests = tests.take(tests.sampled_lo <= ground.now)
    person, second = tests.person.astype(np.int64), tests.sampled_lo.astype(np.int64)
    pool = _pools(tests.pool.astype(np.int64), tests.round.astype(np.int64))
    return pd.DataFrame({
        "person": person,
        "second": second,
        "until": tests.sampled_hi.astype(np.int64),
        "round": tests.round.astype(np.int64),
        "pool": pool,
        "result": _of_pool(pool, tests.positive.astype(np.int64)),
        "is_inside": (ground.home_area[person] >= 0) & ~ground.is_away(person, second),
    })  # fmt: skip


def _pools(pool: Whole, number: Whole) -> Whole:
    """Codes of pools: of one round each, or of all where some row of the pool names none."""
    roundless = np.unique(pool[(number < 0) & (pool >= 0)])
    number = np.where(np.isin(pool, roundless), NOWHERE, number)
    key = np.where(pool < 0, NOWHERE, pool * (number.max(initial=0) + 2) + number + 1)
    found = np.unique(key, return_inverse=True)[1] - bool((key < 0).any())
    return found.astype(np.int64)


def _of_pool(pool: Whole, own: Whole) -> Whole:
    """Result of each specimen; in a pool the strongest of its rows."""
    together = np.full(int(pool.max(initial=-1)) + 1, -1)
    np.maximum.at(together, pool[pool >= 0], own[pool >= 0])
    return np.where(pool < 0, own, np.append(together, -1)[pool])


def find_recalls(rows: pd.DataFrame) -> pd.DataFrame:
    """List members of positive pools.

    `person`, `pool`, `round`, `second` (of the pool's specimen), `is_inside`, `cleared` (second
    of the first later specimen of their own with a result; `NEVER`), `found` (what it said; -1).
    """
    called = rows[(rows["pool"] >= 0) & (rows["result"] == 1)].reset_index(drop=True)
    called = called[["person", "pool", "round", "second", "until", "is_inside"]]
    own = rows[(rows["pool"] < 0) & (rows["result"] >= 0)]
    both = called.reset_index().merge(
        own[["person", "second", "until", "result"]], on="person", suffixes=("", "_own")
    )
    later = both[(both["second_own"] >= both["second"]) & (both["until_own"] >= both["until"])]
    later = later.sort_values(["second_own", "result"], ascending=[True, False])
    first = later.drop_duplicates("index").set_index("index")
    return called.assign(
        cleared=first["second_own"].reindex(called.index, fill_value=int(NEVER)),
        found=first["result"].reindex(called.index, fill_value=-1),
    ).drop(columns="until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What clean rounds are made of: persons and moments, in the order of the moments.

    `rows` are all specimens, also those of people who were not inside.
    """

    rows: pd.DataFrame
    everybody: Whole
    everybody_at: Whole
    tested: Whole
    tested_at: Whole
    found: Whole
    found_at: Whole
    called: Whole
    called_from: Whole
    called_until: Whole

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Screening:
        """Specimens and recalls of residents, of rows as `specimens` gives them."""
        recalls = find_recalls(rows)
        recalls = recalls[recalls["is_inside"]]
        inside = rows[rows["is_inside"]].sort_values("second", kind="stable")
        negative = inside[inside["result"] == 0]
        positive = inside[(inside["result"] == 1) & (inside["pool"] < 0)]
        columns = {
            "everybody": inside["person"], "everybody_at": inside["second"],
            "tested": negative["person"], "tested_at": negative["second"],
            "found": positive["person"], "found_at": positive["second"],
            "called": recalls["person"], "called_from": recalls["second"],
            "called_until": recalls["cleared"],
        }  # fmt: skip
        arrays = {name: values.to_numpy(np.int64) for name, values in columns.items()}
        return cls(rows=rows, **arrays)

    def negative(self, since: int, until: int) -> Whole:
        """Persons found negative after `since`, by `until`, who are not recalled then."""
        first, last = np.searchsorted(self.tested_at, [since, until], side="right")
        flags = np.zeros(int(self.everybody.max(initial=-1)) + 1, dtype=bool)
        flags[self.tested[first:last]] = True  # of many tests this is faster than a sorted set
        flags[self.recalled(until)] = False
        return np.flatnonzero(flags)

    def first_negative(self, person: Whole, second: Whole) -> Whole:
        """Second of each person's first negative specimen from a second on; `NEVER` if none."""
        negative = self.rows[self.rows["result"] == 0]
        columns = (negative[name].to_numpy(np.int64) for name in ("person", "second"))
        keys = np.append(np.sort(_keys(*columns)), np.iinfo(np.int64).max)
        found = keys[np.searchsorted(keys, _keys(person, second))]
        return np.where(found >> 32 == person, (found & (2**32 - 1)) + UNDATED, int(NEVER))

    def positive(self, since: int, until: int) -> Whole:
        """Persons with a positive specimen of their own after `since`, by `until`."""
        first, last = np.searchsorted(self.found_at, [since, until], side="right")
        return np.unique(self.found[first:last])

    def recalled(self, second: int) -> Whole:
        """Persons whose recall stands at that second."""
        stands = (self.called_from <= second) & (second < self.called_until)
        return np.unique(self.called[stands])


def _keys(person: Whole, second: Whole) -> Whole:
    """Numbers in the order of persons, then of seconds."""
    return (person << 32) + (second - UNDATED)


# ---- rounds


def _begun(ground: Ground, rows: pd.DataFrame) -> list[int]:
    """Rounds that have begun, or that some test names."""
    listed = ground.trace.graph.facts.rounds
    begun = listed.round[listed.start_lo <= ground.now]
    named = rows["round"].to_numpy(np.int64)
    found: list[int] = np.union1d(begun, named[named >= 0]).tolist()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """When a round is in each area; `is_listed`: not only named by tests."""

    start: Whole
    end: Whole
    takes_part: Flags
    is_listed: bool


def _span(ground: Ground, number: int, rows: pd.DataFrame) -> _Span:
    listed = ground.trace.graph.facts.rounds
    size = len(ground.tree)
    of_round = np.flatnonzero((listed.round == number) & (listed.start_lo <= ground.now))
    if not of_round.size:
        taken = rows.loc[rows["round"] == number, "second"]
        return _Span(
            start=np.full(size, taken.min()),
            end=np.full(size, taken.max()),
            takes_part=np.ones(size, dtype=bool),
            is_listed=False,
        )
    start, end = np.full(size + 1, int(NEVER)), np.full(size + 1, UNDATED)  # the last: everywhere
    np.minimum.at(start, listed.area[of_round], listed.start_lo[of_round].astype(np.int64))
    np.maximum.at(end, listed.area[of_round], _ends(ground)[of_round])
    stated = start != NEVER
    near = ground.tree.nearest(stated[:-1])
    takes_part = (near >= 0) | stated[-1]
    return _Span(start=start[near], end=end[near], takes_part=takes_part, is_listed=True)


def _ends(ground: Ground) -> Whole:
    """Ends of the listed rounds; a missing one is the start of the next round, if any."""
    listed = ground.trace.graph.facts.rounds
    starts = np.append(np.unique(listed.start_lo.astype(np.int64)), int(NEVER))
    following = starts[np.searchsorted(starts[:-1], listed.start_lo, side="right")]
    return np.where(listed.end_hi == NEVER, following, listed.end_hi.astype(np.int64))


def _round(
    ground: Ground, rows: pd.DataFrame, recalls: pd.DataFrame, people: Whole, number: int
) -> pd.DataFrame:
    """Counts of one round, one row an area that takes part."""
    tree, home = ground.tree, ground.home_area
    span = _span(ground, number, rows)
    rows = rows[_of_round(ground, rows, number, span)]
    pools = rows.loc[rows["pool"] >= 0, "pool"].unique()
    recalls = recalls[recalls["pool"].isin(pools) & recalls["is_inside"]]
    still = recalls.loc[recalls["cleared"] == NEVER, "person"].unique()
    inside = _inside(ground, span)
    has = np.union1d(_with_own_result(rows), recalls.loc[recalls["cleared"] != NEVER, "person"])
    has = np.setdiff1d(np.intersect1d(has, inside), still)
    known = np.union1d(has, np.intersect1d(still, inside))
    registered = to_be_tested(ground, tree, people, inside)
    positive = np.union1d(_positives(rows), recalls.loc[recalls["found"] == 1, "person"])
    pooled = recalls["person"].to_numpy(np.int64)
    table = pd.DataFrame({
        "round": number,
        "area": np.arange(len(tree)),
        "start": span.start,
        "end": span.end,
        "registered": registered,
        "with_result": tree.add_up(home[has]),
        "coverage": shares(tree.add_up(home[has]), registered),
        "positives": tree.count_distinct(home[positive], positive),
        "pools_positive": tree.count_distinct(home[pooled], recalls["pool"].to_numpy(np.int64)),
        "recalled": tree.add_up(home[still]),
        "pending": registered - tree.add_up(home[known]),
    })  # fmt: skip
    some = (table[["registered", "positives", "recalled"]] > 0).any(axis=1)
    return table[span.takes_part & some]


def _of_round(ground: Ground, rows: pd.DataFrame, number: int, span: _Span) -> Flags:
    """Specimens of a round: those that name it, and unnamed ones taken in its span."""
    named, second = rows["round"].to_numpy(np.int64), rows["second"].to_numpy(np.int64)
    at = ground.home_area[rows["person"].to_numpy(np.int64)]
    in_span = (span.start[at] <= second) & (second < span.end[at])
    unnamed = span.is_listed & (named < 0) & (at >= 0) & span.takes_part[at]
    return np.asarray((named == number) | (unnamed & in_span), dtype=bool)


def _inside(ground: Ground, span: _Span) -> Whole:
    """Residents of the areas that take part, not in isolation elsewhere at its end, or now."""
    persons = np.flatnonzero(ground.home_area >= 0)
    persons = persons[span.takes_part[ground.home_area[persons]]]
    at = np.minimum(span.end[ground.home_area[persons]], ground.now)
    return persons[~ground.is_away(persons, at)]


def _with_own_result(rows: pd.DataFrame) -> Whole:
    """Persons with a result that says something of themselves."""
    own = (rows["result"] == 0) | ((rows["result"] == 1) & (rows["pool"] < 0))
    return np.unique(rows.loc[own, "person"].to_numpy(np.int64))


def _positives(rows: pd.DataFrame) -> Whole:
    """Residents with a positive specimen of their own, taken while they were inside."""
    own = (rows["result"] == 1) & (rows["pool"] < 0) & rows["is_inside"]
    return np.unique(rows.loc[own, "person"].to_numpy(np.int64))


def shares(some: Floats, among: Floats) -> Floats:
    """Shares; missing where there is nobody."""
    some_there = among > 0
    return np.where(some_there, some / np.where(some_there, among, 1), np.nan)
