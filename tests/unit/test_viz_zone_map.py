"""The page of zones: what it shows, how it draws, and what it tells nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

import outbreaks
import tracegraph as tg
import zone_plans
from tracegraph.viz.language import words
from tracegraph.viz.zone_map import write_zone_map
from tracegraph.viz.zone_map.disclosure import (
    FEWER,
    conditions,
    level_told,
    rounded,
)
from tracegraph.viz.zone_map.outlines import MOST_CORNERS, by_label, lay_out, rings, union
from tracegraph.viz.zone_map.patches import patches
from tracegraph.viz.zone_map.payload import payload
from tracegraph.zones.tree import AreaTree
from unit.test_viz_privacy import AREA, NUMBERS, found, marked, tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def plan():
    return zone_plans.hand_drawn()


@pytest.fixture(scope="module")
def public(plan):
    return payload(plan)


@pytest.fixture(scope="module")
def internal(plan):
    return payload(plan, public=False)


def row_of(data, name):
    (row,) = [row for row in data["changes"] if row["name"] == name]
    return row


# ---- what is shown


def test_each_finest_area_has_its_zones_before_and_after(internal):
    areas = internal["areas"]
    told = dict(zip(areas["id"], zip(areas["from"], areas["to"], strict=True), strict=True))
    assert told == {
        "A": (0, 2), "B": (2, 2), "C": (2, 3), "D": (3, 0), "E": (1, 1), "F": (0, 3), "G": (0, 2),
    }  # fmt: skip
    assert internal["labels"] == ["none", "precaution", "control", "lockdown"]


def test_changes_are_ordered_by_the_stronger_of_both_labels(internal):
    rows = internal["changes"]
    assert [row["id"] for row in rows] == ["F", "C", "D", "A", "G"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 0]  # G is on no map
    members = [[internal["areas"]["id"][part] for part in row["members"]] for row in rows]
    assert members == [["F"], ["C"], ["D"], ["A"], ["G"]]


def changed(plan, area, **values):
    """The plan with other values for one area."""
    areas = plan.areas.copy()
    for name, value in values.items():
        areas.loc[areas["area_id"] == area, name] = value
    areas["action"] = zone_plans.action(areas["zone_now"], areas["planned"])
    return replace(plan, areas=areas, changes=zone_plans.merged(plan.trace.graph, areas))


def test_released_is_only_who_is_closed_no_more(plan):
    for planned, action in (("control", "ease"), ("precaution", "release"), ("none", "release")):
        data = payload(changed(plan, "D", planned=planned), public=False)
        assert row_of(data, "Mill")["action"] == action
        assert {"action": action, "rows": 1, "areas": 1} in data["summary"]["actions"]


def test_what_was_never_restricted_comes_last_and_has_no_number(plan):
    data = payload(changed(plan, "A", planned="precaution"), public=False)
    row = data["changes"][-1]
    assert (row["id"], row["number"]) == ("A", 0)
    assert row["rings"]


def test_what_stays_closed_has_a_number_and_a_date(plan):
    ring = plan.changes.iloc[:1].assign(
        area_id="B", name="Ring", from_zone="control", to_zone="control", action="keep"
    )
    rows = pd.concat([plan.changes, ring], ignore_index=True)
    for name in ("from_zone", "to_zone"):
        rows[name] = zone_plans.ordered(rows[name])
    data = payload(replace(plan, changes=rows))
    row = row_of(data, "Ring")
    assert (row["action"], row["release"]) == ("stay", "2022-05-26")
    (patch,) = [one for one in data["map"]["patches"] if one["number"] == row["number"]]
    assert (patch["action"], patch["people"], patch["release"]) == ("stay", 400, "2022-05-26")


def test_people_are_counted_before_and_after(internal):
    labels = internal["summary"]["labels"]
    assert [one["before"] for one in labels] == [540, 500, 909, 300]
    assert [one["after"] for one in labels] == [300, 500, 1380, 69]
    assert internal["summary"]["beyond"] == {"before": 700, "after": 175}


def test_actions_are_counted_in_rows_and_in_finest_areas(internal):
    actions = internal["summary"]["actions"]
    told = {one["action"]: (one["rows"], one["areas"]) for one in actions}
    assert told == {"tighten": (4, 4), "stay": (0, 1), "release": (1, 1), "keep": (0, 1)}
    assert sum(areas for _, areas in told.values()) == len(internal["areas"]["id"])


def test_an_area_without_an_outline_is_listed(internal):
    (group,) = internal["unmapped"]
    assert group["names"] == ["Unmapped"]
    assert (group["within"], group["from"], group["to"]) == ("South", 0, 2)
    assert internal["map"]["areas"][internal["areas"]["id"].index("G")] == []


def test_without_any_outline_the_tables_stand_alone(tmp_path):
    bare = zone_plans.hand_drawn(shapes=False)
    data = payload(bare, public=False)
    assert data["map"] is None
    assert sum(len(group["names"]) for group in data["unmapped"]) == 7
    text = write_zone_map(bare, tmp_path / "bare.html").read_text(encoding="utf-8")
    assert "No area has an outline" in text
    assert "Old town" in text


def test_a_plan_that_changes_nothing_says_so(plan, tmp_path):
    areas = plan.areas.assign(planned=plan.areas["zone_now"], action="keep")
    calm = replace(plan, areas=areas, changes=plan.changes.iloc[:0])
    assert payload(calm)["changes"] == []
    text = write_zone_map(calm, tmp_path / "calm.html").read_text(encoding="utf-8")
    assert "Nothing changes." in text


def split_plan(plan, *, households):
    """Township T1 is parted: one row for all of it, one for the tower in it."""
    rows = plan.changes.set_index("area_id").loc[["A", "C"]].reset_index()
    rows["part_of"] = "T1"
    whole = rows.iloc[:1].assign(
        area_id="T1", name="North <b>", action="split", part_of=None, people=1309,
        households=350 + households, reason="of its people, 400 control, 9 lockdown",
    )  # fmt: skip
    return replace(plan, changes=pd.concat([whole, rows], ignore_index=True))


def test_an_area_that_is_split_says_what_becomes_of_how_many(plan):
    data = payload(split_plan(plan, households=3), public=False)
    whole, *parts = data["changes"]
    assert (whole["id"], whole["action"], whole["number"], whole["to"]) == ("T1", "split", 0, None)
    assert whole["becomes"] == [[3, 9], [2, 1300]]
    assert [(row["id"], row["number"], row["within"]) for row in parts] == [
        ("C", 1, "North <b>"), ("A", 2, "North <b>"),
    ]  # fmt: skip
    assert len(data["map"]["patches"]) == 2
    told = {one["action"]: one["areas"] for one in data["summary"]["actions"]}
    assert "split" not in told
    assert sum(told.values()) == 7


def test_in_public_what_becomes_of_how_many_is_rounded(plan):
    whole = payload(split_plan(plan, households=3))["changes"][0]
    assert whole["becomes"] == [[3, FEWER], [2, 1300]]


# ---- drawing


def area_of(some):
    """Area inside rings by the even-odd rule, when holes follow their outside."""
    total = 0.0
    for ring in some:
        corners = np.cumsum(np.array(ring).reshape(-1, 2), axis=0)
        x, y = corners.T
        total += (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
    return abs(total)


def test_holes_and_islands_are_drawn(internal):
    drawn = dict(zip(internal["areas"]["id"], internal["map"]["areas"], strict=True))
    assert [len(drawn[name]) for name in "ABCDEF"] == [1, 2, 1, 1, 1, 2]
    assert area_of(drawn["B"]) + area_of(drawn["C"]) == pytest.approx(2 * area_of(drawn["A"]), 0.01)


def test_one_change_with_an_island_is_one_patch(internal):
    isle = internal["map"]["patches"][0]
    assert isle["number"] == row_of(internal, "Isle")["number"] == 1
    assert len(isle["rings"]) == 2


def test_what_changes_in_one_way_and_touches_is_one_patch():
    squares = [shapely.box(10 * k, 0, 10 * k + 10, 10) for k in (0, 1, 3)]
    corner = shapely.box(20, 10, 30, 20)  # touches the second and third only in points
    way = {"from": 0, "to": 2, "action": "tighten"}
    rows = [{**way}, {**way}, {**way}, {**way}, {**way, "to": 3}, {**way, "action": "split"}]
    for row in rows:
        row.update(number=0, people=7, households=2, small=False, release="2022-05-20")
    rows[1]["release"] = "2022-05-24"
    rows[4]["release"], rows[4]["small"] = None, True
    shapes = [*squares, corner, shapely.box(0, 10, 10, 20), shapely.box(0, 20, 10, 30)]
    told = patches(rows, shapes, ["tighten", "keep", "split"])
    assert [row["number"] for row in rows] == [2, 2, 3, 4, 1, 0]
    assert [patch["number"] for patch in told] == [1, 2, 3, 4]
    assert area_of(told[1]["rings"]) == 200
    assert [(one["people"], one["release"]) for one in told[:2]] == [(7, None), (14, "2022-05-24")]
    assert told[0]["small"]


def test_neighbours_keep_one_border_when_they_are_simplified():
    rng = np.random.default_rng(3)
    wavy = np.column_stack([np.linspace(0, 1, 4_000), 0.002 * rng.standard_normal(4_000)])
    south = shapely.Polygon([(0, -1), *wavy, (1, -1)])
    north = shapely.Polygon([(0, 1), *wavy, (1, 1)])
    sheet = lay_out(np.array([south, north], dtype=object))
    corners = shapely.get_num_coordinates(sheet.outline)
    assert corners.max() < 2_000
    overlap, gap = sheet.outline[0].intersection(sheet.outline[1]), union(sheet.outline)
    assert overlap.area < 0.001 * gap.area
    assert len(rings(gap)) == 1


def test_an_outline_drawn_with_too_many_corners_is_thinned():
    angle = np.linspace(0, 2 * np.pi, 150_000, endpoint=False)
    ragged = 1 + 0.05 * np.random.default_rng(1).random(angle.size)
    star = shapely.Polygon(np.column_stack([ragged * np.cos(angle), ragged * np.sin(angle)]))
    shapes = np.array([star, *(shapely.box(k, 2, k + 0.001, 2.001) for k in range(9))], object)
    sheet = lay_out(shapes)
    assert shapely.get_num_coordinates(sheet.outline).sum() <= MOST_CORNERS
    assert all(shape.area > 0 for shape in sheet.outline)


def test_what_is_too_small_for_the_grid_is_drawn_all_the_same():
    sheet = lay_out(np.array([*(shapely.box(k, 0, k + 1, 1) for k in range(5)),
                              shapely.box(2, 2, 2 + 1e-7, 2 + 1e-7)], dtype=object))  # fmt: skip
    assert sheet.outline[5].area == 4
    assert all(rings(shape) for shape in sheet.outline)


def test_a_county_on_both_sides_of_180_degrees_is_drawn_in_one_piece():
    sheet = lay_out(np.array([shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)],
                             dtype=object))  # fmt: skip
    assert sheet.width < 3 * sheet.height
    assert len(rings(union(sheet.outline))) == 1


def test_a_border_inside_a_zone_is_no_border_of_the_zone():
    sheet = lay_out(np.array([shapely.box(k, 0, k + 1, 1) for k in range(4)], dtype=object))
    zones = by_label(sheet, np.array([1, 1, 3, 1]), 4)
    assert [len(zone) for zone in zones] == [0, 2, 0, 1]


@pytest.mark.parametrize("share", np.linspace(0.05, 0.95, 13).tolist())
def test_corners_that_lie_beside_a_neighbours_border_leave_no_crack(share):
    turned = [(0, 0), (10, 3), (7, 13), (-3, 10)]  # a square, and two on its side
    side = shapely.LineString(turned[1:3])
    middle = side.interpolate(share, normalized=True).coords[0]
    parts = [
        shapely.Polygon([turned[1], (20, 6), (20, 9), middle]),
        shapely.Polygon([middle, (20, 9), (17, 16), turned[2]]),
    ]
    shapes = np.array([shapely.Polygon(turned), *parts, shapely.box(40, 0, 140, 90)], dtype=object)
    sheet = lay_out(shapely.transform(shapes, lambda at: at / 997))
    assert len(by_label(sheet, np.array([1, 1, 1, 0]), 4)[1]) == 1


def test_a_county_of_2_700_buildings_is_well_under_a_megabyte(plan, tmp_path):
    areas, outlines = many(plan, 2_700)
    big = replace(plan, **areas)
    path = write_zone_map(big, tmp_path / "big.html", public=False)
    assert path.stat().st_size < 850_000
    drawn = payload(big, public=False)["map"]["areas"]
    assert sum(map(bool, drawn)) == len(outlines) == 2_700


def many(plan, n):
    """A plan of n buildings in a grid; every tenth is tightened."""
    side = int(np.ceil(np.sqrt(n)))
    ids = [f"N{k:05d}" for k in range(n)]
    shapes = [shapely.box(k % side, k // side, k % side + 1, k // side + 1) for k in range(n)]
    shapes = shapely.transform(shapes, lambda at: at * 0.003 + (101, 35))
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["P1"], "onset": ["2022-05-09"]}),
        areas=pd.DataFrame({"area_id": ids, "name": [f"Building {k}" for k in range(n)]}),
        tz="Asia/Shanghai",
    )  # fmt: skip
    row = plan.areas.iloc[[0] * n].reset_index(drop=True)
    areas = row.assign(area_id=ids, parent_id=None, name=ids)
    stays = np.arange(n) % 10 > 0
    areas["planned"] = zone_plans.ordered(np.where(stays, "none", "control"))
    areas["action"] = zone_plans.action(areas["zone_now"], areas["planned"])
    outline = np.empty(n, dtype=object)
    outline[:] = shapes
    return {
        "trace": graph.trace("china-8", as_of="2022-05-12"), "areas": areas,
        "changes": zone_plans.merged(graph, areas), "notes": plan.notes.iloc[:0],
        "shapes": zone_plans.Shapes(outline=outline, notes=plan.notes),
    }, shapes  # fmt: skip


# ---- what is told of few


def test_an_area_of_few_is_a_part_of_another(public):
    areas = public["areas"]
    assert areas["id"] == ["A", "B", "D", "E", "F", "G", ""]  # the last is the tower
    assert areas["name"][-1] == "North <b>"
    assert areas["small"] == [0, 0, 0, 0, 0, 0, 1]
    assert [areas[name][-1] for name in ("clause", "waits", "by")] == [-1, -1, -1]
    assert areas["people"][-1] is areas["households"][-1] is areas["release"][-1] is None
    row = next(row for row in public["changes"] if row["small"])
    assert (row["name"], row["from"], row["to"]) == ("North <b>", 2, 3)
    assert [row[name] for name in ("id", "level", "clause", "waits", "by")] == [""] * 5
    assert row["people"] is row["households"] is row["release"] is None
    patch = public["map"]["patches"][row["number"] - 1]
    assert patch["people"] is patch["households"] is patch["release"] is None
    assert "Tower" not in json.dumps(public)


@pytest.mark.parametrize(
    ("population", "households", "is_small"),
    [(10, 5, False), (9, 5, True), (10, 4, True), (0, 0, True)],
)
def test_few_are_under_five_households_or_ten_people(plan, population, households, is_small):
    data = payload(changed(plan, "D", population=population, households=households))
    assert (data["areas"]["small"].count(1) == 2) is is_small


def test_every_count_of_the_public_page_is_rounded(plan):
    odd = changed(plan, "A", population=407, households=6)
    beyond = odd.beyond_rule.assign(person_days_now=33.0)
    data = payload(replace(odd, beyond_rule=beyond))
    labels = [(one["before"], one["after"]) for one in data["summary"]["labels"]]
    assert labels == [(550, 300), (500, 500), (910, 1390), (300, 70)]
    assert data["summary"]["beyond"] == {"before": 200, "after": 200}
    row = row_of(data, "Old town")
    assert (row["people"], row["households"]) == (410, FEWER)
    part = data["areas"]["id"].index("A")
    assert (data["areas"]["people"][part], data["areas"]["households"][part]) == (410, FEWER)


def test_a_label_that_no_area_has_has_nobody(plan):
    data = payload(changed(plan, "E", planned="control"))
    assert data["summary"]["labels"][1] == {"label": "precaution", "before": 500, "after": 0}


def told_sums(data, counted):
    """What a public page tells of sums over finest areas: their numbers, least, most."""
    areas, found = data["areas"], []
    for part, count in enumerate(areas[counted]):
        found.append(([part], count))
    for one in [*data["changes"], *(data["map"] or {}).get("patches", [])]:
        rows = [one] if "members" in one else [
            row for row in data["changes"] if row["number"] == one["number"]
        ]  # fmt: skip
        found.append(([part for row in rows for part in row["members"]], one[counted]))
    if counted == "people":
        for row in data["changes"]:
            for label, people in row["becomes"] or []:
                found.append(([p for p in row["members"] if areas["to"][p] == label], people))
        for label, one in enumerate(data["summary"]["labels"]):
            for when, zones in (("before", areas["from"]), ("after", areas["to"])):
                found.append(([p for p, zone in enumerate(zones) if zone == label], one[when]))
    return [
        (parts, *((0, 9) if count == FEWER else (max(count - 5, 10), count + 4)))
        for parts, count in found if count is not None and parts
    ]  # fmt: skip


def narrowest(data, counted):
    """How near all sums together come to the count of each area of few: most less least."""
    sums, n = told_sums(data, counted), len(data["areas"]["small"])
    if not sums:
        return []
    rows = np.array([[part in parts for part in range(n)] for parts, *_ in sums], dtype=float)
    least, most = (np.array([one[side] for one in sums], dtype=float) for side in (1, 2))
    limits = {"A_ub": np.vstack([rows, -rows]), "b_ub": np.concatenate([most, -least])}
    found = []
    for part in np.flatnonzero(data["areas"]["small"]).tolist():
        aim = np.eye(n)[part]
        low, high = (linprog(sign * aim, **limits, bounds=(0, 5_000)) for sign in (1, -1))
        assert low.success
        assert high.success
        found.append(-high.fun - low.fun)
    return found


@settings(max_examples=60, deadline=None)
@given(
    people=st.lists(st.one_of(st.integers(0, 30), st.integers(0, 900)), min_size=7, max_size=7),
    per_household=st.integers(1, 4),
    planned=st.lists(st.sampled_from(zone_plans.LABELS), min_size=7, max_size=7),
)
def test_no_exact_count_of_few_comes_out_by_sums(people, per_household, planned):
    base = zone_plans.hand_drawn(shapes=False)
    areas = base.areas.assign(population=people, planned=zone_plans.ordered(planned))
    areas["households"] = areas["population"] // per_household
    areas["action"] = zone_plans.action(areas["zone_now"], areas["planned"])
    rows = zone_plans.merged(base.trace.graph, areas)
    data = payload(replace(base, areas=areas, changes=rows))
    assert all(width >= 1 for width in narrowest(data, "people"))
    assert all(width >= 1 for width in narrowest(data, "households"))


@pytest.mark.parametrize("evening", [9, 11, 14, 20])
def test_no_count_of_few_comes_out_of_the_county_s_pages(evening):
    graph = tg.datasets.county(seed=1, n_people=2_000, until="2022-05-23").graph()
    data = payload(graph.trace("china-8", as_of=f"2022-05-{evening:02d} 18:00").redraw_zones())
    small = np.flatnonzero(data["areas"]["small"])[:: max(1, sum(data["areas"]["small"]) // 8)]
    data["areas"]["small"] = [int(part in small) for part in range(len(data["areas"]["small"]))]
    assert all(width >= 9 for width in narrowest(data, "people"))


def test_the_public_page_has_no_evidence_no_reasons_and_no_vulnerable_persons(public, internal):
    for data, holds in ((public, False), (internal, True)):
        rows = [data["areas"], *data["changes"]]
        assert all(("vulnerable" in row) is ("reason" in row) is holds for row in rows)
        assert all(("evidence" in row) is holds for row in data["changes"])
    assert "37" in row_of(internal, "Isle")["evidence"]
    assert row_of(internal, "Isle")["reason"].startswith("3 cases stayed")
    text = json.dumps(public)
    for single in ("exposures", "contacts with", "cases stayed", "negative", "positive"):
        assert single not in text.replace(json.dumps(public["words"]), "")


def test_public_texts_hold_no_date_and_no_amount_of_a_case(plan):
    waits = "957 days past the last exposure (2022-05-21)"
    areas = plan.areas.assign(reason="957 minutes, 2022-05-21", release_waits_for=waits)
    areas.loc[areas["area_id"] == "A", "required"] = "none"  # the plan's own wish
    areas.loc[areas["area_id"] == "F", "required_by"] = "T2"
    notes = zone_plans.notes(("A", "geometry", "(957.1, 35.2) of 'Wang' is outside"))
    data = payload(replace(plan, areas=areas, notes=notes))
    assert "957" not in json.dumps(data)
    assert "2022-05-21" not in json.dumps(data)
    assert data["notes"] == [{"topic": "geometry", "areas": 1}]
    isle, town = row_of(data, "Isle"), row_of(data, "Old town")
    assert isle["waits"] == (
        "14 days without a case; more than 14 days past the last exposure of a close contact; "
        "that contact tested since, and clear; "
        "a clean screening of 100% of the people inside within 2 days"
    )
    assert (isle["clause"], isle["by"]) == ("zone rules, paragraph 3", "township")
    assert (town["clause"], town["waits"]) == (
        "beyond the clauses: drawn by the plan", "the next plan",
    )  # fmt: skip


def test_numbers_as_ids_cost_no_text(plan):
    plain, numbered = (
        payload(zone_plans.hand_drawn(prefix=prefix))["texts"] for prefix in ("", "2")
    )
    assert plain == numbered


def test_conditions_are_the_protocol_s():
    told = words("en", "zones")
    zones = tg.Protocol.named("china-8").zones
    assert conditions(zones, "precaution", told) == told["until-zones"]
    assert conditions(replace_release(zones), "lockdown", told) == "an order"


def replace_release(zones):
    import msgspec

    return msgspec.structs.replace(
        zones, release=None, lockdown=msgspec.structs.replace(zones.lockdown, release=None)
    )


def test_names_as_long_as_a_page_are_cut_short(plan):
    made = zone_plans.hand_drawn(extra={"name": ["N" * 10_000] * len(zone_plans.HAND_DRAWN)})
    areas = made.areas.assign(reason=f"in village {'N' * 10_000}: 1 case")
    data = payload(replace(made, areas=areas), public=False)
    assert max(map(len, [*data["areas"]["name"], *data["texts"]])) < 120
    assert all(len(row["name"]) == 80 for row in data["changes"])


def test_the_order_of_small_areas_tells_no_id(plan):
    """Whichever of two small areas bears the first id, the western one comes first."""
    areas = plan.areas.copy()
    areas.loc[areas["area_id"].isin(["A", "C"]), "households"] = 2
    code = {area: list(plan.trace.graph.area_ids).index(area) for area in "AC"}
    drawn = []
    for ids in ("AC", "CA"):
        outline = plan.shapes.outline.copy()
        outline[[code[area] for area in ids]] = plan.shapes.outline[[code["A"], code["C"]]]
        given = replace(plan, areas=areas, shapes=replace(plan.shapes, outline=outline))
        data = payload(given)
        assert data["areas"]["id"][-2:] == ["", ""]
        drawn.append(data["map"]["areas"][-2:])
    assert drawn[0] == drawn[1]


def test_levels_of_the_team_s_own_words_are_not_told():
    told = [level_told(word) for word in ("compound", "Natural_Village", "小区", "Wang's yard")]
    assert told == ["compound", "Natural_Village", "小区", ""]


def test_households_roll_up_and_small_areas_give_way_to_larger_ones():
    parent = np.array([-1, 0, 1, 1, 0])
    tree = AreaTree(parent=parent)
    households = tree.add_up(np.arange(5), [0, 0, 3, 1, 9])
    assert households.tolist() == [13, 4, 3, 1, 9]
    assert tree.nearest(households >= 5).tolist() == [0, 0, 0, 0, 4]
    assert tree.nearest(households >= 50).tolist() == [-1] * 5
    assert [rounded(n) for n in (0, 9, 10, 14, 15, 995)] == [FEWER, FEWER, 10, 10, 20, 1000]


# ---- persons


@pytest.fixture(scope="module")
def marked_plan():
    """A plan of a graph with a token in every column of every table."""
    square = '{"type":"Polygon","coordinates":[[[%s,35],[%s,35],[%s,36],[%s,36],[%s,35]]]}'
    rows = [
        marked(
            "areas", area_id=area, name=f"{area}name", parent_id=up, households=homes,
            population=homes * 3, crs="EPSG:4326", geometry=square % (x, x + 1, x + 1, x, x),
        )
        for area, up, homes, x in (
            ("tokcounty", None, 103, 101), (AREA, "tokcounty", 101, 101),
            ("toksmall", "tokcounty", 2, 102),
        )
    ]  # fmt: skip
    given = tables() | {"areas": pd.DataFrame(rows)}
    where = given["locations"]["location_id"] == "tokmarket"
    given["locations"].loc[where, "area_id"] = "toksmall"
    trace = tg.TraceGraph(**given, tz="Asia/Shanghai").trace("china-8", as_of="2022-05-12")
    made = trace.redraw_zones()
    assert set(made.areas["area_id"]) == {AREA, "toksmall"}
    assert (made.areas["planned"] == "lockdown").any()
    return made


def test_no_cell_stands_in_the_page_but_ids_and_names_of_areas(marked_plan, tmp_path):
    path = write_zone_map(marked_plan, tmp_path / "public.html")
    names = {"tokcounty", "tokcountyname", AREA, f"{AREA}name"}
    assert found(path) <= names
    assert f"{AREA}name" in found(path)


def test_the_team_s_page_names_no_person_either(marked_plan, tmp_path):
    path = write_zone_map(marked_plan, tmp_path / "internal.html", public=False)
    areas = {"tokcounty", "tokcountyname", AREA, f"{AREA}name", "toksmall", "toksmallname"}
    assert found(path) <= areas | {"tokareaslevel"}
    assert "toksmallname" in found(path)
    assert str(NUMBERS["lat"]) not in path.read_text(encoding="utf-8")


# ---- the file


def hostile_plan():
    """Every name, reason and clause means harm."""
    texts = pd.Series(outbreaks.HOSTILE, dtype="object")
    names = [*texts[: len(zone_plans.HAND_DRAWN)]]
    made = zone_plans.hand_drawn(extra={"name": names})
    reasons = [texts[13], *texts[-len(made.changes) + 1 :]]
    rows = made.changes.assign(reason=reasons, clause=texts[0], evidence=texts[1])
    areas = made.areas.assign(reason=texts[2], release_waits_for=texts[3])
    notes = zone_plans.notes(("A", texts[0], texts[6]))
    return replace(made, changes=rows, areas=areas, notes=notes)


@pytest.fixture(scope="module")
def hostile():
    return hostile_plan()


def data_of(raw):
    block = re.search(r'<script type="application/json" id="zone-data">(.*?)</script>', raw)
    return json.loads(block.group(1))


@pytest.mark.parametrize("public", [True, False])
def test_hostile_values_are_text(hostile, tmp_path, public):
    title = "".join(outbreaks.HOSTILE)
    path = write_zone_map(hostile, tmp_path / "x.html", public=public, title=title)
    raw = path.read_text(encoding="utf-8")
    assert raw.count("<script") == 2
    assert "<img" not in raw
    assert "<svg onload" not in raw
    assert ">49<" not in raw
    block = re.search(r'id="zone-data">(.*?)</script>', raw, flags=re.DOTALL).group(1)
    assert not set(block) & set("<>&\u2028\u2029\u202e\x00")
    assert not set(raw) & set("\u202e\x00")


def test_the_policy_names_exactly_what_the_page_holds(hostile, tmp_path):
    raw = write_zone_map(hostile, tmp_path / "x.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', raw).group(1)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    for tag in ("script", "style"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", raw, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    ours = re.sub(r"<(script|style)>.*?</\1>", "", raw, flags=re.DOTALL)
    assert set(re.findall(r'(?:src|href|action)="([^"]*)"', ours)) == {"data:,", "#changes"}
    assert not re.search(r'\sstyle="|\son\w+="', ours)


def test_the_page_speaks_chinese(plan, tmp_path):
    raw = write_zone_map(plan, tmp_path / "zh.html", lang="zh").read_text(encoding="utf-8")
    assert '<html lang="zh"' in raw
    for word in ("封控区", "管控区", "防范区", "调整前", "调整后"):
        assert word in raw
    assert data_of(raw)["words"]["label:lockdown"] == "封控区"


def test_an_unknown_language_is_refused(plan, tmp_path):
    with pytest.raises(ValueError, match="'tlh'"):
        write_zone_map(plan, tmp_path / "x.html", lang="tlh")
    assert not list(tmp_path.iterdir())


def test_one_plan_writes_one_file(plan, tmp_path):
    pages = [write_zone_map(plan, tmp_path / f"{n}.html").read_bytes() for n in range(2)]
    assert pages[0] == pages[1]


def test_both_languages_have_the_same_words_with_the_same_blanks():
    en, zh = words("en", "zones"), words("zh", "zones")
    own = {key for key in en if not key.startswith(("level:", "topic:"))}
    assert own == {key for key in zh if not key.startswith(("level:", "topic:"))}
    for key in own:
        blanks = [set(re.findall(r"\{\w+\}", words[key])) for words in (en, zh)]
        assert blanks[0] == blanks[1], key


def test_every_word_that_the_page_asks_for_is_there():
    sources = [*(ROOT / "web/src/zones").glob("*.js")]
    texts = [path.read_text(encoding="utf-8") for path in sources]
    asked = {key for text in texts for key in re.findall(r'\bt\("([\w-]+)"', text)}
    template = (ROOT / "tracegraph/viz/templates/zones.html").read_text(encoding="utf-8")
    asked |= set(re.findall(r'words\["([\w-]+)"\]', template))
    asked |= {key for text in texts for key in re.findall(r'\bt\([^)"]*\? "([\w-]+)"', text)}
    assert len(asked) > 30
    assert asked <= set(words("en", "zones"))


def test_the_county_s_real_plan_is_drawn(tmp_path):
    graph = tg.datasets.county(seed=1, n_people=2_000, until="2022-05-23").graph()
    plan = graph.trace("china-8", as_of="2022-05-14 18:00").redraw_zones()
    data = payload(plan)
    assert len(data["areas"]["from"]) == len(plan.areas)
    assert len(data["changes"]) == len(plan.changes)
    whole = [row for row in data["changes"] if row["action"] != "split"]
    covered = [part for row in whole for part in row["members"]]
    assert len(covered) == len(set(covered))
    assert len(covered) == plan.changes.query("action != 'split'")["areas"].sum()
    for row in data["changes"]:
        is_closed = row["action"] != "split" and max(row["from"], row["to"]) > 1
        assert bool(row["number"]) is is_closed
    tally = sum(one["areas"] for one in data["summary"]["actions"])
    assert tally == len(plan.areas)
    assert all(row["action"] for row in data["changes"])
    assert write_zone_map(plan, tmp_path / "county.html").stat().st_size < 300_000
