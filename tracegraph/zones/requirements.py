"""The zone that a protocol's clauses demand of each area, with evidence and reason."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import ProtocolError
from tracegraph.tracing.tables import ids
from tracegraph.zones.criteria import LABELS, Demand, demands, in_words, reached, unjudged
from tracegraph.zones.evidence import area_evidence
from tracegraph.zones.ground import codes, column, survey
from tracegraph.zones.in_force import zones_in_force
from tracegraph.zones.labels import CONTROL, PRECAUTION, in_words as label_words
from tracegraph.zones.measures import measures_told
from tracegraph.zones.presence import find_presence
from tracegraph.zones.release import ENDED, Record, Standing, by_dates_alone, stand, strongest
from tracegraph.zones.screening import Screening, specimens
from tracegraph.zones.tree import NOWHERE, UNDATED, AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.protocols.protocol import Zones
    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.ground import Ground
    from tracegraph.zones.in_force import InForce
    from tracegraph.zones.presence import Presence

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

logger = logging.getLogger(__name__)


def required_zones(trace: Trace) -> pd.DataFrame:
    """Evidence of each area at each level, and the zone that the clauses require.

    Evidence counts the area and all that it holds. Criteria judge the areas of their own
    levels only; what they demand holds for all that lies inside. A demand stands until
    the protocol's release has been met.

    Parameters
    ----------
    trace : Trace
        Of a graph with `areas`, by a protocol with zones.

    Returns
    -------
    DataFrame
        One row an area, by id.

        - `area_id`, `parent_id`, `level`, `name`
        - `population`, `households`: int64; as `areas` gives them, else counted
        - `vulnerable`: int64; persons of whom `persons.vulnerable` says yes, by home
        - `cases_resident`: int64; cases whose home lies here
        - `cases_resident_infectious`: those who were at home, or elsewhere in the area,
          while infectious (`zones.presence` says when that is so)
        - `cases_stayed`: cases with a stay here while infectious and not isolated
        - `case_minutes`: float64; person-minutes of these stays
        - `activity_minutes`: float64; of these, at places of work or activity: no home, no
          isolation site, no street, station or vehicle (`zones.passage` of the protocol)
        - `positives_resident`: persons living here, found positive and in no row of `cases`
        - `found_in`: str; of the cases living or staying here
        - `last_case`: datetime64[s, tz]; latest confirmation, else anchor, of a case that
          lived or stayed here while infectious; or specimen of `positives_resident`
        - `exposures`: exposures to cases here, `exposures_secondary`: to contacts; without
          those inside isolation sites
        - `close_contacts_resident`, `secondary_contacts_resident`: by home
        - `close_contacts_exposed`: persons exposed to a case here
        - `venue_contacts`: persons whose first venue contact was here
        - `activity_contacts`: persons exposed to a case here, at such places
        - `hard_to_trace`: persons who met a case here, at such places, unnamed and on no roll:
          venue contacts in no row of `contacts` who came on fewer than 3 days (a working value
          of tracegraph), close contacts in no row of `persons`
        - `last_exposure`: datetime64[s, tz]; of close contacts living or exposed here, cut
          at their isolation; `ongoing`: bool; not over yet
        - `contacts_untested`: int64; of those of that last day, no cases, who have no negative
          specimen since; `contacts_cleared`: datetime64[s, tz]; when the last had one
        - `last_screening`: datetime64[s, tz]; latest test of a resident
        - `screened`: float64; share tested negative in the days of the release clause (2
          without one), of the people who should be inside
        - `positives`: int64; persons with a positive specimen of their own in these days
        - `recalled`: int64; members of a positive pool without a later result of their own
        - `measures`: str; kinds of `measures` in force here or around
        - `zone_now`: ordered category; by `zone_history`, else `areas.zone`, else that of the
          area around it; `zone_since`: datetime64[s, tz]; missing if unknown
        - `required`: ordered category none < precaution < control < lockdown
        - `clause`, `reason`: str
        - `required_by`: id of the area that demanded it; missing where nothing is required
        - `release_earliest`: datetime64[s]; local date, missing where nobody can tell yet;
          `release_case_days`, `release_contact_days`, `release_screening`: datetime64[s]; the
          first local date on which each clause may be met, missing where the protocol has no
          such clause, or the tables have no date for it yet
        - `release_waits_for`: str; conditions that are not met as of now

    Raises
    ------
    ProtocolError
        If the protocol has no zones.
    TableError
        If the graph has no areas.
    """
    zones = zones_of(trace)
    ground = survey(trace)
    return required_by_clauses(ground, zones_in_force(ground, zones))


def zones_of(trace: Trace) -> Zones:
    """Zones of the trace's protocol.

    Raises
    ------
    ProtocolError
        If it has none.
    """
    zones = trace.protocol.zones
    if zones is None:
        msg = (
            f"protocol {trace.protocol.name!r} has no zones: it says nothing about areas.\n"
            '    Use one that does, such as "china-8".'
        )
        raise ProtocolError(msg)
    return zones


def required_by_clauses(ground: Ground, held: InForce) -> pd.DataFrame:
    """What `required_zones` returns, of a ground and its zones in force."""
    trace, zones = ground.trace, zones_of(ground.trace)
    presence, rounds = find_presence(ground), Screening.of(specimens(ground))
    evidence = area_evidence(ground, presence, ground.tree, rounds)
    _log_unplaced(ground, presence)
    standings, by = _labels(ground, zones, evidence, rounds)
    _add_notes(ground, presence, rounds, standings)
    return pd.concat(
        [_names(trace), evidence, _now(ground, held), _verdicts(trace, standings, by)], axis=1
    )


def _labels(
    ground: Ground, zones: Zones, evidence: pd.DataFrame, rounds: Screening
) -> tuple[list[Standing], Whole]:
    """Standing of each area, and the area that demanded it (-1 none)."""
    trace, level = ground.trace, ground.trace.graph.area_level
    record = Record(ground, evidence, rounds)
    found: dict[int, list[Standing]] = {}
    for label in LABELS[: CONTROL - 1 : -1]:
        for demand in demands(trace.protocol, label, ground.tree, level, evidence):
            found.setdefault(demand.area, []).append(stand(demand, zones, record))
    own = {area: strongest(each) for area, each in found.items()}
    for area, standing in _precautions(ground, zones, record, own, evidence).items():
        own[area] = strongest([standing, own[area]]) if area in own else standing
    return _inherit(ground, own)


def _precautions(
    ground: Ground,
    zones: Zones,
    record: Record,
    own: dict[int, Standing],
    evidence: pd.DataFrame,
) -> dict[int, Standing]:
    """Precaution of the counties: around stronger zones, or by a criterion of their own.

    `own` has a standing for every area of which control or more was ever demanded.
    """
    if zones.precaution is None:
        return {}
    counties = _counties(ground, zones)
    found = _rests_of_counties(ground, zones, own, counties)
    demanded = np.zeros(len(ground.tree), dtype=bool)
    demanded[list(own)] = True
    quiet = counties & ~ground.tree.holds(demanded)
    return found | _by_own_criterion(ground, zones, record, quiet, evidence)


def _counties(ground: Ground, zones: Zones) -> Flags:
    """Areas of which precaution zones are the rest; outermost areas where no level fits."""
    criteria = zones.precaution.criteria if zones.precaution else ()
    levels = {level for criterion in criteria for level in criterion.levels}
    at_level = np.isin(np.asarray(ground.trace.graph.area_level, dtype=object), list(levels))
    judge = ground.tree.nearest(at_level)
    judge = np.where(judge == NOWHERE, ground.tree.top(), judge)
    flags = np.zeros(len(judge), dtype=bool)
    flags[judge[ground.tree.are_finest()]] = True
    return flags


def _rests_of_counties(
    ground: Ground, zones: Zones, own: dict[int, Standing], counties: Flags
) -> dict[int, Standing]:
    """Precaution of every county that holds a control or lockdown zone."""
    strong = {area: standing for area, standing in own.items() if standing.label >= CONTROL}
    areas = np.array(list(strong), dtype=np.int64)
    label = np.zeros(len(ground.tree), dtype=np.int64)
    label[areas] = [standing.label for standing in strong.values()]
    around = _strongest_around(ground.tree, label)
    inside: dict[int, list[int]] = {}
    for position, at in ground.tree.upwards(areas):
        for area, county in zip(areas[position], at, strict=True):
            if counties[county]:
                inside.setdefault(int(county), []).append(int(area))
    titles = _Titles(ground.trace)
    return {
        county: _rest_of(
            titles.of(county),
            zones,
            [strong[area] for area in within],
            label[[area for area in within if around[area] < label[area]]],
        )
        for county, within in inside.items()
    }


def _rest_of(title: str, zones: Zones, within: list[Standing], outermost: Whole) -> Standing:
    """Precaution of a county, by the zones inside and the labels of the outermost of them."""
    counts = [
        f"{n} {name}" for name in ("lockdown", "control")
        if (n := int((outermost == LABELS.index(name)).sum()))
    ]  # fmt: skip
    last = [standing.earliest for standing in within]
    criteria = zones.precaution.criteria if zones.precaution else ()
    return Standing(
        label=PRECAUTION,
        clause=criteria[0].clause if criteria else "",
        reason=f"rest of {title}, which holds {' and '.join(counts)} zones",
        earliest=UNDATED if UNDATED in last else max(last),
        waits_for=f"the end of every lockdown and control zone in {title}",
    )


def _strongest_around(tree: AreaTree, label: Whole) -> Whole:
    """Strongest label of the areas that hold each area, itself left out."""
    inherited = tree.handed_down(label, 0)
    return np.where(tree.parent == NOWHERE, 0, inherited[tree.parent])


def _by_own_criterion(
    ground: Ground, zones: Zones, record: Record, quiet: Flags, evidence: pd.DataFrame
) -> dict[int, Standing]:
    """Precaution by its own criteria, where no stronger zone was ever demanded inside."""
    criteria = zones.precaution.criteria if zones.precaution else ()
    found: dict[int, Standing] = {}
    alone = by_dates_alone(zones)
    for number, criterion in enumerate(criteria):
        holds = quiet & reached(criterion, evidence)
        said = in_words(ground.trace.protocol, "precaution", number, holds, evidence)
        for area, words in said.items():
            demand = Demand(area=area, label="precaution", clause=criterion.clause, reason=words)
            if area not in found:
                found[area] = stand(demand, alone, record)
    return found


def _inherit(ground: Ground, own: dict[int, Standing]) -> tuple[list[Standing], Whole]:
    """Hand labels down: an area has its own, or a stronger one of an area around it."""
    nothing = Standing(label=ENDED, clause="", reason="")
    tree = ground.tree
    standings = [own.get(area, nothing) for area in range(len(tree))]
    by = np.array([a if s.label else NOWHERE for a, s in enumerate(standings)], dtype=np.int64)
    for area in np.argsort(tree.depth(), kind="stable").tolist():
        up = int(tree.parent[area])
        if up != NOWHERE and standings[up].label > standings[area].label:
            standings[area], by[area] = standings[up], by[up]
    return standings, by


def _add_notes(
    ground: Ground, presence: Presence, rounds: Screening, standings: list[Standing]
) -> None:
    """Say where evidence lies directly in an area that is too large to be judged."""
    holders = np.unique(ground.area[ground.area >= 0])
    if ground.tree.are_finest()[holders].all():
        return
    alone = AreaTree(parent=np.full(len(ground.tree), NOWHERE))
    direct = area_evidence(ground, presence, alone, rounds)
    protocol, level = ground.trace.protocol, ground.trace.graph.area_level
    for area, note in unjudged(protocol, ground.tree, level, direct).items():
        was = standings[area]
        reason = "; ".join(text for text in (was.reason, note) if text)
        standings[area] = replace(was, reason=reason)


def _verdicts(trace: Trace, standings: list[Standing], by: Whole) -> pd.DataFrame:
    titles = _Titles(trace)
    reasons = [
        f"in {titles.of(demander)}: {s.reason}"
        if demander not in (NOWHERE, area) and LABELS[s.label] != "precaution"
        else s.reason
        for area, (s, demander) in enumerate(zip(standings, by.tolist(), strict=True))
    ]
    return pd.DataFrame({
        "required": label_words([s.label for s in standings]),
        "clause": pd.array([s.clause for s in standings], dtype="str"),
        "reason": pd.array(reasons, dtype="str"),
        "required_by": ids(trace.graph.area_ids, by),
        "release_earliest": _dates(trace, [s.earliest for s in standings]),
        "release_case_days": _dates(trace, [s.case_day for s in standings]),
        "release_contact_days": _dates(trace, [s.contact_day for s in standings]),
        "release_screening": _dates(trace, [s.screening_day for s in standings]),
        "release_waits_for": pd.array([s.waits_for for s in standings], dtype="str"),
    })  # fmt: skip


def _dates(trace: Trace, days: list[int]) -> pd.DatetimeIndex:
    """Local dates of days since the origin's date; missing where `UNDATED`."""
    day = np.array(days, dtype=np.int64)
    dates = np.datetime64(trace.graph.calendar.origin, "s") + day.astype("timedelta64[D]")
    return pd.DatetimeIndex(np.where(day == UNDATED, np.datetime64("NaT", "s"), dates))


