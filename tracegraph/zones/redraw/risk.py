"""The risk of an area: further infections to expect there from people not yet isolated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.zones.ground import Ground, codes, column, pick
from tracegraph.zones.redraw.assumptions import RiskAssumptions as RiskAssumptions
from tracegraph.zones.redraw.infected import (
    DAY,
    at_least_one,
    between,
    courses,
    possible_infections,
)
from tracegraph.zones.redraw.whereabouts import habits, in_home_isolation, stand_still
from tracegraph.zones.tree import NOWHERE, AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Given: TypeAlias = Mapping[Any, float] | pd.Series[float] | pd.DataFrame

TERMS = ("risk_close", "risk_secondary", "risk_venue", "risk_cases")
"""Columns that add up to `risk`, by who may infect."""
CLOSE, SECONDARY, VENUE, CASES = range(len(TERMS))


def area_risk(ground: Ground, assumptions: RiskAssumptions | None = None) -> pd.DataFrame:
    """Infections to expect in each area from people who may be infected and are at large.

    Counted are infections that start in the next `days` and are caused by cases, close,
    secondary and venue contacts who are not in isolation away from home as of now. Each
    exposure gives a chance of infection, negative tests lower it, and what is left infects
    others by the days since the exposure: at home, and where the person went lately. Home
    isolation leaves the part at home. Static management over the home's area leaves a
    residual of the rest. Zones in force change nothing here: the redraw weighs its labels
    itself. See "The risk of an area" in the documentation.

    Parameters
    ----------
    ground : Ground
        Of `zones.ground.survey(trace)`.
    assumptions : RiskAssumptions, optional

    Returns
    -------
    DataFrame
        One row an area code, all that it holds included, float64:

        - `risk_close`: by close contacts; `risk_secondary`: by contacts of later tiers;
          `risk_venue`: by venue contacts who are neither; `risk_cases`: by cases
        - `risk`: the sum; `risk_home`: the part of it at home, which no zone stops
        - `risk_carried`: not in the sum; further infections outside, in what is left of these
          days, by those who will have been infected at home
        - `people_at_risk`: int64; persons some of whose risk lies here

        What lies directly in an area that has parts is in its row and in none of theirs.
        `attrs["outside"]` is the risk that lies in no area (float), and
        `attrs["people_outside"]` how many persons have some there (int).

    References
    ----------
    Riley, Murphy and Riley (1978), Am J Epidemiol 107:421, for the form
    1 - exp(-hazard); the numbers' sources are in `RiskAssumptions`.

    Examples
    --------
    >>> import tracegraph as tg
    >>> from tracegraph.zones.ground import survey
    >>> graph = tg.datasets.county(seed=1, n_people=2_000).graph()
    >>> table = area_risk(survey(graph.trace("china-8", as_of="2022-05-10 20:00")))
    >>> bool((table["risk"] >= table["risk_close"]).all())
    True
    """
    assumed = assumptions or RiskAssumptions()
    rows = _by_person_and_area(ground, assumed)
    inside = rows["area"].to_numpy() != NOWHERE
    area, person = rows["area"].to_numpy(np.int64), rows["person"].to_numpy(np.int64)
    amounts = {
        name: rows["risk"].where(rows["term"] == term, 0.0) for term, name in enumerate(TERMS)
    }
    amounts |= {"risk": rows["risk"], "risk_home": rows["home"], "risk_carried": rows["carried"]}
    table = pd.DataFrame({
        name: ground.tree.add_up(area, amount.to_numpy()) for name, amount in amounts.items()
    })  # fmt: skip
    table["people_at_risk"] = ground.tree.count_distinct(area, person)
    table.attrs["outside"] = float(rows.loc[~inside, "risk"].sum())
    table.attrs["people_outside"] = int(rows.loc[~inside, "person"].nunique())
    return table


def _by_person_and_area(ground: Ground, assumed: RiskAssumptions) -> pd.DataFrame:
    """Infections to expect: `person`, `term`, `area` (-1 none), `risk`, `home`, `carried`."""
    people = _people(ground, assumed)
    person = people["person"].to_numpy(np.int64)
    area = ground.home_area[person]
    people["moves"] = np.where(stand_still(ground, area), assumed.static_residual, 1.0)
    at_home = people["onward"] * assumed.home_share
    carried = at_home * carried_outside(assumed) * people["moves"]
    home = people.assign(area=area, risk=at_home, home=at_home, carried=carried)
    out = people[~in_home_isolation(ground, person)]
    out = out.merge(habits(ground, out["person"].to_numpy(np.int64), assumed.habit_days))
    out["risk"] = out["onward"] * out["share"] * out["moves"] * (1 - assumed.home_share)
    rows = pd.concat([home, out.assign(home=0.0, carried=0.0)], ignore_index=True)
    some = rows[rows["risk"] > 0]
    by_area = some.groupby(["area", "person", "term"])[["risk", "home", "carried"]]
    return by_area.sum().reset_index()


def carried_outside(assumed: RiskAssumptions) -> float:
    """Infections outside by each person infected at home, in what is left of the days.

    As if all were infected half-way: R, times the share that is not at home, times the share
    of the generation time that falls into the second half.

    Examples
    --------
    >>> round(carried_outside(RiskAssumptions()), 2)
    0.57
    """
    share = float(assumed.generation.before(assumed.days / 2))
    return assumed.reproduction * (1 - assumed.home_share) * share


def _people(ground: Ground, assumed: RiskAssumptions) -> pd.DataFrame:
    """Whoever may infect others: `person`, `term`, `onward` (infections in the next days)."""
    onward, is_case = _onward(ground, assumed), ground.trace.outer.is_case
    tier = ground.trace.outer.tier
    term = np.select([is_case, tier == 1, tier > 1], [CASES, CLOSE, SECONDARY], VENUE)
    person = np.flatnonzero(onward > 0)
    person = person[~ground.is_away(person, np.full(person.size, ground.now))]
    return pd.DataFrame({"person": person, "term": term[person], "onward": onward[person]})


def _onward(ground: Ground, assumed: RiskAssumptions) -> Floats:
    """Infections by each person in the next days, by code: of those infected, and of cases.

    The chance that one given infection by the person falls into these days, times how many
    one person causes. Each exposure counts by itself, so that this errs high where an early
    one would have kept a later one from infecting.
    """
    size, ahead = len(ground.home), round(assumed.days * DAY)
    found = possible_infections(ground.trace, assumed)
    since = ground.now - found.moment
    share = between(assumed.generation, since, since + ahead)
    chance = at_least_one(found.chance * share, found.person, size)
    cases = np.flatnonzero(ground.trace.outer.is_case)
    now = np.full(cases.size, ground.now)
    chance[cases] = courses(ground.trace.outer, assumed).share(cases, now, now + ahead)
    return assumed.reproduction * chance


def given_risk(ground: Ground | TraceGraph, risk: Given) -> Floats:
    """Risk that the caller gives instead, by area code, rolled up.

    Parameters
    ----------
    ground : Ground or TraceGraph
    risk : Series, dict or DataFrame
        Infections to expect: by area id, or the columns
        `area_id` and `risk`. Areas may be of any level, but no area may lie in another that
        is given too. The risk of an area with parts is shared over its finest areas by
        population. Areas that are not given have none.

    Returns
    -------
    array of float64
        One entry an area code; areas with parts hold the sum of theirs.

    Raises
    ------
    TableError
        If an area is unknown, given twice or inside another, or a risk is negative, missing
        or infinite.

    Examples
    --------
    >>> import tracegraph as tg
    >>> graph = tg.TraceGraph(
    ...     cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]}),
    ...     areas=pd.DataFrame({
    ...         "area_id": ["T", "T1", "T2"],
    ...         "parent_id": [None, "T", "T"],
    ...         "population": [400, 300, 100],
    ...     }),
    ...     tz="Asia/Shanghai",
    ... )
    >>> given_risk(graph, pd.Series({"T": 2.0})).tolist()
    [2.0, 1.5, 0.5]
    """
    graph = ground.trace.graph if isinstance(ground, Ground) else ground
    tree = AreaTree(parent=np.asarray(graph.area_parent, dtype=np.int64))
    ids, values = _given_columns(risk)
    area = codes(graph.area_ids, ids)
    _refuse_areas(tree, ids, area)
    _refuse_values(ids, values)
    own = np.zeros(len(tree))
    own[area] = values
    return _rolled_up(tree, own, _population(graph, tree))


def _given_columns(risk: Given) -> tuple[pd.Series[Any], Floats]:
    if isinstance(risk, Mapping):
        risk = pd.Series(dict(risk))
    if isinstance(risk, pd.DataFrame):
        missing = [name for name in ("area_id", "risk") if name not in risk.columns]
        if missing:
            has = ", ".join(map(str, risk.columns))
            msg = f"risk has no column {missing[0]!r}; it has {has}.\n    Name it so."
            raise TableError(msg)
        ids, values = risk["area_id"], risk["risk"]
    else:
        ids, values = risk.index.to_series(), risk
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return ids.reset_index(drop=True), numbers


def _refuse_areas(tree: AreaTree, ids: pd.Series[Any], area: Whole) -> None:
    """Refuse what is unknown, given twice, or given inside another."""
    _refuse(area == NOWHERE, ids, "of an area that no table names", "Correct the id")
    twice = pd.Series(area).duplicated().to_numpy()
    _refuse(twice, ids, "of an area that is given twice", "Give each area once")
    given = np.zeros(len(tree), dtype=bool)
    given[area] = True
    inside = pick(tree.nearest(given), tree.parent[area]) != NOWHERE
    _refuse(inside, ids, "of an area inside another that is given", "Give one of the two")


def _refuse_values(ids: pd.Series[Any], values: Floats) -> None:
    wrong = ~(np.isfinite(values) & (values >= 0))
    shown = [f"{value:g}" for value in values[wrong][:1]]
    _refuse(wrong, ids, f"that is {''.join(shown)}", "Give numbers from 0")


def _refuse(wrong: npt.NDArray[np.bool_], ids: pd.Series[Any], what: str, mend: str) -> None:
    if wrong.any():
        first = ids.iloc[int(np.argmax(wrong))]
        msg = f"risk {what}: {first!r} ({wrong.sum():,} such areas).\n    {mend}."
        raise TableError(msg)


def _rolled_up(tree: AreaTree, own: Floats, population: Floats) -> Floats:
    """Share what areas with parts have over their finest areas, and add up from these."""
    finest = np.flatnonzero(tree.are_finest())
    people, areas = tree.add_up(finest, population[finest]), tree.add_up(finest)
    counted = people > 0
    total = np.where(counted, people, areas)  # where nobody is counted: equal shares
    shared = np.zeros(finest.size)
    for position, at in tree.upwards(finest):
        part = np.where(counted[at], population[finest[position]], 1.0) / total[at]
        shared[position] += own[at] * part
    return tree.add_up(finest, shared)


def _population(graph: TraceGraph, tree: AreaTree) -> Floats:
    """People of each finest area: as `areas` gives them, else those who live there."""
    places = graph.facts.locations.nearest_area().astype(np.int64)
    lives = pick(places, graph.facts.persons.home.astype(np.int64))
    people = np.bincount(lives[lives >= 0], minlength=len(tree)).astype(np.float64)
    code = codes(graph.area_ids, graph.areas["area_id"])
    given = pd.to_numeric(column(graph.areas, "population")).to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(given) & (given >= 0)
    people[code[known]] = given[known]
    return people
