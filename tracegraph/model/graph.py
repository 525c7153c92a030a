"""The graph: what the team knows, as one immutable value (DESIGN 1, 2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model import assembly
from tracegraph.model.aliases import (
    aliases_frame,
    between_two,
    canonical_codes,
    merge,
    warn_of_aliases,
)
from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.checks.checked import Checked
from tracegraph.model.checks.diary import Diary, cases_without_visit
from tracegraph.model.checks.every import warn_of_all
from tracegraph.model.checks.links import blank_wrong_links
from tracegraph.model.duplicates import possible_duplicates, warn_of_duplicates
from tracegraph.model.equality import differences
from tracegraph.model.facts import Facts, Visits
from tracegraph.model.options import Options
from tracegraph.model.quality import as_frame as as_frame_of_measures, measures as measures_of
from tracegraph.model.reading.findings import Findings, as_frame
from tracegraph.model.reading.frames import from_native, joined
from tracegraph.model.reading.line_lists import lent_persons
from tracegraph.model.reading.naming import origins_of, rename
from tracegraph.model.reading.read import read_tables
from tracegraph.model.reading.times import place, read_times
from tracegraph.model.schemas import TABLES
from tracegraph.model.summary import as_html, as_text

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Codes
    from tracegraph.model.reading.frames import RawTable
    from tracegraph.model.reading.read import Reading
    from tracegraph.model.reading.tables import Table
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
    zone_history, rounds, measures : DataFrame
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
    kinds, statuses, found_in, contact_kinds, zone_names, measure_kinds, round_ids : tuple of str
        Words that codes stand for.
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
        "_canonical",
        "_facts",
        "_parts",
        "_tables",
        "_unplaced",
        "_written",
        "as_of_second",
        "cache",
        "default_as_of_second",
    )

    as_of_second: int | None
    default_as_of_second: int
    cache: dict[Any, Any]
    _written: dict[str, Table]  # codes as written: what is merged depends on the moment
    _tables: dict[str, Table]
    _canonical: Codes
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
        zone_history: Any = None,  # noqa: ANN401
        rounds: Any = None,  # noqa: ANN401
        measures: Any = None,  # noqa: ANN401
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
            "zone_history": zone_history,
            "rounds": rounds,
            "measures": measures,
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
        reading, listed, origins = self._read(parts, options, findings)
        checked = Checked(
            tables=reading.tables,
            given=listed,
            ids=reading.ids,
            findings=findings,
            now=options.moment() - reading.calendar.epoch,
        )
        tables = blank_wrong_links(checked)
        shared = {
            "calendar": reading.calendar,
            "ids": reading.ids,
            "counts": reading.counts,
            "given": reading.given,
            "origins": origins,
        }
        with ThreadPoolExecutor(1) as aside:  # a long log takes as long as all the rest
            diary = aside.submit(_diary_of, tables, len(reading.ids["person"]))
            self._fill(tables, shared, as_of_second=None, latest=None)
            warn_of_aliases(tables, self._tables, self.person_ids, findings)
            warn_of_duplicates(tables["persons"], self._canonical, findings)
            # persons as written: two ids of one person are not declared twice
            merged = {**self._tables, "persons": tables["persons"]}
            warn_of_all(replace(checked, tables=merged), self._facts, diary.result)
        if options.strict:
            findings.raise_rejected()
        shared["rejects"] = as_frame(findings.rejects)
        shared["warnings"] = as_frame(findings.warnings)

    @staticmethod
    def _read(
        parts: list[RawTable], options: Options, findings: Findings
    ) -> tuple[Reading, frozenset[str], pd.DataFrame]:
        """Read the parts, which are let go: a long log need not be in memory twice."""
        parts[:] = rename(parts, options.columns, findings)
        named: dict[str, list[RawTable]] = {}
        for part in parts:
            named.setdefault(part.name, []).append(part)
        named["cases"], lent = lent_persons(named.get("cases", []), findings)
        listed = frozenset(named)  # a line list of cases is no list of all persons
        named["persons"] = named.get("persons", []) + lent
        origins = origins_of(parts)
        parts.clear()
        raw = {name: joined(named.pop(name)) for name in TABLES if named.get(name)}
        return read_tables(raw, options, findings), listed, origins

    def _fill(
        self,
        tables: dict[str, Table],
        parts: dict[str, Any],
        *,
        as_of_second: int | None,
        latest: int | None,
        like: TraceGraph | None = None,
    ) -> None:
        """Make facts of the tables; those of visits are shared with a graph of the same ones."""
        ids = parts["ids"]
        written = tables
        canonical = canonical_codes(written["persons"], len(ids["person"]))
        tables = merge(written, canonical)
        if (
            like is not None
            and like._written["visits"] is written["visits"]
            and np.array_equal(like._canonical, canonical)
        ):
            visits, unplaced = like._facts.visits, like._unplaced
            tables = {**tables, "visits": like._tables["visits"]}
        else:
            visits, unplaced = assembly.placed_and_unplaced(tables["visits"])
        round_ids = assembly.round_ids(tables["tests"], tables["rounds"])
        facts = Facts(
            visits=visits,
            cases=assembly.cases_of(tables["cases"]),
            contacts=between_two(assembly.contacts_of(tables["contacts"])),
            isolations=assembly.isolations_of(tables["isolations"]),
            tests=assembly.tests_of(tables["tests"], round_ids),
            disinfections=assembly.disinfections_of(tables["disinfections"]),
            zone_history=assembly.zone_history_of(tables["zone_history"]),
            rounds=assembly.rounds_of(tables["rounds"], round_ids),
            measures=assembly.measures_of(tables["measures"]),
            locations=assembly.locations_of(
                tables["locations"], tables["persons"], len(ids["location"])
            ),
            persons=assembly.persons_of(tables["persons"], len(ids["person"])),
        )
        area_parent = assembly.area_parents(tables["areas"], len(ids["area"]))
        area_parent.flags.writeable = False
        if latest is None:
            latest = assembly.latest_second(facts, unplaced, tables)
        values = {
            "_written": written,
            "_tables": tables,
            "_canonical": canonical,
            "_parts": parts,
            "_facts": facts,
            "_unplaced": unplaced,
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
        state = (self._written, self._parts, self.as_of_second, self.default_as_of_second)
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
    def written(self) -> dict[str, Table]:
        """The same with the ids as written: who is whom depends on the moment."""
        return {name: self._written[name] for name in self.tables}

    @property
    def person_ids(self) -> pd.Index[Any]:
        """Sorted ids of persons; a code is a position here."""
        return self._ids("person")

    @property
    def canonical(self) -> Codes:
        """Person for whom each person code stands: itself, but for an alias."""
        return self._canonical

    @property
    def n_persons(self) -> int:
        """Persons; one of several ids counts once."""
        return len(self.person_ids) - len(self.aliases)

    @property
    def aliases(self) -> pd.DataFrame:
        """Ids that `persons.same_as` merged: `person_id`, and in `same_as` whom it stands for."""
        return aliases_frame(self._canonical, self.person_ids)

    def person_code(self, person: object) -> int:
        """Code of a person by any of their ids; -1 if no table names it."""
        code = int(self.person_ids.get_indexer_for(pd.Index([person])).item())
        return code if code < 0 else int(self._canonical[code])

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

    @property
    def zone_names(self) -> tuple[str, ...]:
        """Words for zones in `zone_history`, by code."""
        return self._tables["zone_history"].word("zone").values

    @property
    def measure_kinds(self) -> tuple[str, ...]:
        """Kinds of measures, by code."""
        return self._tables["measures"].word("kind").values

    @property
    def round_ids(self) -> tuple[str, ...]:
        """Rounds of tests that `tests` or `rounds` name, by code."""
        return assembly.round_ids(self._tables["tests"], self._tables["rounds"])

    def table(self, name: str) -> pd.DataFrame:
        """Rows of a table that are used; a copy that shares memory until written to."""
        if name not in TABLES:
            message = f"no table is called {name!r}; there are {', '.join(TABLES)}."
            raise TableError(message)
        made = ("frame", name, self.as_of_second)
        if made not in self.cache:
            self.cache[made] = _unpacked(self._tables[name])
        frame: pd.DataFrame = self.cache[made]
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
    def zone_history(self) -> pd.DataFrame:
        """Zones that were in force, as far as used."""
        return self.table("zone_history")

    @property
    def rounds(self) -> pd.DataFrame:
        """Rounds of tests that are used."""
        return self.table("rounds")

    @property
    def measures(self) -> pd.DataFrame:
        """Measures for whole areas that are used."""
        return self.table("measures")

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
    def origins(self) -> pd.DataFrame:
        """How each file was read, and what each of its headers was taken for."""
        frame: pd.DataFrame = self._parts["origins"]
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
        tables = {name: table.known_by(second) for name, table in self._written.items()}
        graph = TraceGraph.__new__(TraceGraph)
        if all(tables[name] is table for name, table in self._written.items()):
            for name in self.__slots__:  # nothing is masked: all is shared
                object.__setattr__(graph, name, getattr(self, name))
            object.__setattr__(graph, "as_of_second", second)
            return graph
        latest = self.default_as_of_second
        graph._fill(tables, self._parts, as_of_second=second, latest=latest, like=self)
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

    def save(
        self,
        target: str | os.PathLike[str],
        *,
        files: Literal["csv", "parquet"] | None = None,
        auth: tuple[str, str] | None = None,
        database: str | None = None,
    ) -> Path | str:
        """Write the graph as a folder, a DuckDB file or into Neo4j, for `tracegraph.read`.

        Parameters
        ----------
        target : path or address
            A new folder, an empty one, or one that was saved before, which is replaced. Or a
            file ``county.duckdb``, or an address ``neo4j://…``: the graph that is there is
            replaced, traces stay.
        files : {"csv", "parquet"}, optional
            Of a folder. CSV, the default, opens in a spreadsheet; Parquet is smaller, and other
            columns keep their types.
        auth : tuple of str, optional
            Name and password for Neo4j; `tracegraph.store` says what holds without it.
        database : str, optional
            Name of the database in Neo4j; its default one.

        Returns
        -------
        Path or str
            The folder or file, or the address.

        Raises
        ------
        TableError
            If the folder holds files that tracegraph did not save: nothing of others is deleted.
        StoreError
            If a database is held by another program, is full, newer, or none of ours.

        Notes
        -----
        Rejected rows and counts are saved too. A graph as of a moment is saved with what was
        known then, and is read back as of that moment. What is read back equals what was saved.
        """
        from tracegraph.stores.saving import save

        return save(self, target, files=files, auth=auth, database=database)

    def equals(self, other: TraceGraph) -> bool:
        """Whether another graph says the same: see `differences`."""
        return self.differences(other).empty

    def differences(self, other: TraceGraph) -> pd.DataFrame:
        """What this graph and another do not have in common; never a value.

        Compared are the zone, the moment it is as of, and of each table the rows in their
        order: ids, bounds of times, words, other columns as text, since when each row is
        known, what was rejected and how many rows there were. A column without any value
        is no column. Not compared are warnings and the names of the files.

        Returns
        -------
        DataFrame
            `table`, `column`, `kind` of difference, `count` of rows that differ.
        """
        return differences(self, other)

    def with_findings(self, *, rejects: pd.DataFrame, counts: pd.DataFrame) -> TraceGraph:
        """Graph of the same rows that accounts for those of an earlier reading too."""
        parts = {**self._parts, "rejects": rejects, "counts": counts}
        return _restore(self._written, parts, self.as_of_second, self.default_as_of_second)

    @property
    def left_out(self) -> int:
        """Rows that were used, and learnt only after the moment that the graph is as of."""
        rows = sum(len(table) for table in self.written.values())
        return int(self.counts["used"].sum()) - rows

    def of_all_times(self) -> TraceGraph:
        """Graph of the same rows as of no moment: rows that are learnt later may join them."""
        return _restore(self._written, self._parts, None, self.default_as_of_second)

    def quality(self) -> pd.DataFrame:
        """How much is missing in the tables: `trace.completeness` tells it of each case.

        Returns
        -------
        DataFrame
            `table`, `measure` (str), `count`, `of` (int64), `share` (float64; missing where
            there is nothing to count).

        Examples
        --------
        >>> cases = pd.DataFrame({"person_id": ["C1", "C2"], "onset": ["2022-05-09", None],
        ...                       "confirmed": ["2022-05-10"] * 2})
        >>> TraceGraph(cases=cases, tz="Asia/Shanghai").quality().head(3)
           table                  measure  count  of  share
        0  cases            rows rejected      0   2    0.0
        1  cases  cases without any visit      2   2    1.0
        2  cases   episodes without onset      1   2    0.5
        """
        return as_frame_of_measures(measures_of(self))

    def possible_duplicates(self, min_score: int = 65) -> pd.DataFrame:
        """Pairs of persons who may be one, by name, phone, birth and home; nobody is merged.

        Parameters
        ----------
        min_score : int
            1 to 100; `tracegraph.model.duplicates` says how it adds up.

        Returns
        -------
        DataFrame
            `person_id`, `other_id` (ids, the smaller first), `score` (int64), `reasons` (str;
            no name, no phone), `visits`, `other_visits` (int64; rows of each). By score.

        Examples
        --------
        >>> persons = pd.DataFrame({
        ...     "person_id": ["C1", "H-77"],
        ...     "name": ["Anna Schmidt", "SCHMIDT, Anna"],
        ...     "phone": ["+49 151 2345678", "0151-2345678"],
        ... })
        >>> cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})
        >>> graph = TraceGraph(cases=cases, persons=persons, tz="Europe/Berlin")
        >>> graph.possible_duplicates()[["person_id", "other_id", "score", "reasons"]]
          person_id other_id  score                reasons
        0        C1     H-77     90  same phone; same name
        """
        return possible_duplicates(self, min_score)

    def identify(self, codes: Iterable[str], *, key: bytes | str) -> pd.DataFrame:
        """Ids behind the codes of a page that was made with a key.

        Parameters
        ----------
        codes : iterable of str
            Such as "K7QF2M"; small letters do, and I, L and O are read as 1, 1 and 0.
        key : bytes or str
            The key that the page was made with.

        Returns
        -------
        DataFrame
            `code` as asked, `what` ("person", "location" or "area") and `id`; both are None
            where no id has the code. A code that two ids begin with is told twice.

        Raises
        ------
        ValueError
            If the key is shorter than 16 bytes, or fewer than 8 of them differ.

        Examples
        --------
        >>> cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})
        >>> graph = TraceGraph(cases=cases, tz="Asia/Shanghai")
        >>> graph.identify(["NHRX07"], key="a key of the team")
             code    what  id
        0  NHRX07  person  C1
        """
        from tracegraph.viz.pseudonyms import identify

        return identify(self, codes, key=key)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def _diary_of(tables: dict[str, Table], persons: int) -> Diary:
    """Diary of the visits, each alias being the person it stands for."""
    canonical = canonical_codes(tables["persons"], persons)
    return Diary.of(merge({"visits": tables["visits"]}, canonical)["visits"], persons)


def _unpacked(table: Table) -> pd.DataFrame:
    """Frame with its texts as texts."""
    return table.frame.astype(dict.fromkeys(table.packed, "str"))


def _restore(
    tables: dict[str, Table], parts: dict[str, Any], as_of_second: int | None, latest: int
) -> TraceGraph:
    """Unpickle a graph."""
    graph = TraceGraph.__new__(TraceGraph)
    graph._fill(tables, parts, as_of_second=as_of_second, latest=latest)
    return graph
