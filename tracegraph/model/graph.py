"""The graph: what the team knows, as one immutable value (DESIGN 1, 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model import assembly
from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.facts import Facts, Visits
from tracegraph.model.findings import Findings, as_frame
from tracegraph.model.frames import from_native, joined, rename
from tracegraph.model.options import Options
from tracegraph.model.reading import read_tables
from tracegraph.model.schemas import TABLES
from tracegraph.model.summary import as_html, as_text
from tracegraph.model.times import place, read_times
from tracegraph.model.validation import (
    Checked,
    blank_wrong_links,
    cases_without_visit,
    warn_of_all,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Codes
    from tracegraph.model.frames import RawTable
    from tracegraph.model.tables import Table
    from tracegraph.protocols.protocol import Protocol
    from tracegraph.tracing.trace import Trace


class TraceGraph:
    """Cases, visits and what else is known, read and checked.

    A graph never changes: `as_of` and later `update` give new ones that share arrays.

    Parameters
    ----------
    cases : DataFrame
        `person_id` and at least one of `onset`, `sampled`, `confirmed`; see `tg.schemas`.
    visits, locations, persons, contacts, isolations, tests, areas, disinfections : DataFrame
        Frames of pandas, polars or pyarrow; they are not changed. All are optional.
    tz : str, optional
        IANA name of the zone of local times and of local days. Needed when any time is
        naive or a date.
    columns : dict, optional
        Other names of columns: ``{"arrival": "arrive"}``, or by table
        ``{"visits": {"start": "arrive"}}``.
    day_first : bool, optional
        Whether ``9/5/2022`` is the ninth of May. Without it the column must prove it.
    excel_epoch : {1900, 1904}
        Where serial numbers of spreadsheets, such as 44690.5, count from.
    strict : bool
        Whether a row that cannot be used is an error instead of a row of `rejects`.

    Attributes
    ----------
    facts : Facts
        The tables as arrays.
    calendar : Calendar
        Zone, origin and local midnights.
    person_ids, location_ids, area_ids : Index
        Sorted ids; a code is a position here.
    kinds, statuses, found_in, contact_kinds : tuple of str
        Words that codes of kinds and statuses stand for.
    rejects, warnings : DataFrame
        `table`, `file`, `row`, `column`, `value`, `rule`, `message`, `mend`. `row`
        counts from 0 in a frame, and from 1 with the header in a file.
    counts : DataFrame
        `table`, `file`, `rows`, `used`, `rejected`; rows = used + rejected.
    as_of_second : int or None
        Rows learnt after it are masked; None = nothing is.
    default_as_of_second : int
        Latest second that any table speaks of.
    unplaced : Visits
        Visits without a location; their location is -1.

    Raises
    ------
    TableError
        If a column is missing, ids disagree, or no row of a table can be used.
    TimeZoneError
        If times are naive without `tz`, or a column mixes naive and aware ones.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})
    >>> visits = pd.DataFrame({
    ...     "person_id": ["C1", "P2"], "location_id": ["L1", "L1"],
    ...     "arrive": ["2022-05-08 09:00", "2022-05-08 09:30"],
    ...     "depart": ["2022-05-08 10:00", "2022-05-08 11:00"],
    ... })
    >>> graph = TraceGraph(cases=cases, visits=visits, tz="Asia/Shanghai")
    >>> graph.person_ids.tolist()
    ['C1', 'P2']
    """

    __slots__ = (
        "_area_parent",
        "_facts",
        "_parts",
        "_tables",
        "_unplaced",
        "as_of_second",
        "cache",
        "default_as_of_second",
    )

    as_of_second: int | None
    default_as_of_second: int
    cache: dict[Any, Any]
    _tables: dict[str, Table]
    _facts: Facts
    _unplaced: Visits
    _area_parent: Codes
    _parts: dict[str, Any]

    def __init__(  # noqa: PLR0913  # one argument a table
        self,
        *,
        cases: Any,  # noqa: ANN401  # frames of any library
        visits: Any = None,  # noqa: ANN401
        locations: Any = None,  # noqa: ANN401
        persons: Any = None,  # noqa: ANN401
        contacts: Any = None,  # noqa: ANN401
        isolations: Any = None,  # noqa: ANN401
        tests: Any = None,  # noqa: ANN401
        areas: Any = None,  # noqa: ANN401
        disinfections: Any = None,  # noqa: ANN401
        tz: str | None = None,
        columns: Mapping[str, Any] | None = None,
        day_first: bool | None = None,
        excel_epoch: Literal[1900, 1904] = 1900,
        strict: bool = False,
    ) -> None:
        given = {
            "cases": cases,
            "visits": visits,
            "locations": locations,
            "persons": persons,
            "contacts": contacts,
            "isolations": isolations,
            "tests": tests,
            "areas": areas,
            "disinfections": disinfections,
        }
        if cases is None:
            message = "cases is missing.\n    Pass cases=: a trace starts from at least one case."
            raise TableError(message)
        parts = [from_native(name, frame) for name, frame in given.items() if frame is not None]
        options = Options(
            tz=tz,
            columns=columns or {},
            day_first=day_first,
            excel_epoch=excel_epoch,
            strict=strict,
        )
        self._build(parts, options, Findings())

    @classmethod
    def from_parts(cls, parts: list[RawTable], options: Options, findings: Findings) -> TraceGraph:
        """Graph of tables that a store has read, with what it found wrong so far."""
        graph = cls.__new__(cls)
        graph._build(parts, options, findings)
        return graph

    def _build(self, parts: list[RawTable], options: Options, findings: Findings) -> None:
        named: dict[str, list[RawTable]] = {}
        for part in rename(parts, options.columns):
            named.setdefault(part.name, []).append(part)
        raw = {name: joined(named[name]) for name in TABLES if name in named}
        reading = read_tables(raw, options, findings)
        checked = Checked(
            tables=reading.tables, given=frozenset(raw), ids=reading.ids, findings=findings
        )
        tables = blank_wrong_links(checked)
        shared = {
            "calendar": reading.calendar,
            "ids": reading.ids,
            "counts": reading.counts,
            "given": frozenset(raw),
        }
        self._fill(tables, shared, as_of_second=None, latest=None)
        checked = Checked(tables=tables, given=frozenset(raw), ids=reading.ids, findings=findings)
        warn_of_all(checked, self._facts)
        shared["rejects"] = as_frame(findings.rejects)
        shared["warnings"] = as_frame(findings.warnings)

    def _fill(
        self,
        tables: dict[str, Table],
        parts: dict[str, Any],
        *,
        as_of_second: int | None,
        latest: int | None,
    ) -> None:
        ids = parts["ids"]
        visits = assembly.visits_of(tables["visits"])
        placed = visits.location >= 0
        facts = Facts(
            visits=visits if placed.all() else visits.take(placed),
            cases=assembly.cases_of(tables["cases"]),
            contacts=assembly.contacts_of(tables["contacts"]),
            isolations=assembly.isolations_of(tables["isolations"]),
            tests=assembly.tests_of(tables["tests"]),
            disinfections=assembly.disinfections_of(tables["disinfections"]),
            locations=assembly.locations_of(
                tables["locations"], tables["persons"], len(ids["location"])
            ),
            persons=assembly.persons_of(tables["persons"], len(ids["person"])),
        )
        area_parent = assembly.area_parents(tables["areas"], len(ids["area"]))
        area_parent.flags.writeable = False
        if latest is None:
            latest = assembly.latest_second(facts, visits, tables)
        values = {
            "_tables": tables,
            "_parts": parts,
            "_facts": facts,
            "_unplaced": visits.take(~placed),
            "_area_parent": area_parent,
            "as_of_second": as_of_second,
            "default_as_of_second": latest,
            "cache": {},
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        message = f"a TraceGraph is immutable; {name!r} cannot be set"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> NoReturn:
        message = f"a TraceGraph is immutable; {name!r} cannot be deleted"
        raise AttributeError(message)

    def __reduce__(self) -> tuple[Any, ...]:
        state = (self._tables, self._parts, self.as_of_second, self.default_as_of_second)
        return _restore, state

    @property
    def now(self) -> int:
        """Second as of which questions are answered: `as_of_second`, else the latest."""
        return self.default_as_of_second if self.as_of_second is None else self.as_of_second

    @property
    def facts(self) -> Facts:
        """The tables as arrays."""
        return self._facts

    @property
    def unplaced(self) -> Visits:
        """Visits without a location: kept, and they end the stay before them."""
        return self._unplaced

    @property
    def calendar(self) -> Calendar:
        """Zone, origin and local midnights."""
        calendar: Calendar = self._parts["calendar"]
        return calendar

    @property
    def tz(self) -> str:
        """IANA name of the graph's zone."""
        return self.calendar.tz

    @property
    def tables(self) -> dict[str, Table]:
        """Frame, codes and bounds of every table that the caller passed, by name."""
        given = self._parts["given"]
        return {name: table for name, table in self._tables.items() if name in given}

    @property
    def person_ids(self) -> pd.Index[Any]:
        """Sorted ids of persons; a code is a position here."""
        return self._ids("person")

    @property
    def location_ids(self) -> pd.Index[Any]:
        """Sorted ids of locations."""
        return self._ids("location")

    @property
    def area_ids(self) -> pd.Index[Any]:
        """Sorted ids of areas."""
        return self._ids("area")

    def _ids(self, kind: str) -> pd.Index[Any]:
        index: pd.Index[Any] = self._parts["ids"][kind]
        return index

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of locations, by code."""
        return self._tables["locations"].word("kind").values

    @property
    def statuses(self) -> tuple[str, ...]:
        """Statuses of cases, by code."""
        return self._tables["cases"].word("status").values

    @property
    def found_in(self) -> tuple[str, ...]:
        """Where cases were found, by code."""
        return self._tables["cases"].word("found_in").values

    @property
    def contact_kinds(self) -> tuple[str, ...]:
        """Kinds of reported contacts, by code."""
        return self._tables["contacts"].word("kind").values

    def table(self, name: str) -> pd.DataFrame:
        """Rows of a table that are used; a copy that shares memory until written to."""
        if name not in TABLES:
            message = f"no table is called {name!r}; there are {', '.join(TABLES)}."
            raise TableError(message)
        frame = self._tables[name].frame
        key = {"persons": "person_id", "locations": "location_id", "areas": "area_id"}.get(name)
        if key and frame[key].duplicated().any():
            frame = frame.groupby(key, sort=False, as_index=False).first()[list(frame.columns)]
        return frame.copy(deep=False)

    @property
    def cases(self) -> pd.DataFrame:
        """Episodes that are used."""
        return self.table("cases")

    @property
    def visits(self) -> pd.DataFrame:
        """Visits that are used, with the unplaced ones."""
        return self.table("visits")

    @property
    def locations(self) -> pd.DataFrame:
        """Declared locations, one row each."""
        return self.table("locations")

    @property
    def persons(self) -> pd.DataFrame:
        """Declared persons, one row each."""
        return self.table("persons")

    @property
    def contacts(self) -> pd.DataFrame:
        """Reported contacts that are used."""
        return self.table("contacts")

    @property
    def isolations(self) -> pd.DataFrame:
        """Isolation intervals that are used."""
        return self.table("isolations")

    @property
    def tests(self) -> pd.DataFrame:
        """Test results that are used."""
        return self.table("tests")

    @property
    def areas(self) -> pd.DataFrame:
        """Declared areas, one row each."""
        return self.table("areas")

    @property
    def disinfections(self) -> pd.DataFrame:
        """Disinfections that are used."""
        return self.table("disinfections")

    @property
    def rejects(self) -> pd.DataFrame:
        """Rows that are not used, and why."""
        frame: pd.DataFrame = self._parts["rejects"]
        return frame.copy(deep=False)

    @property
    def warnings(self) -> pd.DataFrame:
        """What looks wrong and costs no row."""
        frame: pd.DataFrame = self._parts["warnings"]
        return frame.copy(deep=False)

    @property
    def counts(self) -> pd.DataFrame:
        """Rows of each table: rows = used + rejected."""
        frame: pd.DataFrame = self._parts["counts"]
        return frame.copy(deep=False)

    @property
    def cases_without_visit(self) -> int:
        """How many cases no placed visit tells of."""
        return cases_without_visit(self._tables, len(self.person_ids))

    @property
    def area_parent(self) -> Codes:
        """Area that holds each area, by code; -1 none."""
        return self._area_parent

    @property
    def area_level(self) -> list[str]:
        """Level of each area, by code; "" where none is given."""
        areas = self._tables["areas"]
        words = areas.word("level")
        codes = assembly.first_given(areas.code("area_id"), words.codes, len(self.area_ids))
        return [words.values[code] if code >= 0 else "" for code in codes.tolist()]

    def area_ancestors(self, code: int) -> list[int]:
        """Codes of the areas that hold an area, from the inside out, without itself."""
        found, up = [], int(self._area_parent[code])
        while up >= 0:
            found.append(up)
            up = int(self._area_parent[up])
        return found

    def bounds(self, table: str, column: str) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
        """Earliest and latest moment of a column of times: equal for an instant."""
        used = self._tables[table]
        stamps = self.calendar.timestamps
        return stamps(used.early(column)), stamps(used.late(column))

    def second(self, moment: str | dt.date) -> int:
        """Second of a moment; a bare date means the end of that local day.

        Raises
        ------
        TableError
            If the moment cannot be read, or lies decades from the data.
        """
        raw = read_times(pd.Series([moment], dtype="object"))
        placed = place(raw, self.tz)
        if not placed.is_given[0]:
            message = (
                f"as_of = {moment!r} is no time.\n"
                '    Pass "2022-05-12 18:00", or "2022-05-12" for the end of that day.'
            )
            raise TableError(message)
        second = int(placed.hi[0]) - self.calendar.epoch
        if not BEFORE // 4 < second < NEVER // 4:
            message = (
                f"as_of = {moment} lies decades from the data, which begin on "
                f"{self.calendar.origin}.\n    Correct the year."
            )
            raise TableError(message)
        return second

    def as_of(self, moment: str | dt.date) -> TraceGraph:
        """Graph of what the team knew at a moment (RULE 29).

        Parameters
        ----------
        moment : str, date, datetime or Timestamp
            A bare date means the **end** of that local day; naive times are local.

        Returns
        -------
        TraceGraph
            Same codes; rows learnt later are gone. Going on from a graph that is
            already as of an earlier moment, the earlier one holds.
        """
        second = self.second(moment)
        if self.as_of_second is not None:
            second = min(second, self.as_of_second)
        tables = {name: table.take(table.known <= second) for name, table in self._tables.items()}
        graph = TraceGraph.__new__(TraceGraph)
        graph._fill(tables, self._parts, as_of_second=second, latest=self.default_as_of_second)
        # Keys of the cache name the moment, so graphs as of several moments can share it.
        object.__setattr__(graph, "cache", self.cache)
        return graph

    def trace(
        self,
        protocol: str | Protocol,
        *,
        as_of: str | dt.date | None = None,
    ) -> Trace:
        """Contacts of the cases under a protocol, as known at a moment.

        Parameters
        ----------
        protocol : str or Protocol
            Name of a preset, such as ``"china-8"``, or a protocol.
        as_of : str, date, datetime or Timestamp, optional
            See `as_of`; the latest second of the data where it is left out.
        """
        from tracegraph.tracing.trace import Trace

        return Trace.of(self, protocol, as_of=as_of)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def _restore(
    tables: dict[str, Table], parts: dict[str, Any], as_of_second: int | None, latest: int
) -> TraceGraph:
    """Unpickle a graph."""
    graph = TraceGraph.__new__(TraceGraph)
    graph._fill(tables, parts, as_of_second=as_of_second, latest=latest)
    return graph
