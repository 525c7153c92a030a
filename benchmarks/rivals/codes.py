"""Text ids from Parquet: picked as texts, hop by hop, so that only rows that matter are coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from benchmarks.rivals.question import BEFORE, NEVER, Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from benchmarks.rivals.question import TextTerms

    Reach = Callable[["Picked"], pl.DataFrame]

NAMES = {"person_id": "person", "location_id": "location", "arrive": "start", "depart": "end"}


class Picked(NamedTuple):
    """Rows of one hop in codes: pieces of sources, stays at their places, persons as texts."""

    pieces: pl.DataFrame  # location, least, owner, start, end
    stays: pl.DataFrame  # location, least, person, start, end
    persons: pl.Series


def read_texts(file: Path) -> pl.DataFrame:
    """Read a file of visits as it stands, ids as texts."""
    return pl.read_parquet(file, columns=list(NAMES)).rename(NAMES)


def two_hops(visits: pl.DataFrame, terms: TextTerms, reach: Reach) -> tuple[pl.DataFrame, ...]:
    """First and last exposure by text id on each hop; `reach` finds them by code."""
    places, windows = _frame(terms.places), _frame(terms.windows).rename({"owner": "person"})

    def hop(windows: pl.DataFrame, least: str, linger: pl.Expr) -> pl.DataFrame:
        rule = places.select("location", least=least, linger=linger)
        picked = _pick(visits, rule, windows, terms)
        found = reach(picked)
        return found.with_columns(person=picked.persons.gather(found["person"]))

    one = hop(windows, "least_1", pl.col("linger"))
    windows = follow_up(one, _frame(terms.isolations), terms.follow_up, terms.as_of)
    return one, hop(windows, "least_2", pl.lit(0, dtype=pl.Int32))


def follow_up(one: pl.DataFrame, isolations: pl.DataFrame, days: int, as_of: int) -> pl.DataFrame:
    """When those reached on the first hop are sources (person, since, until)."""
    until = pl.min_horizontal(pl.col("last").cast(pl.Int64) + days, as_of, "away")
    return one.join(isolations, on="person", how="left").select(
        "person", since="first", until=until.cast(pl.Int32)
    )


def clip(own: pl.DataFrame, places: pl.DataFrame, windows: pl.DataFrame) -> pl.DataFrame:
    """Pieces (location, least, owner, start, end) of sources in their windows, long enough."""
    return (
        own.lazy()
        .join(places.lazy(), on="location")
        .join(windows.lazy(), on="person")
        .select(
            "location",
            "least",
            "linger",
            owner="person",
            start=pl.max_horizontal("start", "since"),
            end=pl.min_horizontal("end", "until"),
        )
        .filter(pl.col("start") < pl.col("end"))
        .with_columns(end=pl.col("end") + pl.col("linger"))
        .filter(pl.col("end") - pl.col("start") >= pl.col("least"))
        .select("location", "least", "owner", "start", "end")
        .collect()
    )


def _pick(
    visits: pl.DataFrame, places: pl.DataFrame, windows: pl.DataFrame, terms: TextTerms
) -> Picked:
    own = _seconds(_among(visits, "person", windows["person"]), terms)
    pieces = clip(own, places, windows)
    there = _seconds(_among(visits, "location", pieces["location"]), terms)
    stays = there.join(pieces.select("location", "least").unique(), on="location").filter(
        pl.col("end") - pl.col("start") >= pl.col("least")
    )
    persons = pl.concat([stays["person"], pieces["owner"]]).unique()
    person, location = (pl.Enum(ids) for ids in (persons, pieces["location"].unique()))
    return Picked(
        _coded(pieces, location=location, owner=person),
        _coded(stays, location=location, person=person),
        persons,
    )


def _among(visits: pl.DataFrame, column: str, wanted: pl.Series) -> pl.DataFrame:
    return visits.filter(pl.col(column).is_in(wanted.unique().implode()))


def _seconds(rows: pl.DataFrame, terms: TextTerms) -> pl.DataFrame:
    """Rows with times in seconds from the origin."""
    since = pl.col("start", "end") - pl.lit(terms.origin.item())
    return rows.with_columns(since.dt.total_seconds().cast(pl.Int32))


def _coded(rows: pl.DataFrame, **ids: pl.Enum) -> pl.DataFrame:
    return rows.with_columns(
        pl.col(name).cast(texts).to_physical().cast(pl.Int32) for name, texts in ids.items()
    )


def _frame(table: pa.Table) -> pl.DataFrame:
    """Polars frame of an Arrow table; nothing is copied."""
    return pl.DataFrame(table)


def answer(one: pl.DataFrame, two: pl.DataFrame, terms: TextTerms) -> Answer:
    """Answer by text id from both hops: least tier, first of all, last of all."""
    cases = _frame(terms.cases).select("person", tier=0, first=NEVER, last=BEFORE)
    tiers = (cases, one.with_columns(tier=1), two.with_columns(tier=2))
    ints = pl.col("tier", "first", "last").cast(pl.Int32)
    rows = (
        pl.concat([part.select("person", ints) for part in tiers])
        .group_by("person")
        .agg(pl.col("tier", "first").min(), pl.col("last").max())
    )
    tier, first, last = (rows[name].to_numpy() for name in ("tier", "first", "last"))
    return Answer(person=rows["person"].to_arrow(), tier=tier, first=first, last=last)
