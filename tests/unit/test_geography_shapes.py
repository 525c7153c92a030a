"""Outlines as tables hold them: good, bad, and in other systems; every area drawn or told."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from outlines import METRES_EAST, METRES_NORTH, at, box, graph_of, ring, wkt
from tracegraph.zones.geography.coordinates import from_wgs84
from tracegraph.zones.geography.neighbours import shared_borders
from tracegraph.zones.geography.notes import gathered
from tracegraph.zones.geography.outlines import IRREGULAR
from tracegraph.zones.geography.shapes import area_m2, read_shapes

SQUARE = box(0, 0, 100, 100)
UNREADABLE = "the geometry cannot be read as GeoJSON, WKB or WKT"


def geojson(*rings):
    return {"type": "Polygon", "coordinates": [[list(p) for p in points] for points in rings]}


def told(shapes, area=None):
    notes = shapes.notes if area is None else shapes.notes[shapes.notes["area_id"] == area]
    return list(zip(notes["problem"], notes["done"], strict=True))


def moved(points, crs):
    """Points in another system."""
    return [tuple(map(float, from_wgs84(x, y, crs))) for x, y in points]


def metres_apart(one, other):
    """Largest distance between the points of two outlines."""
    step = (shapely.get_coordinates(one) - shapely.get_coordinates(other)) * (
        METRES_EAST, METRES_NORTH)  # fmt: skip
    return np.hypot(*step.T).max()


# ---- forms


def forms():
    shape = shapely.Polygon(SQUARE)
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": geojson(SQUARE)}
    return {
        "geometry": json.dumps(geojson(SQUARE)),
        "feature": json.dumps(feature),
        "collection of one": json.dumps({"type": "FeatureCollection", "features": [feature]}),
        "wkt": wkt(SQUARE),
        "ewkt": "SRID=4326;" + wkt(SQUARE),
        "wkb": shapely.to_wkb(shape),
        "hex": shapely.to_wkb(shape, hex=True),
        "ewkb": shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True),
        "bytea": "\\x" + shapely.to_wkb(shape, hex=True).lower(),
        "shapely": shape,
        "with height": shapely.to_wkb(shapely.force_3d(shape, 3200.0), output_dimension=3),
        "multi": shapely.MultiPolygon([shape]).wkt,
    }


@pytest.mark.parametrize("form", list(forms()))
def test_every_form_gives_the_same_outline(form):
    shapes = read_shapes(graph_of([forms()[form]]))
    assert shapely.equals(shapes.outline[0], shapely.Polygon(SQUARE))
    assert not shapely.has_z(shapes.outline[0])
    assert told(shapes) == []


def test_holes_and_islands_are_kept():
    hole = box(20, 20, 40, 40)
    islands = shapely.MultiPolygon([shapely.Polygon(SQUARE), shapely.Polygon(box(200, 0, 300, 50))])
    shapes = read_shapes(graph_of([wkt(SQUARE, hole), islands.wkt], parent_id=[None, "A"]))
    assert area_m2(shapes.outline) == pytest.approx([9_600, 15_000], rel=1e-4)
    assert shapely.get_num_geometries(shapes.outline[1]) == 2


@pytest.mark.parametrize("text", [
    json.dumps(geojson(SQUARE[:-1])),
    json.dumps({"type": "Polygon", "coordinates": [[[str(x), str(y)] for x, y in SQUARE]]}),
    json.dumps({"type": "Polygon", "coordinates": [[[x, y, 1, 2] for x, y in SQUARE]]}),
    wkt(SQUARE[:-1]),
])  # fmt: skip
def test_irregular_texts_are_read_and_told(text):
    shapes = read_shapes(graph_of([text]))
    assert shapely.equals(shapes.outline[0], shapely.Polygon(SQUARE))
    assert told(shapes) == [(IRREGULAR, "read all the same, rings closed")]


def test_of_a_collection_the_polygons_are_kept():
    line = shapely.LineString([at(0, 0), at(500, 500)])
    inner = shapely.GeometryCollection([shapely.Polygon(SQUARE), line])
    two = shapely.GeometryCollection([inner, shapely.Polygon(box(200, 0, 300, 100))])
    shapes = read_shapes(graph_of([two.wkt]))
    assert area_m2(shapes.outline) == pytest.approx([20_000], rel=1e-4)
    assert told(shapes) == [("a collection of several geometries", "its polygons taken together")]


@pytest.mark.parametrize(("cell", "problem"), [
    (None, "no geometry"), ("", "no geometry"), ("  ", "no geometry"),
    ("rubbish", UNREADABLE), ("{", UNREADABLE), (5, UNREADABLE), (b"\x01\x03", UNREADABLE),
    ('{"type": "Polygon"}', UNREADABLE), ('{"type": "Feature", "geometry": null}', UNREADABLE),
    ('{"type": "Polygon", "coordinates": [[[100, 35], [100, "x"], [101, 36]]]}', UNREADABLE),
    ('{"type": "Polygon", "coordinates": [[[100, 35], [1e999, 35], [101, 36], [100, 35]]]}',
     UNREADABLE),
    ("POLYGON EMPTY", "an empty geometry"),
    ('{"type": "Polygon", "coordinates": []}', "an empty geometry"),
    ("POINT (101 35)", "a Point is no outline"),
    ("LINESTRING (101 35, 102 36)", "a LineString is no outline"),
    ("GEOMETRYCOLLECTION (POINT (101 35))", "a collection without polygons"),
    (shapely.to_wkb(shapely.Polygon([(100, 35), (float("inf"), 35), (101, 36)])),
     "a coordinate is not a number"),
    ("POLYGON ((101 35, 101 35, 101 35, 101 35))", "an outline without area"),
    ("POLYGON ((101 35, 102 35, 103 35, 101 35))", "an outline without area"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value encountered")  # of shapely, making infinity
def test_an_area_that_cannot_be_drawn_is_told(cell, problem):
    shapes = read_shapes(graph_of([cell, wkt(SQUARE)]))
    assert shapes.outline[0] is None
    assert shapes.outline[1] is not None
    assert problem in [text for text, _ in told(shapes, "A")]
    assert told(shapes, "A")[-1][1].startswith("left without outline")


def test_a_point_is_no_outline_and_an_area_without_row_is_told():
    graph = graph_of(
        [None, wkt(SQUARE)], lat=[35.0, None], lon=[101.0, None], parent_id=["Z", None]
    )
    assert told(read_shapes(graph)) == [
        ("only a point (lat, lon), no geometry", "left without outline"),
        ("no row in areas", "left without outline"),
    ]


def test_an_area_whose_parts_are_drawn_needs_no_outline():
    graph = graph_of([None, None, wkt(SQUARE), None], parent_id=[None, "A", "B", None])
    assert read_shapes(graph).notes["area_id"].tolist() == ["D"]


def test_graphs_without_areas_or_geometry_are_read():
    cases = pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]})
    shapes = read_shapes(tg.TraceGraph(cases=cases, tz="UTC"))
    assert (len(shapes.outline), list(shapes.notes.columns)) == (0, ["area_id", "problem", "done"])
    areas = pd.DataFrame({"area_id": [7, 9]})
    shapes = read_shapes(tg.TraceGraph(cases=cases, areas=areas, tz="UTC"))
    assert told(shapes) == [("areas has no geometry", "all areas left without outline")]
    assert shapes.notes["area_id"].isna().all()


# ---- repair


def test_a_bow_tie_becomes_its_two_wings():
    shapes = read_shapes(graph_of([wkt(ring([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)]))]))
    assert area_m2(shapes.outline) == pytest.approx([5_000], rel=1e-3)
    [(problem, done)] = told(shapes)
    assert problem.startswith("Self-intersection[")
    assert problem.endswith("; its area is 5,000 m²")
    assert done == "repaired"


@pytest.mark.parametrize(("parts", "square_metres"), [
    (shapely.MultiPolygon([shapely.Polygon(SQUARE), shapely.Polygon(box(50, 0, 150, 100))]),
     15_000),  # overlapping parts are one area, not a hole
    (shapely.Polygon(SQUARE, [box(200, 0, 250, 50)]), 12_500),  # a hole outside is an island
    (shapely.Polygon(SQUARE, [box(50, 0, 150, 50)]), 7_500),  # a hole half outside
    (shapely.Polygon(ring([(0, 0), (100, 0), (100, 100), (50, 100), (50, 150), (50, 100),
                           (0, 100), (0, 0)])), 10_000),  # a spike
])  # fmt: skip
def test_invalid_polygons_are_repaired_and_told(parts, square_metres):
    assert not shapely.is_valid(parts)
    shapes = read_shapes(graph_of([parts.wkt]))
    assert area_m2(shapes.outline) == pytest.approx([square_metres], rel=1e-3)
    assert shapely.is_valid(shapes.outline[0])
    assert [done for _, done in told(shapes)] == ["repaired"]


def test_points_that_repeat_need_no_repair():
    points = [point for point in SQUARE for _ in range(3)]
    assert told(read_shapes(graph_of([wkt(points)]))) == []


# ---- where on the globe


def test_swapped_coordinates_are_told_and_not_mended():
    shapes = read_shapes(graph_of([wkt([(y, x) for x, y in SQUARE])]))
    assert shapes.outline[0] is None
    assert told(shapes) == [
        ("lat and lon look swapped: latitude up to 101.001", "left without outline")
    ]


def test_swapped_coordinates_are_told_where_both_could_be_latitudes():
    """In Germany 10 degrees east and 50 north are both latitudes."""
    boxes = [shapely.box(10 + i / 100, 50, 10 + (i + 1) / 100, 50.01) for i in range(4)]
    boxes[2] = shapely.transform(boxes[2], lambda xy: xy[:, ::-1])
    shapes = read_shapes(graph_of([shape.wkt for shape in boxes]))
    assert [shape is None for shape in shapes.outline] == [False, False, True, False]
    assert told(shapes) == [
        ("far from its siblings, and among them if lat and lon are swapped", "left without outline")
    ]


KASHGAR = [shapely.box(75 + i / 100, 39, 75 + (i + 1) / 100, 39.01) for i in range(4)]


def swapped(shape):
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def test_all_outlines_swapped_in_kashgar_are_told():
    """75 east and 39 north are both latitudes, and nothing lies beyond 90."""
    shapes = read_shapes(graph_of([swapped(shape).wkt for shape in KASHGAR]))
    assert all(shape is None for shape in shapes.outline)
    assert set(told(shapes)) == {(
        "all outlines lie outside of China, and in it if lat and lon are swapped",
        "left without outline",
    )}  # fmt: skip
    assert told(read_shapes(graph_of([shape.wkt for shape in KASHGAR]))) == []


def test_an_outline_swapped_against_its_own_point_is_told():
    cells = [KASHGAR[0].wkt, swapped(KASHGAR[1]).wkt]
    shapes = read_shapes(graph_of(cells, lat=[39.005] * 2, lon=[75.005, 75.015]))
    assert [shape is None for shape in shapes.outline] == [False, True]
    assert told(shapes) == [(
        "far from its own lat and lon, and there if lat and lon are swapped",
        "left without outline",
    )]  # fmt: skip


def test_an_outline_at_its_own_point_is_not_swapped():
    """Svalbard lies outside of China, and would lie in its box."""
    svalbard = shapely.box(15, 78, 15.1, 78.1)
    assert told(read_shapes(graph_of([svalbard.wkt], lat=[78.05], lon=[15.05]))) == []


def test_outlines_swapped_against_their_places_are_told():
    places = pd.concat([
        places_in("A", [(75.005, 39.005)] * 2), places_in("B", [(75.015, 39.005)] * 2)
    ])  # fmt: skip
    cells = [swapped(KASHGAR[0]).wkt, KASHGAR[1].wkt]
    assert told(read_shapes(graph_of(cells, locations=places))) == [(
        "its places lie outside, and inside if lat and lon are swapped in one of the tables",
        "nothing changed; if so, swap them there",
    )]  # fmt: skip


def test_an_exclave_far_away_is_kept():
    boxes = [shapely.box(10 + i / 100, 50, 10 + (i + 1) / 100, 50.01) for i in range(4)]
    boxes[1] = shapely.box(20, 54, 20.1, 54.1)
    shapes = read_shapes(graph_of([shape.wkt for shape in boxes]))
    assert told(shapes) == []


@pytest.mark.parametrize(("shape", "crs", "problem"), [
    (shapely.box(11_240_000, 4_160_000, 11_240_100, 4_160_100), None, "are no degrees"),
    (shapely.box(1e300, 35, 2e300, 36), None, "are no degrees"),
    (shapely.box(3e7, 0, 4e7, 10), "EPSG:3857", "lie beyond EPSG:3857"),
    (shapely.box(101, 35, 102, 36), "EPSG:3857", "look like degrees"),
    (shapely.box(185, 35, 186, 36), None, "are no degrees"),
])  # fmt: skip
def test_coordinates_off_the_globe_are_told(shape, crs, problem):
    shapes = read_shapes(graph_of([shape.wkt], crs=[crs]))
    assert shapes.outline[0] is None
    [(text, done)] = told(shapes)
    assert problem in text
    assert done == "left without outline"


def test_a_ring_across_the_antimeridian_is_told():
    ring_around = shapely.Polygon([(179.9, -17), (-179.9, -17), (-179.9, -16), (179.9, -16)])
    halves = shapely.MultiPolygon([
        shapely.box(179.9, -17, 180, -16), shapely.box(-180, -17, -179.9, -16)])  # fmt: skip
    shapes = read_shapes(graph_of([ring_around.wkt, halves.wkt]))
    assert shapes.outline[0] is None
    assert shapes.outline[1].equals(halves)
    assert [text for text, _ in told(shapes)] == [
        "a ring is wider than 180 degrees: it crosses the antimeridian and is not cut there",
        "reaches the antimeridian",
    ]


# ---- systems


@pytest.mark.parametrize("crs", ["GCJ-02", "bd09", "EPSG:3857", "CGCS2000"])
def test_declared_systems_are_converted_row_by_row(crs):
    west, east = box(0, 0, 400, 400), box(400, 0, 800, 400)
    shapes = read_shapes(graph_of([wkt(west), wkt(moved(east, crs))], crs=["WGS-84", crs]))
    assert metres_apart(shapes.outline[1], shapely.Polygon(east)) < 0.01
    borders = shared_borders(shapes, np.arange(2))
    assert borders.strength == pytest.approx([400], abs=1)
    if crs != "CGCS2000":
        [(problem, done)] = told(shapes)
        assert problem.endswith("where other areas have WGS-84")
        assert done == "converted to WGS-84"


def test_one_system_for_all_is_told_as_such():
    both = [wkt(moved(box(0, 0, 99, 99), "GCJ-02")), wkt(moved(box(200, 0, 300, 99), "GCJ-02"))]
    assert set(told(read_shapes(graph_of(both, crs=["gcj02", "GCJ-02"])))) == {
        ("coordinates in GCJ-02", "converted to WGS-84")
    }


def test_gcj02_outside_of_its_box_is_told():
    shapes = read_shapes(graph_of([shapely.box(10, 50, 11, 51).wkt], crs=["GCJ-02"]))
    assert shapes.outline[0].equals(shapely.box(10, 50, 11, 51))
    assert told(shapes)[1] == (
        "lies outside the box in which GCJ-02 shifts", "taken as WGS-84 there")  # fmt: skip


def test_a_system_that_the_geometry_names_is_used_where_crs_is_missing():
    metric = moved(SQUARE, "EPSG:3857")
    shape = shapely.set_srid(shapely.Polygon(metric), 3857)
    old = geojson(metric) | {
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    }
    cells = [shapely.to_wkb(shape, hex=True, include_srid=True), json.dumps(old),
             "SRID=3857;" + wkt(metric)]  # fmt: skip
    for cell in cells:
        shapes = read_shapes(graph_of([cell]))
        assert metres_apart(shapes.outline[0], shapely.Polygon(SQUARE)) < 0.01


def test_crs_goes_before_what_the_geometry_names():
    for cell in ("SRID=3857;" + wkt(SQUARE), "SRID=32648;" + wkt(SQUARE)):
        shapes = read_shapes(graph_of([cell], crs=["WGS-84"]))
        assert told(shapes) == [("crs is not the system that the geometry names", "crs was taken")]


@pytest.mark.parametrize(("word", "crs"), [
    ("火星坐标", "GCJ-02"), ("火星坐标系", "GCJ-02"), ("高德地图", "GCJ-02"), ("百度", "BD-09"),
    ("国家2000", "WGS-84"), ("大地2000坐标系", "WGS-84"),
])  # fmt: skip
def test_systems_have_their_chinese_names(word, crs):
    shapes = read_shapes(graph_of([wkt(moved(SQUARE, crs))], crs=[word]))
    assert metres_apart(shapes.outline[0], shapely.Polygon(SQUARE)) < 0.01


def test_an_unknown_system_leaves_its_rows_out_and_is_told():
    cells = [wkt(SQUARE), wkt(box(200, 0, 300, 9)), wkt(box(400, 0, 500, 9)), None]
    shapes = read_shapes(graph_of(cells, crs=["EPSG:4547", "EPSG:4547", None, "?"]))
    assert [shape is None for shape in shapes.outline] == [True, True, False, True]
    assert set(told(shapes, "A") + told(shapes, "B")) == {(
        "no coordinate system is called 'EPSG:4547' here",
        "left without outline; convert it to WGS-84, or declare CGCS2000, GCJ-02, BD-09 or "
        "EPSG:3857",
    )}  # fmt: skip
    assert told(shapes, "D") == [("no geometry", "left without outline")]


# ---- undeclared shifts


def places_in(area, points):
    lon, lat = zip(*points, strict=True)
    ids = [f"{area}{i}" for i in range(len(points))]
    return pd.DataFrame({"location_id": ids, "area_id": area, "lon": lon, "lat": lat})


TWO = [box(0, 0, 80, 80), box(100, 0, 180, 80)]
PLACES = pd.concat([
    places_in("A", [at(20, 20), at(40, 60), at(70, 30)]), places_in("B", [at(120, 20)])
])  # fmt: skip


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_an_undeclared_shift_of_an_outline_is_told_and_nothing_changed(crs):
    shifted = moved(TWO[0], crs)
    cells = [wkt(shifted), wkt(TWO[1]), wkt(box(200, 0, 280, 80))]
    shapes = read_shapes(graph_of(cells, locations=PLACES))
    assert metres_apart(shapes.outline[0], shapely.Polygon(shifted)) == 0
    assert told(shapes) == told(shapes, "A") == [fits(crs)]


def test_an_undeclared_shift_of_the_places_is_told():
    lon, lat = from_wgs84(PLACES["lon"], PLACES["lat"], "BD-09")
    locations = PLACES.assign(lon=lon, lat=lat)
    shapes = read_shapes(graph_of([wkt(points) for points in TWO], locations=locations))
    assert {area: told(shapes, area)[0][1] for area in "AB"} == dict.fromkeys(
        "AB",
        "nothing changed; if so, convert locations.lat and lon to WGS-84, or correct areas.crs",
    )
    assert told(shapes, "B")[0][0] == "its places lie outside, and inside if they are BD-09"


def test_places_where_they_should_be_are_not_told():
    assert told(read_shapes(graph_of([wkt(points) for points in TWO], locations=PLACES))) == []


@pytest.mark.parametrize("step", [(60, 0), (0, -500), (-400, 300)])
def test_places_astray_otherwise_are_no_shift(step):
    locations = PLACES.assign(
        lon=PLACES["lon"] + step[0] / METRES_EAST, lat=PLACES["lat"] + step[1] / METRES_NORTH
    )
    shapes = read_shapes(graph_of([wkt(points) for points in TWO], locations=locations))
    assert told(shapes) == []


def test_one_place_astray_is_no_pattern():
    lon, lat = from_wgs84(*at(120, 20), "GCJ-02")
    locations = places_in("B", [(float(lon), float(lat))])
    assert told(read_shapes(graph_of([wkt(points) for points in TWO], locations=locations))) == []


def fits(crs):
    return (f"fits its surroundings if it is {crs}",
            "nothing changed; if so, declare it in areas.crs")  # fmt: skip


def shifted_of(shapes, crs):
    rows = shapes.notes[shapes.notes["problem"] == fits(crs)[0]]
    return rows["area_id"].tolist()


TILES = [box(120 * i, 120 * j, 120 * i + 120, 120 * j + 120) for i in range(4) for j in range(4)]
TILE_IDS = [f"T{i:02}" for i in range(16)]


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
@settings(max_examples=25, deadline=None)
@given(at=st.sets(st.integers(0, 15), min_size=2))
def test_with_their_own_points_just_the_shifted_outlines_are_told(crs, at):
    """The twin is the choice of which to shift."""
    cells = [wkt(moved(tile, crs) if i in at else tile) for i, tile in enumerate(TILES)]
    lon, lat = np.array([np.mean(tile[:4], axis=0) for tile in TILES]).T
    shapes = read_shapes(graph_of(cells, ids=TILE_IDS, lon=lon, lat=lat))
    assert shifted_of(shapes, crs) == [TILE_IDS[i] for i in sorted(at)]
    assert len(shapes.notes) == len(at)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_a_shift_shows_by_parent_and_siblings_alone(crs):
    row = [box(120 * i, 0, 120 * i + 120, 120) for i in range(6)]
    cells = [wkt(moved(tile, crs) if i in (1, 4) else tile) for i, tile in enumerate(row)]
    around = wkt(box(0, 0, 720, 120))
    for parent in (around, None) if crs == "GCJ-02" else (around,):  # BD-09: they lie alone
        graph = graph_of([parent, *cells], parent_id=[None, *"AAAAAA"])
        assert shifted_of(read_shapes(graph), crs) == ["C", "F"]
    all_of_them = [wkt(moved(tile, crs)) for tile in row]
    graph = graph_of([around, *all_of_them], parent_id=[None, *"AAAAAA"])
    assert told(read_shapes(graph)) == [fits(crs)] * 6


@pytest.mark.parametrize("metres", [10, 40, 100])
def test_outlines_that_are_drawn_badly_are_no_shift(metres):
    rng = np.random.default_rng(metres)
    cells = [wkt(ring([(x + dx, y + dy) for x, y in ((i, j), (i + 119, j), (i + 119, j + 119),
                                                     (i, j + 119), (i, j))]))
             for i in range(0, 960, 120) for j in range(0, 960, 120)
             for dx, dy in [rng.uniform(-metres, metres, 2)]]  # fmt: skip
    parent = wkt(box(0, 0, 960, 960))
    shapes = read_shapes(graph_of([parent, *cells], ids=[f"A{i}" for i in range(65)],
                                  parent_id=[None, *["A0"] * 64]))  # fmt: skip
    assert shifted_of(shapes, "GCJ-02") == shifted_of(shapes, "BD-09") == []
    assert len(shapes.notes) > 50


def test_outlines_drawn_twice_are_no_shift():
    cells = [wkt(tile) for tile in TILES[::5] for _ in range(2)]
    assert {done for _, done in told(read_shapes(graph_of(cells)))} == {"nothing changed"}


def test_a_system_of_places_that_is_not_read_is_told():
    lon, lat = from_wgs84(PLACES["lon"], PLACES["lat"], "GCJ-02")
    cells = [wkt(points) for points in TWO]
    for crs, count in (("gcj02", 1), ("EPSG:4547", 1), ("EPSG:4326", 0), (None, 0)):
        locations = PLACES.assign(lon=lon, lat=lat, crs=crs)
        notes = read_shapes(graph_of(cells, locations=locations)).notes
        named = notes[notes["area_id"].isna()]
        assert named["problem"].str.contains("locations.crs says").sum() == len(named) == count


def test_the_county_with_every_second_outline_shifted_is_one_pattern():
    graph = tg.datasets.county(seed=1).graph()
    at = np.arange(len(graph.areas)) % 2 == 1
    shape = shapely.from_geojson(graph.areas["geometry"].to_numpy(object))
    mars = shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(*xy.T, "GCJ-02")))
    areas = graph.areas.assign(geometry=np.where(at, mars, shape), crs=None)
    shapes = read_shapes(tg.TraceGraph(cases=graph.cases, areas=areas, tz="Asia/Shanghai"))
    assert shifted_of(shapes, "GCJ-02") == areas["area_id"][at].tolist()
    assert gathered(shapes.notes)["areas"].tolist() == [1_621]


# ---- siblings and parents


def test_siblings_that_overlap_are_told():
    cells = [wkt(box(0, 0, 100, 100)), wkt(box(90, 0, 200, 100)), wkt(box(199.9, 0, 300, 100))]
    shapes = read_shapes(graph_of(cells))
    assert told(shapes) == [("overlaps a sibling by 10% of the smaller one: B",
                             "nothing changed")]  # fmt: skip


def test_two_areas_with_one_outline_are_told():
    shapes = read_shapes(graph_of([wkt(SQUARE)] * 2))
    assert told(shapes) == [("overlaps a sibling by 100% of the smaller one: B",
                             "nothing changed")]  # fmt: skip


def test_a_child_with_the_outline_of_its_parent_is_well():
    assert told(read_shapes(graph_of([wkt(SQUARE)] * 2, parent_id=[None, "A"]))) == []


def test_a_child_outside_of_its_parent_is_told():
    cells = [wkt(SQUARE), wkt(box(0, 0, 50, 100.4)), wkt(box(60, 0, 110, 100))]
    shapes = read_shapes(graph_of(cells, parent_id=[None, "A", "A"]))
    assert told(shapes) == [("20% of it lies outside of its parent: A", "nothing changed")]


def test_notes_name_areas_by_their_ids_in_order():
    cells = [None, wkt(SQUARE), wkt(SQUARE[:-1])]
    shapes = read_shapes(graph_of(cells, ids=[30, 10, 20]))
    assert shapes.notes["area_id"].tolist() == [10, 20, 30]
    assert shapes.notes.dtypes.astype(str).tolist() == ["int64", "str", "str"]


def test_notes_that_differ_in_numbers_and_names_are_gathered():
    cells = [wkt(box(90 * i, 0, 90 * i + 100 - i, 100)) for i in range(5)] + [None, None]
    found = gathered(read_shapes(graph_of(cells)).notes)
    assert found.to_numpy().tolist() == [
        ["overlaps a sibling by 10% of the smaller one: B", "nothing changed", 4, "A, B, C"],
        ["no geometry", "left without outline", 2, "F, G"],
    ]


def test_notes_on_two_systems_are_not_gathered():
    cells = [wkt(tile) for tile in TILES[:3]]
    shapes = read_shapes(graph_of(cells, crs=["EPSG:4547", "EPSG:4549", "EPSG:4547"]))
    assert gathered(shapes.notes)["first"].tolist() == ["A, C", "B"]


def test_no_notes_gather_to_none():
    found = gathered(read_shapes(graph_of([wkt(SQUARE)])).notes)
    assert (len(found), list(found.columns)) == (0, ["problem", "done", "areas", "first"])


def test_the_county_has_an_outline_for_every_area():
    graph = tg.datasets.county(seed=1).graph()
    shapes = read_shapes(graph)
    assert not shapely.is_missing(shapes.outline).any()
    assert told(shapes) == []
