"""Outlines as tables hold them: good, bad, and in other systems; every area drawn or told."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely

import tracegraph as tg
from outlines import METRES_EAST, METRES_NORTH, at, box, graph_of, ring, wkt
from tracegraph.errors import TableError
from tracegraph.zones.geography.coordinates import from_wgs84
from tracegraph.zones.geography.neighbours import shared_borders
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
    graph = graph_of([None], lat=[35.0], lon=[101.0], parent_id=["Z"])
    assert told(read_shapes(graph)) == [
        ("only a point (lat, lon), no geometry", "left without outline"),
        ("no row in areas", "left without outline"),
    ]


def test_graphs_without_areas_or_geometry_are_read():
    cases = pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]})
    shapes = read_shapes(tg.TraceGraph(cases=cases, tz="UTC"))
    assert (len(shapes.outline), list(shapes.notes.columns)) == (0, ["area_id", "problem", "done"])
    areas = pd.DataFrame({"area_id": [7, 9]})
    shapes = read_shapes(tg.TraceGraph(cases=cases, areas=areas, tz="UTC"))
    assert shapes.notes["area_id"].tolist() == [7, 9]
    assert set(told(shapes)) == {("no geometry", "left without outline")}


# ---- repair


def test_a_bow_tie_becomes_its_two_wings():
    shapes = read_shapes(graph_of([wkt(ring([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)]))]))
    assert area_m2(shapes.outline) == pytest.approx([5_000], rel=1e-3)
    [(problem, done)] = told(shapes)
    assert problem.startswith("Self-intersection[")
    assert problem.endswith("; 0 m² became 5,000 m², 100.0% changed")
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


def test_an_unknown_system_is_refused_where_there_is_something_to_convert():
    graph = graph_of([wkt(SQUARE), wkt(box(200, 0, 300, 9)), None], crs=["Xian 80", "Xian 80", "?"])
    with pytest.raises(TableError, match=r"area A and 1 more: no coordinate system is called "
                                         r"'Xian 80' here\.\n    Declare crs as"):  # fmt: skip
        read_shapes(graph)


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
    shapes = read_shapes(graph_of([wkt(shifted), wkt(TWO[1])], locations=PLACES))
    assert metres_apart(shapes.outline[0], shapely.Polygon(shifted)) == 0
    assert told(shapes) == [(
        f"3 of 3 places lie outside by over 100 m, and 3 inside if the outline is {crs}",
        f"nothing changed; if so, declare crs {crs}",
    )]  # fmt: skip


def test_an_undeclared_shift_of_the_places_is_told():
    lon, lat = from_wgs84(PLACES["lon"], PLACES["lat"], "BD-09")
    locations = PLACES.assign(lon=lon, lat=lat)
    shapes = read_shapes(graph_of([wkt(points) for points in TWO], locations=locations))
    assert {area: told(shapes, area)[0][1] for area in "AB"} == dict.fromkeys(
        "AB",
        "nothing changed; if so, convert locations.lat and lon to WGS-84, or correct areas.crs",
    )
    assert "1 inside if the places are BD-09" in told(shapes, "B")[0][0]


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


# ---- siblings and parents


def test_siblings_that_overlap_are_told():
    cells = [wkt(box(0, 0, 100, 100)), wkt(box(90, 0, 200, 100)), wkt(box(199.9, 0, 300, 100))]
    shapes = read_shapes(graph_of(cells))
    assert told(shapes) == [("overlaps B, its sibling, by 10% of the smaller one",
                             "nothing changed")]  # fmt: skip


def test_two_areas_with_one_outline_are_told():
    shapes = read_shapes(graph_of([wkt(SQUARE)] * 2))
    assert told(shapes) == [("overlaps B, its sibling, by 100% of the smaller one",
                             "nothing changed")]  # fmt: skip


def test_a_child_with_the_outline_of_its_parent_is_well():
    assert told(read_shapes(graph_of([wkt(SQUARE)] * 2, parent_id=[None, "A"]))) == []


def test_a_child_outside_of_its_parent_is_told():
    cells = [wkt(SQUARE), wkt(box(0, 0, 50, 100.4)), wkt(box(60, 0, 110, 100))]
    shapes = read_shapes(graph_of(cells, parent_id=[None, "A", "A"]))
    assert told(shapes) == [("20% of it lies outside of A, its parent", "nothing changed")]


def test_notes_name_areas_by_their_ids_in_order():
    cells = [None, wkt(SQUARE), wkt(SQUARE[:-1])]
    shapes = read_shapes(graph_of(cells, ids=[30, 10, 20]))
    assert shapes.notes["area_id"].tolist() == [10, 20, 30]
    assert shapes.notes.dtypes.astype(str).tolist() == ["int64", "str", "str"]


def test_the_county_has_an_outline_for_every_area():
    graph = tg.datasets.county(seed=1).graph()
    shapes = read_shapes(graph)
    assert not shapely.is_missing(shapes.outline).any()
    assert told(shapes) == []
