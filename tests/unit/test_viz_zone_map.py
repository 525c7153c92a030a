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

import outbreaks
import tracegraph as tg
import zone_plans
from tracegraph.viz.zone_map import write_zone_map
from tracegraph.viz.zone_map.disclosure import (
    beside_small,
    large_enough,
    level_told,
    note_told,
    reason_told,
    roll_up,
    waiting_told,
)  # fmt: skip
from tracegraph.viz.zone_map.outlines import MOST_CORNERS, by_label, lay_out, rings, union
from tracegraph.viz.zone_map.patches import patches
from tracegraph.viz.zone_map.payload import payload, zone_words
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


def test_changes_are_in_the_order_in_which_there_is_something_to_do(internal):
    rows = internal["changes"]
    assert [row["id"] for row in rows] == ["F", "C", "A", "D", "G"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 0]  # G is on no map
    members = [[internal["areas"]["id"][part] for part in row["members"]] for row in rows]
    assert members == [["F"], ["C"], ["A"], ["D"], ["G"]]


def test_people_are_counted_before_and_after(internal):
    labels = internal["summary"]["labels"]
    assert [one["before"] for one in labels] == [540, 500, 909, 300]
    assert [one["after"] for one in labels] == [300, 500, 1380, 69]
    assert internal["summary"]["beyond"] == {"before": 700, "after": 175}


def test_actions_are_counted_in_rows_and_in_finest_areas(internal):
    actions = internal["summary"]["actions"]
    told = {one["action"]: (one["rows"], one["areas"]) for one in actions}
    assert told == {"tighten": (4, 4), "release": (1, 1), "keep": (0, 2)}


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


def test_a_split_area_has_the_number_of_its_first_part_and_no_border_of_its_own(plan):
    data = payload(split_plan(plan, households=3), public=False)
    told = [(row["id"], row["action"], row["number"]) for row in data["changes"]]
    assert told == [("T1", "split", 1), ("C", "tighten", 1), ("A", "tighten", 2)]
    assert len(data["map"]["patches"]) == 2


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
    rows = [{**way}, {**way}, {**way}, {**way}, {**way, "to": 3}, {**way, "action": "keep"}]
    for row in rows:
        row.update(number=0, members=[])
    shapes = [*squares, corner, shapely.box(0, 10, 10, 20), shapely.box(0, 20, 10, 30)]
    told = patches(rows, shapes)
    assert [row["number"] for row in rows] == [1, 1, 2, 3, 4, 0]
    assert [patch["number"] for patch in told] == [1, 2, 3, 4]
    assert area_of(told[0]["rings"]) == 200


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
    assert path.stat().st_size < 800_000
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


def test_an_area_with_few_households_is_a_part_of_another(public):
    areas = public["areas"]
    assert areas["id"] == ["A", "B", "D", "E", "F", "G", ""]  # the last is the tower
    assert areas["name"][-1] == "North <b>"
    assert areas["small"] == [0, 0, 0, 0, 0, 0, 1]
    for name in ("reason", "clause", "waits"):
        assert areas[name][-1] == -1
    assert areas["people"][-1] is areas["households"][-1] is None
    row = next(row for row in public["changes"] if row["small"])
    assert (row["name"], row["id"], row["reason"], row["people"]) == ("North <b>", "", "", None)
    assert (row["from"], row["to"]) == (2, 3)
    assert "Tower" not in json.dumps(public)


def test_counts_beside_a_small_area_are_left_out_too(public):
    people = dict(zip(public["areas"]["id"], public["areas"]["people"], strict=True))
    assert people == {"A": None, "B": None, "D": 300, "E": 500, "F": 60, "G": 80, "": None}


def test_the_sum_of_a_split_area_does_not_tell_its_small_part(plan):
    split = row_of_split(payload(split_plan(plan, households=3)))
    assert split["people"] is split["households"] is None
    assert split["reason"] == ""
    assert row_of_split(payload(split_plan(plan, households=3), public=False))["people"] == 1309


def row_of_split(data):
    (row,) = [row for row in data["changes"] if row["action"] == "split"]
    return row