def _names(trace: Trace) -> pd.DataFrame:
    graph = trace.graph
    areas = graph.areas
    row = np.full(len(graph.area_ids), NOWHERE)
    row[codes(graph.area_ids, areas["area_id"])] = np.arange(len(areas))
    names = column(areas, "name").astype("str").array
    return pd.DataFrame({
        "area_id": pd.Index(graph.area_ids).array,
        "parent_id": ids(graph.area_ids, np.asarray(graph.area_parent)),
        "level": pd.array(list(graph.area_level), dtype="str"),
        "name": names.take(row, allow_fill=True),
    })  # fmt: skip


class _Titles:
    """What areas are called in a reason: level and id."""

    def __init__(self, trace: Trace) -> None:
        self._level, self._ids = trace.graph.area_level, trace.graph.area_ids

    def of(self, area: int) -> str:
        return f"{self._level[area]} {self._ids[area]}".strip()


def _now(ground: Ground, held: InForce) -> pd.DataFrame:
    """Measures and zones in force."""
    return pd.DataFrame({
        "measures": pd.array(measures_told(ground), dtype="str"),
        "zone_now": label_words(np.maximum(held.label, 0)),
        "zone_since": ground.stamps(held.since),
    })  # fmt: skip


def _log_unplaced(ground: Ground, presence: Presence) -> None:
    """Count what no area can answer for."""
    cases = ground.cases
    homeless = int((ground.home_area[cases] == NOWHERE).sum())
    outside = int((presence.stays["area"] == NOWHERE).sum())
    if homeless or outside:
        logger.info(
            "zones: %d of %d cases live in no area, %d of %d of their stays lie in none",
            homeless, len(cases), outside, len(presence.stays),
        )  # fmt: skip
