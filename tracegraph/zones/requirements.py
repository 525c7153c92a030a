"""The zone that a protocol's clauses demand of each area, with evidence and reason."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import ProtocolError
from tracegraph.tracing.tables import ids
from tracegraph.zones.criteria import LABELS, Demand, demands, in_words, reached, unjudged
from tracegraph.zones.evidence import area_evidence
from tracegraph.zones.ground import codes, column, survey
from tracegraph.zones.presence import find_presence
from tracegraph.zones.release import ENDED, Record, Standing, by_dates_alone, stand, strongest
from tracegraph.zones.tree import NOWHERE, UNDATED, AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.protocols.protocol import ZoneLabel, Zones
    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.ground import Ground
    from tracegraph.zones.presence import Presence

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

logger = logging.getLogger(__name__)

CONTROL = LABELS.index("control")
_ALSO_CALLED: dict[str, ZoneLabel] = {"low": "precaution", "medium": "control", "high": "lockdown"}


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
        - `cases_resident`: int64; cases whose home lies here
        - `cases_resident_infectious`: those who were at home, or elsewhere in the area,
          while infectious (`zones.presence` says when that is so)
        - `cases_stayed`: cases with a stay here while infectious and not isolated
        - `case_minutes`: float64; person-minutes of these stays
        - `found_in`: str; of the cases living or staying here
        - `last_case`: datetime64[s, tz]; latest confirmation, else anchor, of a case that
          lived or stayed here while infectious
        - `exposures`: exposures to cases here, `exposures_secondary`: to contacts; without
          those inside isolation sites
        - `close_contacts_resident`, `secondary_contacts_resident`: by home
        - `close_contacts_exposed`: persons exposed to a case here
        - `venue_contacts`: persons whose first venue contact was here
        - `last_exposure`: datetime64[s, tz]; of close contacts living or exposed here, cut
          at their isolation; `ongoing`: bool; not over yet
        - `last_screening`: datetime64[s, tz]; latest test of a resident
        - `screened`: float64; share tested negative in the days of the release clause (2
          without one), of the people who should be inside; `positives`: persons
        - `zone_now`: ordered category; `areas.zone`, else that of the area around it
        - `required`: ordered category none < precaution < control < lockdown
        - `clause`, `reason`: str
        - `required_by`: id of the area that demanded it; missing where nothing is required
        - `release_earliest`: datetime64[s]; local date, missing where nobody can tell yet
        - `release_waits_for`: str; conditions that are not met as of now

    Raises
    ------
    ProtocolError
        If the protocol has no zones.
    TableError
        If the graph has no areas.
    """
    zones = trace.protocol.zones
    if zones is None:
        msg = (
            f"protocol {trace.protocol.name!r} has no zones: it says nothing about areas.\n"
            '    Use one that does, such as "china-8".'
        )
        raise ProtocolError(msg)
    ground = survey(trace)
    presence = find_presence(ground)
    evidence = area_evidence(ground, presence, ground.tree)
    _log_unplaced(ground, presence)
    standings, by = _labels(ground, zones, evidence)
    _add_notes(ground, presence, standings)
    table = pd.concat([_names(trace), evidence], axis=1)
    table["zone_now"] = _zone_now(ground, zones)
    return table.join(_verdicts(trace, standings, by))


def _labels(ground: Ground, zones: Zones, evidence: pd.DataFrame) -> tuple[list[Standing], Whole]:
    """Standing of each area, and the area that demanded it (-1 none)."""
    trace, level = ground.trace, ground.trace.graph.area_level
    record = Record(ground, evidence)
    found: dict[int, list[Standing]] = {}
    demanded = np.zeros(len(ground.tree), dtype=bool)
    for label in LABELS[: CONTROL - 1 : -1]:
        for demand in demands(trace.protocol, label, ground.tree, level, evidence):
            found.setdefault(demand.area, []).append(stand(demand, zones, record))
            demanded[demand.area] = True
    own = {area: strongest(each) for area, each in found.items()}
    for area, standing in _precautions(ground, zones, record, own, demanded, evidence).items():
        own[area] = strongest([standing, own[area]]) if area in own else standing
    return _inherit(ground, own)


def _precautions(  # noqa: PLR0913  # one step of `_labels`
    ground: Ground,
    zones: Zones,
    record: Record,
    own: dict[int, Standing],
    demanded: Flags,
    evidence: pd.DataFrame,
) -> dict[int, Standing]:
    """Precaution of the counties: around stronger zones, or by a criterion of their own."""
    if zones.precaution is None:
        return {}
    strong = np.zeros(len(ground.tree), dtype=bool)
    strong[[area for area, standing in own.items() if standing.label >= CONTROL]] = True
    around, ever = ground.tree.holds(strong), ground.tree.holds(demanded)
    found = {}
    for scope in np.flatnonzero(_counties(ground, zones)).tolist():
        if around[scope]:
            found[scope] = _rest_of_county(ground, zones, own, scope)
        elif not ever[scope]:
            standing = _by_own_criterion(ground, zones, record, scope, evidence)
            if standing is not None:
                found[scope] = standing
    return found


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


