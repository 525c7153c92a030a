"""Polars: one ASOF join a direction of time, at the places where sources were.

Time and place stand in one number (`at`), and each place opens with a piece of nobody's, so that
a plain backward ASOF join finds the right row of the right place. What had started by then, and
what comes next, is worked out beforehand on the pieces of sources alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.rivals.codes import answer, clip, follow_up, two_hops
from benchmarks.rivals.question import BEFORE, NEVER, Answer, Terms, Visits

if TYPE_CHECKING:
    from benchmarks.rivals.codes import Picked
    from benchmarks.rivals.question import TextTerms

NOBODY = -1


def load(visits: Visits) -> pl.DataFrame:
    """Frame of the columns; nothing is copied."""
    return pl.DataFrame(visits.columns()).rename({"arrive": "start", "depart": "end"})


def trace(visits: pl.DataFrame, terms: Terms) -> Answer:
    """Answer from a frame in memory."""
    return _answer(*_hops(visits, terms), terms)


def keep(visits: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Close places only, sorted by place and arrival: whoever is traced later saves both."""
    close = pl.Series(terms.close)
    return visits.filter(close.gather(visits["location"])).sort("location", "start")


def again(kept: pl.DataFrame, terms: Terms) -> Answer:
    """Answer from what `keep` has sorted."""
    return trace(kept, terms)


def finish(visits: pl.DataFrame, terms: TextTerms) -> Answer:
    """Answer with text ids from a frame of texts."""
    return answer(*two_hops(visits, terms, _reach_picked), terms)


def _reach_picked(picked: Picked) -> pl.DataFrame:
    return _reach(picked.stays.lazy(), picked.pieces.lazy())


def _hops(visits: pl.DataFrame, terms: Terms) -> tuple[pl.DataFrame, pl.DataFrame]:
    """First and last exposure of whoever was exposed on each hop."""
    places = pl.DataFrame(terms.places())
    windows = pl.DataFrame(terms.windows()).rename({"owner": "person"})
    one = _hop(visits, places.rename({"least_1": "least"}), windows, terms)
    none = pl.lit(0, dtype=pl.Int32).alias("linger")
    isolated = pl.DataFrame(terms.isolations())
    windows = follow_up(one, isolated, terms.follow_up, terms.as_of)
    two = _hop(visits, places.with_columns(none).rename({"least_2": "least"}), windows, terms)
    return one, two


def _answer(one: pl.DataFrame, two: pl.DataFrame, terms: Terms) -> Answer:
    first = np.full(terms.n_persons, NEVER, dtype=np.int32)
    last = np.full(terms.n_persons, BEFORE, dtype=np.int32)
    tier = np.full(terms.n_persons, -1, dtype=np.int32)
    for number, hop in ((2, two), (1, one)):
        who = hop["person"].to_numpy()
        first[who] = np.minimum(first[who], hop["first"].to_numpy())
        last[who] = np.maximum(last[who], hop["last"].to_numpy())
        tier[who] = number
    tier[terms.case] = 0
    return Answer.among(tier, first, last)


