"""One table from raw frame to codes and seconds: what is judged row by row.

A `Draft` is a table under reading: ids and times told apart, rows struck out as rules
reject them. A `Table` is what is left: a frame for people, arrays for the kernel.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.constant import everywhere, is_constant
from tracegraph.model.reading.findings import counted
from tracegraph.model.reading.frames import is_packed
from tracegraph.model.reading.identifiers import RawIds, read_ids
from tracegraph.model.reading.moments import (
    ABSURD,
    DATE,
    DAY,
    HOUR,
    MISSING,
    NAIVE,
    UNREADABLE,
    RawTimes,
)
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.reading.times import ABSENT, Bounds, place, read_times
from tracegraph.model.reading.words import Words, read_words
from tracegraph.model.schemas import RESULTS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.frames import RawTable
    from tracegraph.model.reading.moments import Seconds
    from tracegraph.model.schemas import Role

NONE = np.int32(-1)
ID_ROLES: tuple[Role, ...] = ("person", "location", "area")
_MANY = 100_000  # rows from which threads are worth their while
_THREADS = 4
YEARS = 10
"""Times further than this from the median of all times are rejected: int32 must hold them."""

_WORDS = {
    "cases": ("status", "found_in"),
    "visits": ("record",),
    "locations": ("kind",),
    "contacts": ("kind",),
    "isolations": ("kind",),
    "tests": ("result", "kind"),
    "areas": ("zone", "level"),
    "zone_history": ("zone",),
    "measures": ("kind",),
}
_TYPED = {
    "visits": ("carriage", "seat"),
    "tests": ("round_id", "pool_id"),
    "rounds": ("round_id",),
}


@dataclass(slots=True, kw_only=True)
class Draft:
    """A table under reading; `kept` is struck out row by row."""

    raw: RawTable
    ids: dict[str, RawIds]
    times: dict[str, RawTimes]
    words: dict[str, Words]
    kept: Flags
    bounds: dict[str, Bounds]
    days: RawTimes | None = None  # of visits.date, once it is settled

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.raw.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a table that are used.

    Parameters
    ----------
    name : str
    names : tuple of str
        The caller's columns in their order.
    cells : DataFrame
        Those of them that no array tells of: words folded, ids as given. `frame` has the times too.
    tz : str
    epoch : int
        Where the times are, and the second of the epoch that they count from.
    codes : dict of str to array of int32
        Ids of persons, locations and areas, by column; -1 = none.
    lo, hi : dict of str to array of int32
        Bounds of times, by column; `NEVER` in both = none.
    words : dict of str to Words
        Statuses, kinds and the like.
    known : array of int32
        Second from which the team knew the row (RULE 29).
    packed : frozenset of str
        Columns of `frame` that are categories because their file was large.
    """

    name: str
    names: tuple[str, ...]
    cells: pd.DataFrame
    tz: str = "UTC"
    epoch: int = 0
    codes: dict[str, Codes]
    lo: dict[str, Ticks]
    hi: dict[str, Ticks]
    words: dict[str, Words]
    known: Ticks
    packed: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return self.known.size

    @property
    def frame(self) -> pd.DataFrame:
        """The caller's columns, times parsed; over the memory of the arrays where it can be."""
        columns = {c: self.cells[c] if c in self.cells else self._stamps(c) for c in self.names}
        return pd.DataFrame(columns, index=self.cells.index, copy=False)

    def _stamps(self, column: str) -> pd.DatetimeIndex:
        ticks = self.lo[column]
        seconds = ticks.astype(np.int64)
        seconds += self.epoch
        seconds[ticks == NEVER] = ABSENT  # to pandas too, the least integer is no time
        return pd.DatetimeIndex(seconds, dtype=pd.DatetimeTZDtype("s", self.tz), copy=False)

    def with_column(self, column: str, values: Any) -> Table:  # noqa: ANN401  # of any type
        """Give a column other cells."""
        cells = self.cells.copy(deep=False)
        cells[column] = values
        names = self.names if column in self.names else (*self.names, column)
        return replace(self, cells=cells, names=names)

    def code(self, column: str) -> Codes:
        """Codes of a column; all -1 where the table lacks it."""
        return self.codes[column] if column in self.codes else everywhere(NONE, len(self))

    def word(self, column: str) -> Words:
        """Words of a column; none where the table lacks it."""
        if column in self.words:
            return self.words[column]
        return Words(codes=everywhere(NONE, len(self)), values=())

    def early(self, column: str) -> Ticks:
        """Lower bounds of a column of times; `NEVER` = none."""
        return self.lo[column] if column in self.lo else everywhere(NEVER, len(self))

    def late(self, column: str) -> Ticks:
        """Upper bounds of a column of times; `NEVER` = none."""
        return self.hi[column] if column in self.hi else everywhere(NEVER, len(self))

    def known_by(self, second: int) -> Table:
        """Keep the rows that are known by then; itself if that is all of them."""
        if is_constant(self.known):
            return (
                self if not len(self) or self.known[0] <= second else self.take(self.known < BEFORE)
            )
        return self.take(self.known <= second)

    def take(self, rows: Flags) -> Table:
        """Keep these rows; itself if that is all of them."""
        if rows.all():
            return self
        return replace(
            self,
            cells=self.cells[rows].reset_index(drop=True),
            codes={c: a[rows] for c, a in self.codes.items()},
            lo={c: a[rows] for c, a in self.lo.items()},
            hi={c: a[rows] for c, a in self.hi.items()},
            words={c: w.take(rows) for c, w in self.words.items()},
            known=self.known[rows],
        )