def _rest_of_county(ground: Ground, zones: Zones, own: dict[int, Standing], scope: int) -> Standing:
    tree, trace = ground.tree, ground.trace
    inside = tree.inside(scope)
    label = np.zeros(len(tree), dtype=np.int64)
    areas = [area for area in own if inside[area] and own[area].label >= CONTROL]
    label[areas] = [own[area].label for area in areas]
    around = _strongest_around(tree, label)
    outer = [area for area in areas if around[area] < label[area]]
    counts = [
        f"{n} {name}" for name in ("lockdown", "control")
        if (n := sum(label[area] == LABELS.index(name) for area in outer))
    ]  # fmt: skip
    last = [own[area].earliest for area in areas]
    criteria = zones.precaution.criteria if zones.precaution else ()
    title = _title(trace, scope)
    return Standing(
        label=LABELS.index("precaution"),
        clause=criteria[0].clause if criteria else "",
        reason=f"rest of {title}, which holds {' and '.join(counts)} zones",
        earliest=UNDATED if UNDATED in last else max(last),
        waits_for=f"the end of every lockdown and control zone in {title}",
    )


def _strongest_around(tree: AreaTree, label: Whole) -> Whole:
    """Strongest label of the areas that hold each area, itself left out."""
    strongest_yet = np.zeros(len(tree), dtype=np.int64)
    for position, at in tree.upwards(tree.parent):
        strongest_yet[position] = np.maximum(strongest_yet[position], label[at])
    return strongest_yet


def _by_own_criterion(
    ground: Ground, zones: Zones, record: Record, scope: int, evidence: pd.DataFrame
) -> Standing | None:
    """Precaution by its own criterion, where no stronger zone was ever demanded inside."""
    criteria = zones.precaution.criteria if zones.precaution else ()
    for number, criterion in enumerate(criteria):
        if reached(criterion, evidence)[scope]:
            words = in_words(ground.trace.protocol, "precaution", number, scope, evidence)
            demand = Demand(area=scope, label="precaution", clause=criterion.clause, reason=words)
            return stand(demand, by_dates_alone(zones), record)
    return None


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


def _add_notes(ground: Ground, presence: Presence, standings: list[Standing]) -> None:
    """Say where evidence lies directly in an area that is too large to be judged."""
    holders = np.unique(ground.area[ground.area >= 0])
    if ground.tree.are_finest()[holders].all():
        return
    alone = AreaTree(parent=np.full(len(ground.tree), NOWHERE))
    direct = area_evidence(ground, presence, alone)
    protocol, level = ground.trace.protocol, ground.trace.graph.area_level
    for area, note in unjudged(protocol, ground.tree, level, direct).items():
        was = standings[area]
        standings[area] = Standing(
            label=was.label,
            clause=was.clause,
            reason="; ".join(text for text in (was.reason, note) if text),
            earliest=was.earliest,
            waits_for=was.waits_for,
        )


def _verdicts(trace: Trace, standings: list[Standing], by: Whole) -> pd.DataFrame:
    titles = {area: _title(trace, area) for area in np.unique(by[by >= 0]).tolist()}
    reasons = [
        f"in {titles[demander]}: {s.reason}"
        if demander not in (NOWHERE, area) and LABELS[s.label] != "precaution"
        else s.reason
        for area, (s, demander) in enumerate(zip(standings, by.tolist(), strict=True))
    ]
    earliest = np.array([s.earliest for s in standings], dtype=np.int64)
    dates = np.datetime64(trace.graph.calendar.origin, "s") + earliest.astype("timedelta64[D]")
    dates[earliest == UNDATED] = np.datetime64("NaT")
    return pd.DataFrame({
        "required": _ordered(np.array([s.label for s in standings])),
        "clause": pd.array([s.clause for s in standings], dtype="str"),
        "reason": pd.array(reasons, dtype="str"),
        "required_by": ids(trace.graph.area_ids, by),
        "release_earliest": pd.DatetimeIndex(dates),
        "release_waits_for": pd.array([s.waits_for for s in standings], dtype="str"),
    })  # fmt: skip


def _ordered(label: Whole) -> pd.Categorical[str]:
    names = np.asarray(LABELS, dtype=object)[label]
    return pd.Categorical(names, categories=list(LABELS), ordered=True)


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


def _title(trace: Trace, area: int) -> str:
    return f"{trace.graph.area_level[area]} {trace.graph.area_ids[area]}".strip()


def _zone_now(ground: Ground, zones: Zones) -> pd.Categorical[str]:
    """Zone in force: the area's, else that of the nearest area around it with one."""
    graph = ground.trace.graph
    called: dict[str, ZoneLabel] = {**_ALSO_CALLED, **{label: label for label in LABELS}}
    for label in LABELS[1:]:
        zone = zones.zone_of(label)
        if zone is not None:
            called[zone.name.lower()] = label
    words = column(graph.areas, "zone").astype("object")
    found = [called.get(str(word).strip().lower()) for word in words]
    in_force = [LABELS.index(label) if label else NOWHERE for label in found]
    own = np.full(len(ground.tree), NOWHERE)
    own[codes(graph.area_ids, graph.areas["area_id"])] = in_force
    nearest = ground.tree.nearest(own != NOWHERE)
    return _ordered(np.where(nearest == NOWHERE, 0, own[nearest]))


def _log_unplaced(ground: Ground, presence: Presence) -> None:
    """Count what no area can answer for."""
    tiers = ground.trace.tiers
    cases = ground.person(tiers.loc[(tiers["tier"] == 0).to_numpy(bool), "person_id"])
    homeless = int((ground.home_area[cases] == NOWHERE).sum())
    outside = int((presence.stays["area"] == NOWHERE).sum())
    if homeless or outside:
        logger.info(
            "zones: %d of %d cases live in no area, %d of %d of their stays lie in none",
            homeless, len(cases), outside, len(presence.stays),
        )  # fmt: skip
