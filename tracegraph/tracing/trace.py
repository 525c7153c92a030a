"""Trace: the verdicts of one protocol on one graph as of one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import pandas as pd

from tracegraph.errors import NotTracedError
from tracegraph.exposure.hops import NO_TIER, WorldView, view
from tracegraph.exposure.presence import is_precise
from tracegraph.exposure.venues import case_presence, venue_meetings
from tracegraph.model.quality import declared_persons
from tracegraph.protocols.protocol import Protocol
from tracegraph.tracing.evidence import Evidence, by_person, in_order
from tracegraph.tracing.itinerary import completeness_table, itinerary_table
from tracegraph.tracing.streaming import BATCH_ROWS, check_size, chunks, exposure_batches
from tracegraph.tracing.summary import Summary, fallbacks
from tracegraph.tracing.tables import (
    exposures_table,
    ids,
    presence_table,
    tiers_table,
    venue_table,
    window_rows,
    windows_table,
)
from tracegraph.tracing.why import Why, evidence_path, nearest_miss

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import networkx as nx
    import numpy.typing as npt
    import pyarrow as pa
    from pyvis.network import Network

    from tracegraph.model.graph import TraceGraph
    from tracegraph.viz.frame import Frame
    from tracegraph.zones.redraw.plan import Plan
    from tracegraph.zones.redraw.weights import ZoneWeights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Trace:
    """Who was exposed to whom, where and when, by one protocol as of one moment.

    Made by `TraceGraph.trace`; immutable. Frames are computed when first asked for.

    Parameters
    ----------
    graph : TraceGraph
        The facts known as of `as_of`.
    protocol : Protocol
    outer, inner : WorldView
        The two worlds of RULE 25: widest windows and stays, and narrowest.

    Examples
    --------
    >>> import tracegraph as tg
    >>> graph = tg.TraceGraph(
    ...     cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09 08:00"]}),
    ...     visits=pd.DataFrame({
    ...         "person_id": ["C1", "P1"],
    ...         "location_id": ["W3", "W3"],
    ...         "arrive": ["2022-05-09 10:00", "2022-05-09 10:30"],
    ...         "depart": ["2022-05-09 11:00", "2022-05-09 12:00"],
    ...     }),
    ...     locations=pd.DataFrame({"location_id": ["W3"], "kind": ["office"]}),
    ...     tz="Asia/Shanghai",
    ... )
    >>> trace = graph.trace("china-8")
    >>> trace.tiers[["person_id", "tier", "certainty", "minutes"]]
      person_id  tier certainty  minutes
    0        C1     0   certain     30.0
    1        P1     1   certain     30.0
    """

    graph: TraceGraph
    protocol: Protocol
    outer: WorldView
    inner: WorldView
    _made: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        graph: TraceGraph,
        protocol: Protocol | str,
        *,
        as_of: pd.Timestamp | dt.date | str | None = None,
    ) -> Trace:
        """Trace `graph` by `protocol`; see `TraceGraph.trace`."""
        rule = Protocol.named(protocol) if isinstance(protocol, str) else protocol
        # A second after the last that is told: what ended then is over, not ongoing.
        latest = graph.calendar.timestamps([graph.default_as_of_second + 1])[0]
        known = graph.as_of(latest if as_of is None else as_of)
        outer = view(known, rule, "outer")
        inner = outer if is_precise(known) else view(known, rule, "inner")
        return cls(graph=known, protocol=rule, outer=outer, inner=inner)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # frames of any kind
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def as_of(self) -> pd.Timestamp:
        """The moment as of which this was traced, in the graph's zone."""
        moment: pd.Timestamp = self.graph.calendar.timestamps([self.as_of_second])[0]
        return moment

    @property
    def as_of_second(self) -> int:
        """The same, in seconds since the graph's origin."""
        return self.graph.now

    @property
    def tiers(self) -> pd.DataFrame:
        """One row a traced person, by tier and id.

        Returns
        -------
        DataFrame
            - `person_id`: id
            - `tier`: Int8; 0 case, 1 close contact, 2 secondary contact, …
            - `certainty`: str; "certain" where the narrowest reading of all imprecise
              times gives the same tier, else "possible"
            - `tier_certain`: Int8; the tier by that reading, missing if none
            - `contact_tier`: Int8; least number of hops, for cases too; missing if none
            - `class`: str; close, seat, inside_isolation, same_day, household, reported
            - `first_exposure`, `last_exposure`: datetime64[s, tz]
            - `n_sources`: int32, persons
            - `minutes`: float64, over all exposures of the person's own tier; NaN if untimed
            - `source_id`, `location_id`: id; of the decisive exposure (RULE 27)
            - `clause`: str; by what rule
            - `quarantine_until`: datetime64[s]; local date of release, missing if ongoing
            - `ongoing`: bool; the last exposure had not ended as of now
        """
        frame: pd.DataFrame = self._once(
            "tiers", lambda: tiers_table(self.outer, self.inner, self._people())
        )
        return frame.copy()

    @property
    def _rows(self) -> pd.DataFrame:
        def make() -> pd.DataFrame:
            check_size(self.n_exposures)
            return in_order(self._evidence.rows(self._counts > 0))

        rows: pd.DataFrame = self._once("rows", make)
        return rows

    def _people(self) -> pd.DataFrame:
        """One row an exposed person, from rows of which few are held at a time."""
        if "rows" in self._made or self.n_exposures <= BATCH_ROWS:
            return by_person(self._rows)
        parts = (self._evidence.rows(who) for who in chunks(self._counts, BATCH_ROWS))
        return pd.concat([by_person(in_order(rows)) for rows in parts])

    @property
    def n_exposures(self) -> int:
        """Number of rows `exposures()` has, known before they are built."""
        return int(self._counts.sum())

    @property
    def _counts(self) -> npt.NDArray[np.int64]:
        made: npt.NDArray[np.int64] = self._once("counts", self._evidence.number)
        return made

    @property
    def _evidence(self) -> Evidence:
        made: Evidence = self._once("evidence", lambda: Evidence.of(self.outer, self.inner))
        return made

    @overload
    def exposures(
        self, *, tier: int | None = ..., person: object | None = ...,
        location: object | None = ..., batches: Literal[False] = ...,
    ) -> pd.DataFrame: ...  # fmt: skip
    @overload
    def exposures(
        self, *, tier: int | None = ..., batches: Literal[True]
    ) -> Iterator[pa.RecordBatch]: ...
    def exposures(
        self,
        *,
        tier: int | None = None,
        person: object | None = None,
        location: object | None = None,
        batches: bool = False,
    ) -> pd.DataFrame | Iterator[pa.RecordBatch]:
        """One row an exposure by which somebody is a contact of their tier.

        Parameters
        ----------
        tier : int, optional
            Only those that make contacts of this tier: 1 close, 2 secondary.
        person : id, optional
            Only those of this contact or source, by any of their ids.
        location : id, optional
            Only those at this location.
        batches : bool
            Stream the rows instead of building them all: a batch holds 500,000 at most, unless
            one contact has more, and all rows of a contact in no order. Ids, classes and
            clauses are dictionaries. `person` and `location` are then left to the reader.

        Returns
        -------
        DataFrame, or iterator of pyarrow.RecordBatch
            `contact_id`, `tier` (Int8), `source_id`, `location_id`, `start`, `end`
            (datetime64[s, tz]), `minutes` (with linger) and `minutes_together` (without;
            both float64, NaN if untimed), `class`, `channel` (visit, co_residence,
            reported), `certainty`, `clause`. By contact, decisive exposure first.

        Raises
        ------
        TooLargeError
            If the frame would have more than 20,000,000 rows: `n_exposures` is known before.
        ValueError
            If `person` or `location` is asked of batches.

        Examples
        --------
        >>> import tracegraph as tg
        >>> trace = tg.datasets.county(seed=1, n_people=2_000).graph().trace("china-8")
        >>> batches = trace.exposures(batches=True)
        >>> sum(batch.num_rows for batch in batches) == trace.n_exposures
        True
        """
        if batches:
            return self._batches(tier, (person, location))
        frame: pd.DataFrame = self._once(
            "exposures", lambda: exposures_table(self.outer, self._rows)
        )
        if tier is not None:
            frame = frame[(frame["tier"] == tier).to_numpy(bool)]
        if person is not None:
            person = self._canonical_id(person)
            either = (frame["contact_id"] == person) | (frame["source_id"] == person)
            frame = frame[either.to_numpy(bool)]
        if location is not None:
            frame = frame[(frame["location_id"] == location).fillna(False).to_numpy(bool)]  # noqa: FBT003  # the fill value
        return frame.reset_index(drop=True)

    def _batches(
        self, tier: int | None, others: tuple[object | None, object | None]
    ) -> Iterator[pa.RecordBatch]:
        if others != (None, None):
            message = (
                "batches are not picked by person or location.\n"
                '    Filter each batch: batch.filter(pc.field("location_id") == …).'
            )
            raise ValueError(message)
        number = self._counts
        if tier is not None:
            number = np.where(self.outer.contact_tier == tier, number, 0)
        return exposure_batches(self._evidence, number)

    @property
    def venue_contacts(self) -> pd.DataFrame:
        """People at the same place and time as a case, without a close exposure (RULE 16).

        Returns
        -------
        DataFrame
            `person_id`, `source_id`, `location_id` (the innermost place they shared),
            `start`, `end`, `minutes` of the first meeting; `n_exposures`, `certainty`.
        """

        def make() -> pd.DataFrame:
            met = venue_meetings(self.outer)
            sure = met if self.inner is self.outer else venue_meetings(self.inner)
            return venue_table(self.outer, met, sure)

        frame: pd.DataFrame = self._once("venue_contacts", make)
        return frame.copy()

    @property
    def windows(self) -> pd.DataFrame:
        """Infectious periods: `person_id`, `start`, `end`, `certain_start`, `certain_end`.

        One row a piece, isolation taken out.
        """
        return windows_table(self.outer, self.inner)

    @property
    def completeness(self) -> pd.DataFrame:
        """How much of each case's infectious period is on record.

        Returns
        -------
        DataFrame
            `person_id`; `infectious_hours` up to as-of, `unknown_hours` of them without a
            recorded place (float64; home counts only where a visit says so), `unknown_share`
            (float64, missing if there is no such hour), `visits` (int64, with a place).
        """
        return completeness_table(self.outer)

    @property
    def home_windows(self) -> pd.DataFrame:
        """When each case was infectious at home: `person_id`, `start`, `end`."""
        cases = np.flatnonzero(self.outer.is_case).astype(np.int32)
        home = self.graph.facts.persons.home[cases]
        window = self.outer.book.window_id(cases, home)
        rows = window_rows(self.outer.hops[0].sources, cases, window)
        return pd.DataFrame({
            "person_id": ids(self.graph.person_ids, rows["person"]),
            "start": self.graph.calendar.timestamps(rows["start"]),
            "end": self.graph.calendar.timestamps(rows["end"]),
        })  # fmt: skip

    def case_presence(self) -> pd.DataFrame:
        """Stays of cases inside their infectious periods.

        Returns
        -------
        DataFrame
            `person_id`, `location_id`, `start`, `end`.
        """
        return presence_table(self.outer, case_presence(self.outer))

    @property
    def expected(self) -> pd.DataFrame:
        """Visits that start at or after as-of, such as tickets: no exposure yet (RULE 30)."""
        visits = self.graph.visits
        return visits[visits["arrive"] >= self.as_of].reset_index(drop=True)

    def itinerary(self, person: object) -> pd.DataFrame:
        """Where a person was, with the gaps in what is known.

        Parameters
        ----------
        person : id

        Returns
        -------
        DataFrame
            `arrive`, `depart`, `location_id`, `kind`, `imputed` (the end was missing),
            `in_window` (meets the infectious period), `gap` (no place known).

        Raises
        ------
        NotTracedError
            If the graph knows no such person.
        """
        return itinerary_table(self.outer, self._code(person))

    def why(self, person: object) -> Why:
        """Evidence path from a case to a person; for someone outside, the nearest miss.

        Parameters
        ----------
        person : id

        Raises
        ------
        NotTracedError
            If the graph knows no such person.
        """
        code, asked = self._code(person), person
        person = self._canonical_id(person)
        told = f"{asked} is {person}. " if asked != person else ""
        path = evidence_path(self.outer, self.inner, code)
        tier = int(self.outer.tier[code])
        if tier == NO_TIER:
            venue = self.venue_contacts
            venue = venue[(venue["person_id"] == person).to_numpy(bool)]
            miss = nearest_miss(self.outer, code, venue)
            verdict = f"{told}{person} is not traced" + (
                ", a venue contact only." if len(venue) else "."
            )
            return Why(person_id=person, verdict=verdict, path=path, miss=miss)
        tiers = self.tiers
        row = tiers[(tiers["person_id"] == person).to_numpy(bool)].iloc[0]
        name = "case" if tier == 0 else self.protocol.tier[tier - 1].name
        verdict = f"{told}{person}: {name} (tier {tier}, {row['certainty']})"
        if tier and not pd.isna(row["quarantine_until"]):
            verdict += f", quarantine until {row['quarantine_until']:%Y-%m-%d}"
        elif row["ongoing"]:
            verdict += ", still exposed: no date of release yet"
        return Why(person_id=person, verdict=f"{verdict}.", path=path)

    def _code(self, person: object) -> int:
        code = self.graph.person_code(person)
        if code < 0:
            dtype = self.graph.person_ids.dtype
            message = f"no table names a person {person!r}; ids of persons are {dtype}."
            raise NotTracedError(message)
        return code

    def _canonical_id(self, person: object) -> object:
        code = self.graph.person_code(person)
        known_as = person if code < 0 else self.graph.person_ids[code]
        return person if known_as == person else known_as

    @property
    def summary(self) -> Summary:
        """Counts, completeness and fallbacks."""
        made: Summary = self._once("summary", self._summary)
        return made

    def _summary(self) -> Summary:
        tier, sure = self.outer.tier, self.inner.tier
        names = ["cases", *(f"{t.name}s" for t in self.protocol.tier)]
        hours = self.completeness
        contacts = np.flatnonzero((tier > 0) & (tier < NO_TIER))
        return Summary(
            protocol=self.protocol.name,
            as_of=self.as_of,
            tiers=tuple(
                (name, int((tier == k).sum()), int(((tier == k) & (sure == k)).sum()))
                for k, name in enumerate(names)
            ),
            venue_contacts=len(self.venue_contacts),
            exposures=self.n_exposures,
            persons=self.graph.n_persons,
            visits=len(self.graph.visits),
            rejected=int(self.graph.counts["rejected"].sum()),
            cases_without_visit=self.graph.cases_without_visit,
            unplaced_visits=len(self.graph.unplaced),
            contacts_without_row=int((~declared_persons(self.graph)[contacts]).sum()),
            unknown_hours=float(hours["unknown_hours"].sum()),
            infectious_hours=float(hours["infectious_hours"].sum()),
            cases_half_unknown=int((hours["unknown_share"] > 0.5).sum()),
            expected=len(self.expected),
            notes=fallbacks(self.graph),
        )

    def __repr__(self) -> str:
        """Counts only: notebooks are mailed."""
        return str(self.summary)

    def zones(self) -> pd.DataFrame:
        """Evidence of each area at each level, and the zone that the clauses require.

        See `tracegraph.zones.requirements.required_zones` for the columns.
        """
        from tracegraph.zones.requirements import required_zones

        return required_zones(self)

    def screening(self) -> pd.DataFrame:
        """How far each round of tests has come in each area: coverage, pools, recalls.

        See `tracegraph.zones.screening.screening_rounds` for the columns.
        """
        from tracegraph.zones.screening import screening_rounds

        return screening_rounds(self)

    def redraw_zones(  # noqa: PLR0913  # each is a wish of the caller
        self,
        *,
        weights: ZoneWeights | None = None,
        risk: Mapping[Any, float] | pd.Series[float] | pd.DataFrame | None = None,
        at_least: Mapping[Any, str] | pd.DataFrame | None = None,
        at_most: Mapping[Any, str] | pd.DataFrame | None = None,
        clauses: bool = True,
        neighbours: str | pd.DataFrame = "auto",
        max_people: float | None = None,
        max_checkpoints: float | None = None,
        seconds: float = 60.0,
    ) -> Plan:
        """Plan which zones to tighten, keep, release, split or extend.

        Every finest area gets a label, none < precaution < control < lockdown, so that the risk
        that goes on, the people restricted, the borders to guard and the changes from today's
        zones weigh least together. What the clauses demand is never undercut.

        Parameters
        ----------
        weights : ZoneWeights, optional
            What each of them is worth; `tg.ZoneWeights()` by default.
        risk : dict, Series or DataFrame, optional
            Your own expected further infections, by area id (or columns `area_id`, `risk`),
            instead of `zones.redraw.risk`; all of it outside homes. A larger area's is shared out
            by population.
        at_least, at_most : dict or DataFrame, optional
            Bounds beyond the clauses: ``{"A00012": "control"}``, or columns `area_id`, `zone`.
            They hold for all that lies inside.
        clauses : bool
            Whether the labels that the clauses require are floors.
        neighbours : {"auto", "geometry", "movement"} or DataFrame
            Which areas adjoin: by their outlines, by trips between them, or a frame
            (`area_id`, `neighbour_id`, optional `strength`). "auto": by outlines if half of
            the finest areas have one.
        max_people : float, optional
            Most persons under control or lockdown.
        max_checkpoints : float, optional
            Most borders around restricted areas.
        seconds : float
            With a budget, after which the best plan found is taken; `Plan.solver` names the gap.

        Returns
        -------
        Plan

        Raises
        ------
        ProtocolError
            If the protocol has no zones.
        TableError
            If the graph has no areas, a wish names an unknown area or zone, or bounds
            contradict each other.
        ValueError
            If no plan keeps to the budget.
        """
        from tracegraph.zones.redraw.budget import Budget
        from tracegraph.zones.redraw.plan import redraw
        from tracegraph.zones.redraw.setting import Wishes
        from tracegraph.zones.redraw.weights import ZoneWeights

        wishes = Wishes(
            weights=weights or ZoneWeights(),
            risk=risk,
            at_least=at_least,
            at_most=at_most,
            clauses=clauses,
            neighbours=neighbours,
        )
        budget = Budget(people=max_people, checkpoints=max_checkpoints, seconds=seconds)
        return redraw(self, wishes, budget)

    def save(
        self,
        target: str | os.PathLike[str],
        *,
        name: str | None = None,
        auth: tuple[str, str] | None = None,
        database: str | None = None,
    ) -> str:
        """Keep the verdicts in a DuckDB file or in Neo4j, beside those of other traces.

        Parameters
        ----------
        target : path or address
            A file ``county.duckdb``, or an address ``neo4j://…``. If it holds no graph, that of
            the trace is saved too, unless rows were learnt after the moment of the trace: save
            the whole graph first.
        name : str, optional
            By default protocol and moment, such as ``"china-8 as of 2022-05-12 18:00"``.
        auth : tuple of str, optional
            Name and password for Neo4j; `tracegraph.store` says what holds without it.
        database : str, optional
            Name of the database in Neo4j; its default one.

        Returns
        -------
        str
            The name, for `tracegraph.store(target).read_trace(name)`.

        Raises
        ------
        StoreError
            If there is a trace of that name, the database cannot be used, or it holds no graph
            and that of the trace is not the whole.
        """
        from tracegraph.stores.opening import save_trace

        return save_trace(self, target, name=name, auth=auth, database=database)

    def to_html(  # noqa: PLR0913  # each is an option of the page
        self,
        path: str | Path,
        *,
        identities: bool = False,
        key: bytes | str | None = None,
        lang: str = "en",
        title: str | None = None,
        max_nodes: int = 2_000,
        stays: Literal["needed", "all"] | None = None,
    ) -> Path:
        """Write the trace as one offline page: network, chains by date, itineraries.

        Parameters
        ----------
        path : path
            The file; one that exists is replaced.
        identities : bool
            Whether ids, names and every other column of persons, cases and locations stand in
            the page. By default everyone is a code, such as "contact K7QF2M".
        key : bytes or str, optional
            Secret of at least 16 bytes, 8 of them different. With one key an id has the same
            code in every page, and `graph.identify` leads from the code to the id. By default
            nothing does.
        lang : {"en", "zh"}
            Language of the page.
        title : str, optional
            Heading.
        max_nodes : int
            More nodes than this are gathered in counted bubbles, the outermost tiers first.
        stays : {"needed", "all"}, optional
            Which stays of contacts the page holds; of cases it holds all. "needed": those that
            end after the first exposure begins, and of the outermost tier only those that meet
            the time from the first exposure to the last. A contact's whereabouts before are no
            matter of the trace. By default "needed", with `identities` "all".

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            If the key could be guessed, the language or `stays` is unknown, or `max_nodes` is
            less than one.
        """
        from tracegraph.viz.page import write_page

        return write_page(
            self, path, identities=identities, key=key, lang=lang, title=title,
            max_nodes=max_nodes, stays=stays,
        )  # fmt: skip

    def show(self, height: int = 720, **options: Any) -> Frame:  # noqa: ANN401  # of to_html
        """Show the page in a notebook, without a file.

        Parameters
        ----------
        height : int
            Of the frame, in pixels.
        **options
            As of `to_html`. Mind that a notebook keeps what it shows.

        Returns
        -------
        Frame
            What Notebook, JupyterLab and VS Code draw as the last line of a cell.
        """
        from tracegraph.viz.page import framed

        return framed(self, height, **options)

    def to_networkx(self, *, max_edges: int = 1_000_000) -> nx.MultiDiGraph[tuple[str, object]]:
        """Return the traced people and places as a networkx graph with typed nodes.

        Parameters
        ----------
        max_edges : int
            Refuse to build more edges than this.

        Raises
        ------
        TooLargeError
            If there would be more edges.
        """
        from tracegraph.interop.networks import to_networkx

        return to_networkx(self, max_edges=max_edges)

    def to_pyvis(
        self,
        *,
        identities: bool = False,
        key: bytes | str | None = None,
        lang: str = "en",
        max_nodes: int = 2_000,
    ) -> Network:
        """Return the network of the page as a `pyvis.network.Network`, physics off.

        Parameters
        ----------
        identities, key, lang, max_nodes
            As of `to_html`.

        Returns
        -------
        pyvis.network.Network
            Nodes "p0", "p1", … are persons, "l0" places, "b0" bubbles; they stand where they
            stand in the page, and their titles are its cards. One edge an exposure, from its
            place, or its source, to the contact. Mind that no `cdn_resources` of pyvis gives a
            page that asks for nothing: `to_html` does.
        """
        from tracegraph.interop.drawn import to_pyvis

        return to_pyvis(self, identities=identities, key=key, lang=lang, max_nodes=max_nodes)