def test_the_public_page_has_no_evidence_and_no_vulnerable_persons(public, internal):
    for data, holds in ((public, False), (internal, True)):
        assert ("vulnerable" in data["areas"]) is holds
        assert all(("evidence" in row) is ("vulnerable" in row) is holds for row in data["changes"])
    assert "37" in row_of(internal, "Isle")["evidence"]
    assert row_of(internal, "Isle")["reason"].startswith("3 cases stayed")
    assert row_of(public, "Isle")["reason"].startswith("fewer than 5 cases stayed")


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 case lived here (lockdown from 1)", "fewer than 5 cases lived here (lockdown from 1)"),
        ("36 venue contacts met here", "36 venue contacts met here"),
        ("1,204 minutes", "1,204 minutes"),
        ("in compound A00020: 2 cases", "in compound A00020: fewer than 5 cases"),
        ("may end since 2022-05-04; 0 cases", "may end since 2022-05-04; 0 cases"),
        ("no clause demands it: 0.31 infections expected", "no clause demands it"),
        ("0.31 infections expected; 40 contacts", "40 contacts"),
        ("4 persons who met a case", "fewer than 5 persons who met a case"),
        ("5 persons who met a case", "5 persons who met a case"),
        ("near U-7: 9 cases; 8 cases", "8 cases"),
        (
            "9 stays (from 2) and 3 persons (from 1)",
            "9 stays (from 2) and fewer than 5 persons (from 1)",
        ),
        ("2.5 persons (from 1) in A: 7 cases (from 3)", ""),
        ("", ""),
    ],
)
def test_no_small_count_stands_in_a_reason(text, told):
    assert reason_told(text, {"U-7"}) == told


def test_what_was_found_so_far_is_not_waited_for_in_public():
    text = "a clean screening of everybody (now 97 % negative, 1 positive); 14 days (2022-05-26)"
    assert waiting_told(text, ()) == "a clean screening of everybody; 14 days (2022-05-26)"
    assert note_told("crs 'of Wang' is unknown", ()) == "crs … is unknown"


def test_no_text_of_the_public_page_has_a_small_count_or_names_a_small_area(plan):
    said = "4 exposures to cases here; next to C: 30 cases"
    notes = zone_plans.notes(("A", "clauses", "judge by hand: 2 cases at 'Wang'"))
    areas = plan.areas.assign(reason=said)
    data = payload(replace(plan, areas=areas, notes=notes))
    areas = data["areas"]
    texts = {name: data["texts"][areas[name][0]] for name in ("reason", "waits")}
    assert texts == {
        "reason": "fewer than 5 exposures to cases here",
        "waits": "14 days without a case (2022-05-26); a clean screening",
    }
    assert data["notes"] == [
        {
            "topic": "clauses",
            "note": "judge by hand: fewer than 5 cases at …",
            "areas": ["Old town"],
        }
    ]
    assert "next to C" not in json.dumps(data["texts"])


def test_people_of_a_label_that_few_households_have_are_few(plan):
    areas = plan.areas.copy()
    areas.loc[areas["area_id"] == "F", "planned"] = "none"
    few = replace(plan, areas=areas)  # the tower alone is under lockdown
    after = [one["after"] for one in payload(few)["summary"]["labels"]]
    assert after == [360, 500, 1380, None]
    assert payload(few, public=False)["summary"]["labels"][3]["after"] == 9


def test_levels_of_the_team_s_own_words_are_not_told():
    told = [level_told(word) for word in ("compound", "Natural_Village", "小区", "Wang's yard")]
    assert told == ["compound", "Natural_Village", "小区", ""]


def test_households_roll_up_and_small_areas_give_way_to_larger_ones():
    parent = np.array([-1, 0, 1, 1, 0])
    households = roll_up(parent, np.array([0, 0, 3, 1, 9]))
    assert households.tolist() == [13, 4, 3, 1, 9]
    assert large_enough(parent, households).tolist() == [0, 0, 0, 0, 4]
    assert large_enough(parent, households // 10).tolist() == [-1] * 5
    assert beside_small(parent, np.array([2, 3, 4]), np.array([0, 0, 1, 0, 0], bool)) == [
        True, True, False,
    ]  # fmt: skip


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
    en, zh = zone_words("en"), zone_words("zh")
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
    assert asked <= set(zone_words("en"))


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
    assert all(bool(row["number"]) is (row["action"] != "keep") for row in data["changes"])
    assert all(row["action"] for row in data["changes"])
    assert write_zone_map(plan, tmp_path / "county.html").stat().st_size < 300_000
