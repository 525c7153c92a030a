"""Neighbours by outlines, tables and trips: what counts, what is refused, what is told."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely

from outlines import at, box, graph_of, ring
from tracegraph.errors import TableError
from tracegraph.zones.geography.neighbours import (
    listed_neighbours,
    neighbours_by_movement,
    shared_borders,
)

ALL = np.arange(4)


def borders(*polygons, **options):
    outline = np.empty(len(polygons), dtype=object)
    outline[:] = polygons
    found = shared_borders(SimpleNamespace(outline=outline), np.arange(len(polygons)), **options)
    pairs = zip(found.one.tolist(), found.other.tolist(), strict=True)
    return dict(zip(pairs, found.strength.tolist(), strict=True))


def square(west, south, size=100):
    return shapely.Polygon(box(west, south, west + size, south + size))


# ---- outlines


def test_a_side_is_a_border_and_a_corner_is_none():
    found = borders(square(0, 0), square(100, 0), square(100, 100), square(0, 100))
    assert found == pytest.approx(dict.fromkeys([(0, 1), (1, 2), (2, 3), (0, 3)], 100), rel=1e-4)


def test_two_areas_that_touch_in_a_corner_alone_are_no_neighbours():
    assert borders(square(0, 0), square(100, 100)) == {}


def test_an_area_in_the_hole_of_another_borders_all_around():
    yard = shapely.Polygon(box(0, 0, 300, 300), [box(100, 100, 200, 200)])
    assert borders(yard, square(100, 100)) == pytest.approx({(0, 1): 400}, rel=1e-4)


def test_islands_border_with_each_of_their_parts():
    islands = shapely.MultiPolygon([square(0, 0), square(300, 0)])
    assert borders(islands, square(100, 0, 200)) == pytest.approx({(0, 1): 200}, rel=1e-4)


def test_the_direction_of_a_ring_does_not_matter():
    found = borders(shapely.reverse(square(0, 0)), square(100, 0))
    assert found == pytest.approx({(0, 1): 100}, rel=1e-4)


@pytest.mark.parametrize("gap", [-0.9, 0.9])
def test_a_border_with_a_slight_gap_or_overlap_counts(gap):
    found = borders(square(0, 0), square(100 + gap, 0), within_metres=0)
    assert found == pytest.approx({(0, 1): 100}, rel=0.02)  # with an overlap, its two ends too


def test_a_wider_gap_needs_a_wider_tolerance():
    pair = square(0, 0), square(103, 0)
    assert borders(*pair, within_metres=0) == {}
    assert borders(*pair, within_metres=0, gap_metres=5) == pytest.approx({(0, 1): 100}, rel=1e-4)


def test_a_border_with_other_corners_on_either_side_counts_in_full():
    wavy = shapely.Polygon(ring([(100, 0), (200, 0), (200, 100), (100, 100), (100.4, 70),
                                 (99.7, 40), (100, 0)]))  # fmt: skip
    assert borders(square(0, 0), wavy) == pytest.approx({(0, 1): 100}, rel=1e-2)


def test_two_areas_with_one_outline_are_neighbours_of_one_another_and_of_the_next():
    found = borders(square(0, 0), square(0, 0), square(100, 0))
    assert found[0, 1] == pytest.approx(300, rel=0.01)  # the fourth side is the border to the next
    assert found[0, 2] == found[1, 2] == pytest.approx(100, rel=1e-3)


def test_an_outline_drawn_twice_hides_no_neighbour_whichever_way_its_rings_run():
    north = shapely.Polygon(box(100, 0, 200, 150))  # with other corners
    for second in (square(0, 0), shapely.reverse(square(0, 0))):
        found = borders(square(0, 0), second, north)
        assert found[0, 2] == found[1, 2] == pytest.approx(100, rel=1e-3)


def test_footprints_face_one_another_the_more_the_nearer_they_are():
    strengths = [borders(square(0, 0, 20), square(20 + d, 0, 20)) for d in (5, 10, 30, 49)]
    expected = [20 * (1 - d / 50) for d in (5, 10, 30, 49)]
    assert [s[0, 1] for s in strengths] == pytest.approx(expected, rel=1e-3)
    assert borders(square(0, 0, 20), square(71, 0, 20)) == {}


def test_what_a_chain_of_borders_joins_does_not_face_one_another():
    row = [square(30 * i, 0, 30) for i in range(3)]
    assert borders(*row) == pytest.approx({(0, 1): 30, (1, 2): 30}, rel=1e-4)
    assert (0, 2) not in borders(*row)


def test_a_building_in_the_middle_of_a_yard_faces_it():
    yard = shapely.Polygon(box(0, 0, 100, 100), [box(30, 30, 70, 70)])
    assert borders(yard, square(40, 40, 20)) == pytest.approx({(0, 1): 20 * 0.8}, rel=1e-3)


def test_metres_are_those_of_the_latitude():
    """A hundredth of a degree of longitude is half as long at 60 degrees as at the equator."""
    found = {}
    for lat in (0.0, 60.0, -60.0):
        pair = (
            shapely.box(100, lat, 100.01, lat + 0.01),
            shapely.box(100, lat + 0.01, 100.01, lat + 1),
        )
        found[lat] = borders(*pair)[0, 1]
    assert found[0.0] == pytest.approx(1111.9, abs=0.1)
    assert found[60.0] == pytest.approx(found[0.0] / 2, rel=1e-3)
    assert found[-60.0] == pytest.approx(found[60.0], rel=1e-3)


def test_a_country_keeps_its_scale_in_north_and_south():
    south = [shapely.box(100 + i, 20, 101 + i, 21) for i in range(2)]
    north = [shapely.box(100 + i, 50, 101 + i, 51) for i in range(2)]
    found = borders(*south, *north)
    assert found == pytest.approx({(0, 1): 111_195, (2, 3): 111_195}, rel=1e-4)


def test_areas_without_outline_are_named_and_neighbours_of_nobody():
    outline = np.array([square(0, 0), None, square(100, 0), None], dtype=object)
    found = shared_borders(SimpleNamespace(outline=outline), np.array([2, 0, 1]))
    assert (found.one.tolist(), found.other.tolist()) == ([0], [2])
    assert found.without.tolist() == [1]
    assert found.measure == "metres of shared border"
    assert found.strength.dtype == np.float64


def test_an_island_is_named():
    outline = np.array([square(0, 0), square(100, 0), square(5_000, 0), None], dtype=object)
    found = shared_borders(SimpleNamespace(outline=outline), ALL)
    assert found.without.tolist() == [2, 3]


def test_nothing_to_compare_gives_no_pairs():
    outline = np.array([None, square(0, 0)], dtype=object)
    for finest in ([], [0], [1], [0, 1]):
        found = shared_borders(SimpleNamespace(outline=outline), np.array(finest, dtype=np.int64))
        assert (len(found), found.one.dtype) == (0, np.int64)


@pytest.mark.parametrize(("name", "value"), [("gap_metres", -1), ("within_metres", float("nan"))])
def test_distances_below_nought_are_refused(name, value):
    with pytest.raises(TableError, match=f"{name} is {value}.\n    Give metres"):
        borders(square(0, 0), **{name: value})


# ---- a table


def listed(rows, columns=("area_id", "neighbour_id", "strength"), finest=ALL, ids="ABCD"):
    graph = graph_of([None] * 4, ids=list(ids))
    return listed_neighbours(graph, pd.DataFrame(rows, columns=list(columns)), finest)


def triples(found):
    return list(zip(found.one.tolist(), found.other.tolist(), found.strength.tolist(), strict=True))


def test_pairs_are_read_either_way_round_and_once():
    found = listed([("B", "A", 3.0), ("A", "B", 5.0), ("D", "C", None), ("A", "C", "2.5")])
    assert triples(found) == [(0, 1, 5.0), (0, 2, 2.5), (2, 3, 1.0)]
    assert found.measure == "given"
    assert len(found.notes) == 0


def test_without_strength_every_pair_counts_one():
    found = listed([("A", "B"), ("B", "A")], columns=("area_id", "neighbour_id"))
    assert triples(found) == [(0, 1, 1.0)]


def test_a_pair_with_itself_and_one_of_strength_0_are_told():
    found = listed([("B", "B", 1.0), ("A", "C", 0.0), ("A", "B", 1.0)])
    assert triples(found) == [(0, 1, 1.0)]
    assert found.without.tolist() == [2, 3]
    assert found.notes.to_numpy().tolist() == [
        ["A", "listed as neighbour with strength 0", "left out"],
        ["B", "listed as its own neighbour", "left out"],
    ]


def test_an_empty_list_is_no_neighbours():
    assert triples(listed([])) == []


@pytest.mark.parametrize(("row", "problem"), [
    (("A", "Z", 1.0), r"neighbours.neighbour_id is no area of this graph: 'Z' \(1 of 1 rows\)"),
    ((None, "A", 1.0), "neighbours.area_id is no area of this graph: (None|nan)"),
    (("A", "D", 1.0), "neighbours.neighbour_id holds other areas: 'D'"),
    (("A", "B", -1.0), "neighbours.strength is no number of 0 or more: -1.0"),
    (("A", "B", float("inf")), "neighbours.strength is no number of 0 or more: inf"),
    (("A", "B", "far"), "neighbours.strength is no number of 0 or more: 'far'"),
])  # fmt: skip
def test_rows_that_cannot_be_meant_are_refused(row, problem):
    with pytest.raises(TableError, match=problem + r".*\n    \w"):
        listed([row], finest=np.array([0, 1, 2]))


def test_a_missing_column_is_named():
    with pytest.raises(TableError, match="neighbours has no column 'neighbour_id'; it has area_id"):
        listed([("A",)], columns=("area_id",))


def test_numbers_are_not_taken_for_texts():
    graph = graph_of([None] * 2, ids=[7, 9])
    pair = pd.DataFrame({"area_id": [7], "neighbour_id": [9]})
    assert triples(listed_neighbours(graph, pair, ALL)) == [(0, 1, 1.0)]
    with pytest.raises(TableError, match="no area of this graph: '7'"):
        listed_neighbours(graph, pair.astype("str"), ALL)


# ---- trips


def test_trips_make_neighbours_of_finest_areas():
    trips = pd.DataFrame(
        {"one": [0, 2, 0, 1], "other": [1, 1, 3, 1], "trips": [2.0, 4.0, 7.0, 1.0]}
    )
    found = neighbours_by_movement(trips, np.array([0, 1, 2]))
    assert triples(found) == [(0, 1, 2.0), (1, 2, 4.0)]
    assert found.measure == "trips"
    assert neighbours_by_movement(trips, ALL).without.tolist() == []
    assert neighbours_by_movement(trips[:1], ALL).without.tolist() == [2, 3]
    assert found.notes["problem"].tolist() == ["7 trips start or end in areas that hold others"]


def test_one_trip_is_a_trip():
    trips = pd.DataFrame({"one": [0], "other": [3], "trips": [1.0]})
    found = neighbours_by_movement(trips, np.array([0, 1, 2]))
    assert found.notes["problem"].tolist() == ["1 trip starts or ends in areas that hold others"]


def test_trips_that_are_no_numbers_are_refused():
    trips = pd.DataFrame({"one": [0], "other": [1], "trips": [-2.0]})
    with pytest.raises(TableError, match=r"trips\.trips is no number of 0 or more: -2.0"):
        neighbours_by_movement(trips, ALL)
    with pytest.raises(TableError, match="trips has no column 'trips'"):
        neighbours_by_movement(trips[["one", "other"]], ALL)


def test_at_is_metres():
    assert at(0, 0) == (101.0, 35.0)
