"""The notice of Xiahe county, Gansu, of 17 July 2022, 12:00, said in the words of a plan.

Read in Gansu Daily, 18 July 2022 (gansu.gansudaily.com.cn/system/2022/07/18/030593838.shtml):
zones of 15 July that adjoin are merged, high risk 7 to 2 and medium risk 16 to 3; building 6
of an estate becomes high risk while the estate is medium risk, and so a lane of a village; four
high and three medium zones of 13 July stay. In all 8 high and 8 medium. Two "key control areas"
have no place on the scale of the 9th edition and are left out. Which parts adjoin is ours: the
notice says that they do (联片), not along which borders. Nor does it say how many live there:
a hundred each are ours.
"""

import itertools

import pandas as pd
import pytest

import tracegraph as tg

HIGH, MEDIUM = "高风险区", "中风险区"
KECAI = ["qimo", "zanbuning", "kecai"]
NIMALONG_HIGH = [f"nimalong {n}" for n in (1, 2, 3, 11)]
NIMALONG_MEDIUM = [f"nimalong {n}" for n in range(4, 11)]
BAJIAOCHENG = [f"bajiaocheng {n}" for n in range(1, 6)]
GANGCHA = [f"gangcha {n}" for n in range(1, 5)]
ESTATE = [f"estate 4, building {n}" for n in range(1, 9)]
STAY_HIGH = [f"high of 13 July, {n}" for n in range(1, 5)]
STAY_MEDIUM = [f"medium of 13 July, {n}" for n in range(1, 4)]
ROUZHA = ["rouzha, lane", "rouzha, rest"]

VILLAGES = {
    "kecai township": KECAI,
    "nimalong": NIMALONG_HIGH + NIMALONG_MEDIUM,
    "bajiaocheng": BAJIAOCHENG,
    "gangcha": GANGCHA,
    "estate 4": ESTATE,
    "rouzha": ROUZHA,
    "elsewhere": [*STAY_HIGH, *STAY_MEDIUM, "everything else"],
}
ADJOINING = [KECAI, NIMALONG_HIGH, NIMALONG_MEDIUM, BAJIAOCHENG, GANGCHA, ESTATE, ROUZHA]


def areas():
    rows = [("xiahe", None, "county")]
    for village, parts in VILLAGES.items():
        rows.append((village, "xiahe", "village"))
        rows += [(part, village, "natural_village") for part in parts]
    frame = pd.DataFrame(rows, columns=["area_id", "parent_id", "level"])
    return frame.assign(population=frame["level"].map({"natural_village": 100}))


def borders():
    pairs = [pair for row in ADJOINING for pair in itertools.pairwise(row)]
    pairs.append(("nimalong 3", "nimalong 4"))
    return pd.DataFrame(pairs, columns=["area_id", "neighbour_id"])


def history():
    """Each zone as it was ordered, one by one."""
    ordered = [
        *((area, HIGH, "2022-07-15") for area in KECAI + NIMALONG_HIGH),
        *((area, MEDIUM, "2022-07-15") for area in NIMALONG_MEDIUM + BAJIAOCHENG + GANGCHA),
        *((area, HIGH, "2022-07-13") for area in STAY_HIGH),
        *((area, MEDIUM, "2022-07-13") for area in STAY_MEDIUM),
    ]
    frame = pd.DataFrame(ordered, columns=["area_id", "zone", "start"])
    return frame.assign(order=[f"zone {n}" for n in range(len(frame))])


def decided():
    """What the county's experts settled on."""
    high = [*KECAI, *NIMALONG_HIGH, *STAY_HIGH, "rouzha, lane", "estate 4, building 6"]
    medium = [*NIMALONG_MEDIUM, *BAJIAOCHENG, *GANGCHA, *STAY_MEDIUM, "rouzha", "estate 4"]
    return {**dict.fromkeys(medium, MEDIUM), **dict.fromkeys(high, HIGH)}


@pytest.fixture(scope="module")
def plan():
    case = pd.DataFrame({"person_id": ["nobody named"], "confirmed": ["2022-07-16 20:00"]})
    graph = tg.TraceGraph(cases=case, areas=areas(), zone_history=history(), tz="Asia/Shanghai")
    trace = graph.trace("china-9", as_of="2022-07-17 12:00")
    return trace.redraw_zones(at_least=decided(), neighbours=borders())


def counted(plan, when, label, action=None):
    zones = plan.zones.query("when == @when and label == @label")
    return len(zones if action is None else zones.query("action == @action"))


def test_seven_high_zones_merge_into_two_and_sixteen_medium_ones_into_three(plan):
    assert counted(plan, "now", "lockdown", "merge") == 7
    assert counted(plan, "planned", "lockdown", "merge") == 2
    assert counted(plan, "now", "control", "merge") == 16
    assert counted(plan, "planned", "control", "merge") == 3


def test_the_county_ends_with_eight_high_and_eight_medium_zones(plan):
    assert counted(plan, "now", "lockdown") == 11
    assert counted(plan, "now", "control") == 19
    assert counted(plan, "planned", "lockdown") == 8
    assert counted(plan, "planned", "control") == 8


def test_zones_of_the_thirteenth_stay(plan):
    assert counted(plan, "planned", "lockdown", "keep") == 4
    assert counted(plan, "planned", "control", "keep") == 3


def test_one_building_is_high_inside_a_medium_compound(plan):
    label = plan.areas.set_index("area_id")["planned"].astype(str)
    assert label["estate 4, building 6"] == "lockdown"
    assert set(label[[b for b in ESTATE if not b.endswith("6")]]) == {"control"}
    new = plan.zones.query("when == 'planned' and action == 'new'").set_index("area_id")
    assert new.loc["estate 4", ["label", "areas"]].astype(str).tolist() == ["control", "7"]
    assert new.loc["estate 4, building 6", "label"] == "lockdown"


def test_the_changes_name_what_is_new_and_what_stays(plan):
    actions = plan.changes.groupby("action")["area_id"].apply(set)
    assert actions["tighten"] == {"rouzha, lane", "rouzha, rest"} | set(ESTATE)
    assert "extend" not in actions
    assert {"bajiaocheng", "gangcha", "kecai township"} <= actions["keep"]