def draft(raw: RawTable) -> Draft:
    """Tell ids, times and words of a table apart."""
    frame = raw.frame
    ids = _columns(raw, *(c for role in ID_ROLES for c in TABLES[raw.name].named(role)))
    times = _columns(raw, *TABLES[raw.name].named("time"))
    words = _columns(raw, *_WORDS.get(raw.name, ()), *_TYPED.get(raw.name, ()))

    def ids_of(column: str) -> RawIds:
        return read_ids(
            frame[column],
            raw.name,
            as_text=raw.is_untyped,
            to_the_letter=raw.is_saved,
            packed=raw.packed.get(column),
        )

    def times_of(column: str) -> RawTimes:
        if column in raw.times:
            return raw.times[column]
        if column in raw.plain:
            return raw.plain[column]
        return read_times(frame[column], is_date=column in raw.dates)

    def words_of(column: str) -> Words:
        return read_words(frame[column], fold=column not in _TYPED.get(raw.name, ()))

    with ThreadPoolExecutor(_THREADS) as pool:  # Arrow and NumPy let others run meanwhile
        run = pool.map if len(frame) >= _MANY else map
        return Draft(
            raw=raw,
            ids=dict(zip(ids, run(ids_of, ids), strict=True)),
            times=dict(zip(times, run(times_of, times), strict=True)),
            words=dict(zip(words, run(words_of, words), strict=True)),
            kept=np.ones(len(frame), bool),
            bounds={},
        )


def _columns(raw: RawTable, *names: str) -> list[str]:
    return [name for name in names if name in raw.frame.columns]


_OR_A_DATE = {"visits": ", or the day into a column date."}


def reject_unread(table: Draft, findings: Findings) -> None:
    """Strike rows that lack a required value or have a time that nobody can read."""
    schema = TABLES[table.name]
    for column in schema.required:
        if column in table.ids:
            ids = table.ids[column]
            missing = ids.codes < 0 if ids.has_gaps else everywhere(np.False_, ids.codes.size)
        elif column in table.times:
            missing = table.times[column].where(MISSING)
        else:
            missing = table.words[column].codes < 0
        findings.reject(
            table.raw,
            missing,
            table.kept,
            column=column,
            rule="missing-value",
            message=f"{column} is missing",
            mend=f"Fill in {column}, or delete the row.",
        )
    for column, ids in table.ids.items():
        findings.reject(
            table.raw,
            np.isin(ids.codes, ids.lost) if ids.lost.size else ids.lost > 0,
            table.kept,
            column=column,
            rule="spoiled-id",
            message=f"{column} = {{{column}}} was taken for a number or a date by a spreadsheet, "
            "which dropped digits of it",
            mend="Format the column as text and take the ids from their source again; what was "
            "dropped cannot be restored.",
        )
    for column, times in table.times.items():
        findings.reject(
            table.raw,
            times.where(UNREADABLE),
            table.kept,
            column=column,
            rule="unreadable-time",
            message=f"{column} = {{{column}}} is no time",
            mend="Write 2022-05-12, 2022-05-12 18:00 or 2022-05-12T18:00:00+08:00.",
        )
    for column, times in table.times.items():
        findings.reject(
            table.raw,
            times.where(HOUR),
            table.kept,
            column=column,
            rule="hour-without-date",
            message=f"{column} = {{{column}}} is an hour of no day",
            mend="Write 2022-05-12 08:30" + _OR_A_DATE.get(table.name, "."),
        )


