"""Laws of whole plans, on towns with cases, calls, zones of today and prices drawn by chance."""

import numpy as np
import pandas as pd
from hypothesis import given, settings, strategies as st
from pandas.testing import assert_frame_equal

import tracegraph as tg
from towns import BUILDINGS, NOWHERE_ILL, ROW, tables, zones_in_force

ZONES = ("none", "precaution", "control", "lockdown")
PEOPLE = [f"{b}-{n}" for b in BUILDINGS for n in range(10)]
AREAS = ["C", "T1", "T2", "K1", "K2", "K3", *BUILDINGS]


@st.composite
def towns(draw):
    """Tables of a town in trouble."""
    ill = draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))
    cases = pd.DataFrame({"person_id": ill, "onset": "2022-05-09 08:00"})
    called = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 11)), max_size=8))
    homes = sorted(tables()["locations"]["location_id"])
    hours = [f"2022-05-09 {9 + n % 10:02}:00" for n in range(len(called))]
    visits = pd.DataFrame({
        "person_id": [who for who, _ in called],
        "location_id": [homes[n] for _, n in called],
        "arrive": hours,
        "depart": [hour.replace(":00", ":40") for hour in hours],
    })  # fmt: skip
    told = draw(st.dictionaries(st.sampled_from(AREAS), st.sampled_from(ZONES), max_size=4))
    history = zones_in_force(*((area, zone, f"order {area}") for area, zone in told.items()))
    return tables(
        cases=pd.concat([NOWHERE_ILL, cases], ignore_index=True),
        visits=visits,
        zone_history=history,
    )


PRICES = st.sampled_from([0.0, 300, 3_000, 30_000, 3e6])


def plan(town, price, neighbours=ROW, **wishes):
    trace = tg.TraceGraph(**town, tz="Asia/Shanghai").trace("china-8", as_of="2022-05-10 20:00")
    weights = tg.ZoneWeights(infection=price)
    return trace.redraw_zones(weights=weights, neighbours=neighbours, **wishes)


@given(towns(), PRICES, st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_same_plan_comes_from_permuted_rows(town, price, seed):
    rng = np.random.default_rng(seed)
    shuffled = {
        name: table.iloc[rng.permutation(len(table))].reset_index(drop=True)
        for name, table in town.items()
    }
    turned = ROW.iloc[rng.permutation(len(ROW))].rename(
        columns={"area_id": "neighbour_id", "neighbour_id": "area_id"}
    )
    one, other = plan(town, price), plan(shuffled, price, turned)
    for name in ("areas", "changes", "zones", "beyond_rule", "notes"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


@given(towns(), PRICES)
@settings(max_examples=25, deadline=None)
def test_floors_hold_people_add_up_and_no_rival_that_keeps_the_clauses_is_cheaper(town, price):
    found = plan(town, price)
    areas, changes = found.areas, found.changes
    assert (areas["planned"] >= areas["required"]).all()
    parts = changes[changes["action"] != "split"]
    untold = (areas["zone_now"] == areas["planned"]) & (areas["planned"] < "control")
    assert parts["people"].sum() + areas.loc[untold, "population"].sum() == 60
    assert parts["areas"].sum() + untold.sum() == 6
    cost = found.cost["total"]
    assert cost["planned"] <= cost["clauses"] + 1e-6 * (1 + cost["clauses"])
    sides = found.zones.groupby("when")["areas"].sum()
    restricted = {"now": areas["zone_now"], "planned": areas["planned"]}
    for when, label in restricted.items():
        assert sides.get(when, 0) == (label >= "control").sum()


@given(towns(), st.sampled_from(BUILDINGS), st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_a_budget_is_kept_and_costs_no_less_than_freedom(town, building, extra):
    free = plan(town, 3_000.0)
    demanded = free.areas.loc[free.areas["required"] >= "control", "population"].sum()
    most = int(demanded) + extra
    bound = plan(town, 3_000.0, max_people=most)
    inside = bound.areas.loc[bound.areas["planned"] >= "control", "population"].sum()
    assert inside <= most
    total = bound.cost.loc["planned", "total"]
    assert total >= free.cost.loc["planned", "total"] - 1e-3
    assert bound.explain(building).costs["allowed"].any()
