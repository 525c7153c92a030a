"""GCJ-02, BD-09 and web mercator, held to what others answer."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.errors import TableError
from tracegraph.zones.geography.coordinates import (
    CHINA,
    MEAN_RADIUS_M,
    from_wgs84,
    metres_per_degree,
    system_of,
    to_wgs84,
)

AUTONAVI = [  # example of its API, apifox.com/apidoc/docs-site/759159/api-14671355
    ((116.481499, 39.990475), (116.487585177952, 39.991754014757)),
    ((116.481499, 39.990375), (116.487585177952, 39.991653917101)),
]
EVILTRANSFORM = [  # googollee/eviltransform, python/test.py
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
WANDERGIS = [  # wandergis/coordtransform, test/app.js
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
BAIDU = [  # answer of its geoconv API, as recorded in TsingJyujing/GeoScala, GeoAutoTest
    ((114.21892734521, 29.575429778924), (114.2307519546763, 29.57908428837437)),
]
BAIDU_OF_GCJ = [  # wandergis/coordtransform; Alibaba Cloud, address purification, TransferCoord
    ((116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    ((120.026268, 30.279164), (120.032768, 30.285238)),
]


def metres(one, other):
    east, north = metres_per_degree(one[1])
    return np.hypot((one[0] - other[0]) * east, (one[1] - other[1]) * north)


@pytest.mark.parametrize(("pairs", "near"), [(AUTONAVI, 0.05), (EVILTRANSFORM, 1e-6),
                                             (WANDERGIS, 1e-6)])  # fmt: skip
def test_gcj02_is_what_others_answer(pairs, near):
    for earth, mars in pairs:
        assert metres(from_wgs84(*earth, "GCJ-02"), mars) < near
        assert metres(to_wgs84(*mars, "GCJ-02"), earth) < near * 1.1 + 1e-6


def test_bd09_is_what_baidu_answers_within_a_metre():
    for earth, baidu in BAIDU:
        assert metres(from_wgs84(*earth, "BD-09"), baidu) < 1
        assert metres(to_wgs84(*baidu, "BD-09"), earth) < 1


def test_bd09_is_gcj02_moved_on_as_others_move_it():
    for mars, baidu in BAIDU_OF_GCJ:
        assert metres(to_wgs84(*baidu, "BD-09"), to_wgs84(*mars, "GCJ-02")) < 0.2


@settings(deadline=None)
@given(
    lon=st.floats(CHINA[0] + 0.1, CHINA[1] - 0.1),
    lat=st.floats(CHINA[2] + 0.1, CHINA[3] - 0.1),
    crs=st.sampled_from(["GCJ-02", "BD-09"]),
)
def test_there_and_back_is_under_a_millimetre(lon, lat, crs):
    there = from_wgs84(lon, lat, crs)
    assert metres(to_wgs84(*there, crs), (lon, lat)) < 1e-3
    assert 10 < metres(there, (lon, lat)) < 1600


def test_many_points_are_what_single_points_are():
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(60, 150, 200), rng.uniform(-10, 60, 200)
    for crs in ("GCJ-02", "BD-09", "EPSG:3857", "WGS-84"):
        many = np.array(to_wgs84(lon, lat, crs))
        single = np.array([to_wgs84(x, y, crs) for x, y in zip(lon, lat, strict=True)]).T
        np.testing.assert_allclose(many, single, rtol=0, atol=1e-9)


def test_outside_of_the_box_nothing_is_shifted():
    for lon, lat in [(13.4, 52.5), (139.7, 35.7), (103.8, -1.3), (np.nan, 30), (100, np.inf)]:
        assert np.array_equal(to_wgs84(lon, lat, "GCJ-02"), (lon, lat), equal_nan=True)
        assert np.array_equal(from_wgs84(lon, lat, "BD-09"), (lon, lat), equal_nan=True)


def test_web_mercator_ends_where_its_definition_says():
    lon, lat = to_wgs84([0, 20037508.342789244], [0, 20037508.342789244], "EPSG:3857")
    np.testing.assert_allclose(lon, [0, 180], atol=1e-9)
    np.testing.assert_allclose(lat, [0, 85.0511287798066], atol=1e-9)  # square of the web's maps
    x, y = from_wgs84(*to_wgs84(11_131_949.08, 4_163_881.14, "epsg3857"), "EPSG:3857")
    np.testing.assert_allclose((x, y), (11_131_949.08, 4_163_881.14), rtol=1e-12)


@pytest.mark.parametrize(("name", "system"), [
    ("wgs84", "WGS-84"), ("WGS 84", "WGS-84"), ("EPSG:4326", "WGS-84"), (4326, "WGS-84"),
    (4326.0, "WGS-84"), ("cgcs2000", "WGS-84"), ("epsg:4490", "WGS-84"), ("OGC:CRS84", "WGS-84"),
    ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS-84"), (None, "WGS-84"), ("", "WGS-84"),
    (float("nan"), "WGS-84"), ("gcj02", "GCJ-02"), ("GCJ_02", "GCJ-02"), ("bd09", "BD-09"),
    ("bd09ll", "BD-09"), ("EPSG:3857", "EPSG:3857"), ("urn:ogc:def:crs:EPSG::3857", "EPSG:3857"),
])  # fmt: skip
def test_systems_are_known_by_their_names(name, system):
    assert system_of(name) == system


@pytest.mark.parametrize("name", ["EPSG:32648", "bd09mc", "Xian 80", 2])
def test_another_system_is_refused_with_its_name(name):
    with pytest.raises(TableError, match=f"called '{name}'.*\n    Declare crs as WGS-84"):
        to_wgs84(100, 35, name)


def test_the_sphere_is_wrong_by_less_than_it_says():
    major, minor = 6_378_137.0, 6_356_752.314245  # WGS-84
    lat = np.linspace(-89, 89, 179)
    squeeze = 1 - (minor / major) ** 2
    flat = 1 - squeeze * np.sin(np.radians(lat)) ** 2
    across, along = major / np.sqrt(flat), major * (1 - squeeze) / flat**1.5
    east, north = metres_per_degree(lat)
    for found, radius in ((east / np.cos(np.radians(lat)), across), (north, along)):
        wrong = np.abs(found / np.radians(radius) - 1)
        assert wrong.max() < 0.006
        assert wrong[(np.abs(lat) >= 20) & (np.abs(lat) <= 50)].max() < 0.005
    assert pytest.approx((2 * major + minor) / 3, abs=0.1) == MEAN_RADIUS_M