def place_times(table: Draft, tz: str, findings: Findings) -> None:
    """Put the times of a table into the graph's zone; tell where its clock went back or on."""
    for column, times in table.times.items():
        bounds = table.bounds[column] = place(times, tz)
        if bounds.skipped is not None and bounds.skipped.any():
            _warn_of_clock(table, column, bounds.skipped, findings)
        if bounds.hi is bounds.lo:
            continue
        twice = times.where(NAIVE) & (bounds.lo < bounds.hi)
        if times.until is not None:  # an interval is meant to last
            twice &= times.until == times.seconds
        if twice.any():
            _warn_of_clock(table, column, twice, findings, is_twice=True)


def _warn_of_clock(
    table: Draft, column: str, rows: Flags, findings: Findings, *, is_twice: bool = False
) -> None:
    cells = counted(int(rows.sum()), "time")
    findings.warn(
        table.name,
        file=table.raw.files_of(rows),
        column=column,
        rule="time-occurs-twice" if is_twice else "time-never-occurs",
        message=f"{cells} of {column} occurred twice as the clocks went back: either may be meant"
        if is_twice
        else f"{cells} of {column} never occurred, as the clocks went forward: moved on by as much",
        mend="Write the offset, such as 2022-10-30T02:30+01:00, or correct the time.",
    )


def _spans(table: Draft) -> Iterator[tuple[int, int]]:
    """Earliest and latest lower bound of each column of times, of the rows in use."""
    for bounds in table.bounds.values():
        if bounds.span is not None and table.kept.all():
            yield bounds.span[0] + bounds.shift, bounds.span[1] + bounds.shift
        elif (seconds := _given(bounds, table.kept)).size:
            yield int(seconds.min()) + bounds.shift, int(seconds.max()) + bounds.shift


def _given(bounds: Bounds, kept: Flags) -> Seconds:
    rows = bounds.is_given & kept
    return bounds.lo if rows.all() else bounds.lo[rows]


def median_second(tables: list[Draft]) -> int | None:
    """Median of all times that rows in use hold; None where none can be far from it."""
    spans = [span for table in tables for span in _spans(table)]
    if not spans:
        return None
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    if high - low <= YEARS * 365 * DAY:
        return None
    given = [_given(b.shifted(), t.kept) for t in tables for b in t.bounds.values()]
    return int(np.median(np.concatenate(given)))


def reject_far(table: Draft, median: int | None, findings: Findings) -> None:
    """Strike rows with a time that no outbreak can span."""
    span = YEARS * 365 * DAY
    for column, bounds in table.bounds.items():
        far = table.times[column].where(ABSURD)
        if median is not None:
            bounds = bounds.shifted()
            outside = (bounds.lo < median - span) | (bounds.hi > median + span)
            far = far | (bounds.is_given & outside)
        findings.reject(
            table.raw,
            far,
            table.kept,
            column=column,
            rule="time-out-of-range",
            message=f"{column} = {{{column}}} is more than {YEARS} years from the other times",
            mend=f"Correct the year; leave {column} empty where it is not known.",
        )


def reject_impossible(table: Draft, findings: Findings) -> None:
    """Strike rows that contradict themselves."""
    order = {
        "visits": ("arrive", "depart", "depart-before-arrive"),
        "isolations": ("start", "end", "end-before-start"),
        "contacts": ("start", "end", "end-before-start"),
        "zone_history": ("start", "end", "end-before-start"),
        "rounds": ("start", "end", "end-before-start"),
        "measures": ("start", "end", "end-before-start"),
    }
    if table.name in order:
        start, end, rule = order[table.name]
        _reject_reversed(table, findings, start, end, rule)
    if table.name == "cases":
        _reject_dateless(table, findings)
    if table.name == "contacts":
        _reject_own_contact(table, findings)
    if table.name == "tests":
        _reject_results(table, findings)