def _hop(
    visits: pl.DataFrame, places: pl.DataFrame, windows: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """First and last exposure (person, first, last) to sources in their windows."""
    own = _rows(visits, "person", windows["person"], terms.n_persons)
    pieces = clip(own, places, windows)
    stays = (
        _rows(visits, "location", pieces["location"], len(terms.close))
        .lazy()
        .with_columns(least=pl.lit(_by_code(places, "least", terms)).gather(pl.col("location")))
        .filter(pl.col("end") - pl.col("start") >= pl.col("least"))
    )
    return _reach(stays, pieces.lazy())


def _reach(stays: pl.LazyFrame, pieces: pl.LazyFrame) -> pl.DataFrame:
    """First and last exposure (person, first, last) of stays to pieces."""
    came = _earliest(stays, pieces).select("person", first="at_first")
    left = _earliest(_mirrored(stays), _mirrored(pieces)).select("person", last="at_first")
    first, last = pl.collect_all([came, left])
    return first.join(last.with_columns(last=-1 - pl.col("last")), on="person")


def _rows(visits: pl.DataFrame, column: str, wanted: pl.Series, codes: int) -> pl.DataFrame:
    """Rows whose code is among the wanted: a look-up in a table of flags."""
    flags = np.zeros(codes, dtype=bool)
    flags[wanted.to_numpy()] = True
    return visits.filter(pl.Series(flags).gather(visits[column]))


def _by_code(places: pl.DataFrame, column: str, terms: Terms) -> pl.Series:
    """A column of `places` as an array by location code."""
    values = np.zeros(len(terms.close), dtype=np.int32)
    values[places["location"].to_numpy()] = places[column].to_numpy()
    return pl.Series(values)


def _mirrored(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The same in negated time; -1 - t does not overflow."""
    return rows.with_columns(start=-1 - pl.col("end"), end=-1 - pl.col("start"))


def _earliest(stays: pl.LazyFrame, pieces: pl.LazyFrame) -> pl.LazyFrame:
    """First instant at which somebody's stay meets somebody else's piece, by person."""
    own = pl.col("person")
    until = pl.when(pl.col("best_owner") == own).then("second").otherwise("best")
    following = pl.when(pl.col("following_owner") == own).then("another").otherwise("following")
    met = (
        pl.when(until - pl.col("start") >= pl.col("least"))
        .then(pl.col("start").cast(pl.Int64))
        .when(pl.col("end") - following >= pl.col("least"))
        .then(following)
    )
    return (
        stays.with_columns(at=_key("location", "start"))
        .sort("at")
        .join_asof(_turning_points(pieces), on="at", strategy="backward")
        .select("person", at_first=met)
        .drop_nulls()
        .group_by("person")
        .agg(pl.col("at_first").min().cast(pl.Int32))
    )


def _turning_points(pieces: pl.LazyFrame) -> pl.LazyFrame:
    """Pieces by place and start, with what had started by then and what comes next."""
    nobody = pieces.select("location").unique().with_columns(
        owner=pl.lit(NOBODY, dtype=pl.Int32),
        start=pl.lit(BEFORE, dtype=pl.Int32),
        end=pl.lit(BEFORE, dtype=pl.Int32),
    )  # fmt: skip
    is_nobody = pl.col("owner") == NOBODY
    low = _key("location", BEFORE)
    changes = pl.col("owner") != pl.col("owner").shift(1).fill_null(NOBODY)
    replaced = pl.col("best_owner") != pl.col("best_owner").shift(1)
    return (
        pl.concat([nobody, pieces.select("location", "owner", "start", "end")])
        .with_columns(at=_key("location", "start"), by_end=_key("location", "end"))
        .sort("at", "owner")
        # Places ascend, so one running maximum over (place, end) starts anew at each.
        .with_columns(top=pl.col("by_end").cum_max())
        .with_columns(
            best_owner=pl.when(pl.col("top") > pl.col("top").shift(1).fill_null(-1))
            .then("owner")
            .forward_fill(),
        )
        # The second best of another owner is the best of all that were ever beaten: a former
        # best that somebody else replaced, or a piece that did not become the best.
        .with_columns(
            beaten=pl.when(is_nobody)
            .then(low)
            .when(replaced)
            .then(pl.col("top").shift(1))
            .when(pl.col("owner") != pl.col("best_owner"))
            .then("by_end")
            .otherwise(low)
            .cum_max(),
            opens=pl.when(is_nobody).then(NEVER).otherwise(pl.col("start").cast(pl.Int64)),
        )
        .with_columns(next_run=pl.when(changes | is_nobody).then("opens").backward_fill())
        .with_columns(
            best=_time("top"),
            second=_time("beaten"),
            following=pl.col("opens").shift(-1).fill_null(NEVER),
            following_owner=pl.col("owner").shift(-1).fill_null(NOBODY),
            another=pl.col("next_run").shift(-2).fill_null(NEVER),
        )
        .filter(pl.col("at") != pl.col("at").shift(-1).fill_null(-1))  # the last of equal starts
        .select("at", "best", "best_owner", "second", "following", "following_owner", "another")
    )


def _key(place: str, time: str | int) -> pl.Expr:
    """One number that sorts by place, then time."""
    when = pl.col(time).cast(pl.Int64) if isinstance(time, str) else pl.lit(time, dtype=pl.Int64)
    return (pl.col(place).cast(pl.Int64) * 2**32) + (when - BEFORE)


def _time(key: str) -> pl.Expr:
    return (pl.col(key) % 2**32) + BEFORE