def _reject_reversed(table: Draft, findings: Findings, start: str, end: str, rule: str) -> None:
    if end not in table.bounds:
        return
    first, last = table.bounds[start], table.bounds[end]
    if first.shift != last.shift:
        first, last = first.shifted(), last.shifted()
    if not (last.hi <= first.lo).any():
        return
    dates = (first.lo < first.hi) & (last.lo < last.hi)  # the next midnight is another date
    findings.reject(
        table.raw,
        last.is_given & first.is_given & ((last.hi < first.lo) | (dates & (last.hi == first.lo))),
        table.kept,
        column=end,
        rule=rule,
        message=f"{end} = {{{end}}} is before {start} ({{{start}}})",
        mend="Swap them, or correct the date.",
    )


def _reject_dateless(table: Draft, findings: Findings) -> None:
    dated = np.zeros(table.kept.size, bool)
    for column in TABLES["cases"].one_of:
        if column in table.bounds:
            dated |= table.bounds[column].is_given
    findings.reject(
        table.raw,
        ~dated,
        table.kept,
        column="",
        rule="case-without-date",
        message="the case has neither onset nor sampled nor confirmed",
        mend="Fill in one of them: without it the case has no window.",
    )


def _reject_own_contact(table: Draft, findings: Findings) -> None:
    one, other = table.ids["person_id"], table.ids["contact_id"]
    if one.type == "empty" or other.type != one.type:
        return
    found = pc.fill_null(pc.index_in(one.values, value_set=other.values), -1)
    same = np.append(found.to_numpy(zero_copy_only=False), -1)[one.codes]
    findings.reject(
        table.raw,
        (same >= 0) & (same == other.codes),
        table.kept,
        column="contact_id",
        rule="contact-with-oneself",
        message="person_id and contact_id are the same person",
        mend="Correct one of the two ids.",
    )


def _reject_results(table: Draft, findings: Findings) -> None:
    words = table.words["result"]
    findings.reject(
        table.raw,
        (words.mapped(RESULTS, unknown=-2) == -2) & (words.codes >= 0),
        table.kept,
        column="result",
        rule="unreadable-result",
        message="result = {result} is no result",
        mend="Write positive, negative or inconclusive.",
    )


def earliest(tables: list[Draft]) -> int | None:
    """Earliest second of the rows in use; None without any."""
    return min((low for table in tables for low, _ in _spans(table)), default=None)


def finish(
    table: Draft, indexes: dict[str, pd.Index[Any]], epoch: int, tz: str, findings: Findings
) -> Table:
    """Rows in use, as codes and ticks since the origin at second `epoch`."""
    rows = slice(None) if table.kept.all() else table.kept  # nothing is copied for nothing
    cells = _cells(table, findings)
    lo, hi = {}, {}
    for column, bounds in table.bounds.items():
        since = epoch - bounds.shift
        lo[column] = _ticks(bounds.lo[rows], since)
        hi[column] = lo[column] if bounds.hi is bounds.lo else _ticks(bounds.hi[rows], since)
    codes = {}
    for column, ids in table.ids.items():
        codes[column] = ids.coded(indexes[_role(table.name, column)])[rows]
    words = {column: word.take(rows) for column, word in table.words.items()}
    packed = [c for c in map(str, cells.columns) if table.raw.file and is_packed(cells[c])]
    for column in packed:
        if column in codes and table.ids[column].as_given:  # one memory does for both
            kind = pd.CategoricalDtype(indexes[_role(table.name, column)])
            ours = pd.Categorical.from_codes(codes[column], dtype=kind, validate=False)
            cells[column] = pd.Series(ours, copy=False)
    return Table(
        name=table.name,
        names=tuple(map(str, table.raw.frame.columns)),
        cells=cells,
        tz=tz,
        epoch=epoch,
        codes=codes,
        lo=lo,
        hi=hi,
        words=words,
        known=_known(table.name, lo, hi, int(table.kept.sum())),
        packed=frozenset(packed),
    )


def _role(table: str, column: str) -> Role:
    return next(c.role for c in TABLES[table].columns if c.name == column)


_KNOWN_BY = {
    "cases": (("recorded", 0), ("confirmed", 0)),
    "tests": (("recorded", 0), ("reported", 0), ("sampled", DAY)),
}


def _ticks(seconds: Seconds, epoch: int) -> Ticks:
    if seconds.dtype != np.int64 and abs(epoch) < NEVER:
        plain: Ticks = seconds.view(np.int32)
        plain -= np.int32(epoch)  # in place: the column is its table's alone
        return plain
    ticks = (seconds - epoch).astype(np.int32)
    ticks[seconds == ABSENT] = NEVER
    return ticks


def _known(table: str, lo: dict[str, Ticks], hi: dict[str, Ticks], size: int) -> Ticks:
    """Second since when each row is known: of the first of these columns that is given (RULE 29).

    A date is not known yet at the midnight with which the day before it ends.
    """
    known = everywhere(BEFORE, size)
    for column, delay in reversed(_KNOWN_BY.get(table, (("recorded", 0),))):
        if column in lo:
            is_date = (lo[column] < hi[column]).astype(np.int32)
            known = np.where(lo[column] != NEVER, lo[column] + np.int32(delay) + is_date, known)
    return known


def _cells(table: Draft, findings: Findings) -> pd.DataFrame:
    """Rows in use as a frame without times: ids trimmed, words folded, numbers read."""
    rows, is_whole = table.kept, bool(table.kept.all())
    source = table.raw.frame
    columns: dict[str, Any] = {}
    for column in source.columns:
        if column not in table.bounds:
            columns[column] = source[column] if is_whole else source[column][rows]
    if table.days is not None:
        columns["date"] = _iso_days(columns["date"], table.days, rows)
    for column, ids in table.ids.items():
        dtype = source[column].dtype
        is_text = isinstance(dtype, pd.StringDtype) or is_packed(source[column])
        is_respelled = table.raw.is_untyped and not is_text
        if ids.trimmed or ids.pointed or is_respelled or dtype == "object" or dtype.kind == "f":
            columns[column] = _as_read(ids, rows)
    for column in _WORDS.get(table.name, ()):
        if column in table.words:
            columns[column] = table.words[column].take(rows).column()
    for column in TABLES[table.name].named("number"):
        if column in columns:
            columns[column] = _numbers(table, columns[column], findings)
    arrays = {
        name: values.reset_index(drop=True) if isinstance(values, pd.Series) else values
        for name, values in columns.items()
    }
    return pd.DataFrame(arrays, index=pd.RangeIndex(int(rows.sum())), copy=False)


def _iso_days(cells: pd.Series[Any], days: RawTimes, rows: Flags) -> pd.Series[Any]:
    """Days of `visits.date` so that whoever reads them again reads the same."""
    dated = days.where(DATE, NAIVE)[rows]
    iso = np.datetime_as_string(days.seconds[rows].astype("datetime64[s]").astype("datetime64[D]"))
    return cells.astype("object").mask(dated, pd.Series(iso, index=cells.index, dtype="object"))


def _as_read(ids: RawIds, rows: Flags) -> Any:  # noqa: ANN401  # an extension array
    codes = ids.codes[rows]
    if ids.type == "integer":
        values = pd.array(ids.values.to_pylist(), dtype="Int64")
    else:
        values = pd.array(ids.values.to_pylist(), dtype="str")
    return values.take(codes, allow_fill=True)


def _numbers(table: Draft, column: pd.Series[Any], findings: Findings) -> pd.Series[Any]:
    read, blank = column, column.isna()
    if column.dtype.kind not in "iuf":
        texts = pd.Series(spelled(column).to_pandas(), column.index, dtype="str").str.strip()
        blank = texts.isna() | (texts == "")
        read = pd.to_numeric(texts, errors="coerce").astype("float64")
    read = read.where(np.isfinite(read))
    lost = read.isna() & ~blank
    if lost.any():
        findings.warn(
            table.name,
            file=table.raw.file,
            column=str(column.name),
            rule="unreadable-number",
            message=f"{counted(int(lost.sum()), 'cell')} of {column.name} "
            f"{'is no number' if lost.sum() == 1 else 'are no numbers'}; left empty",
            mend="Write numbers with a point, without units.",
        )
    return read
