"""Coordinate systems that tables declare, turned into WGS-84.

GCJ-02 ("Mars coordinates") shifts points in China by up to 700 m, BD-09 by 700 to 1,500 m. No
primary text of either is published: the formulas here are the public reverse engineering that
every open converter uses (eviltransform, PRCoords, wandergis/coordtransform). What AutoNavi and
Baidu answer is within 5 cm and within 1 m of them, see the tests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Points: TypeAlias = tuple[Floats, Floats]

WGS84, GCJ02, BD09, MERCATOR = "WGS-84", "GCJ-02", "BD-09", "EPSG:3857"

NAMES = {
    "": WGS84, "WGS84": WGS84, "EPSG4326": WGS84, "4326": WGS84,
    "CGCS2000": WGS84, "EPSG4490": WGS84, "4490": WGS84,  # the same within a metre
    "国家2000": WGS84, "大地2000": WGS84, "国家大地2000": WGS84,
    "CRS84": WGS84, "OGCCRS84": WGS84, "OGC13CRS84": WGS84,
    "GCJ02": GCJ02, "BD09": BD09, "BD09LL": BD09,
    "火星": GCJ02, "高德": GCJ02, "百度": BD09,
    "EPSG3857": MERCATOR, "3857": MERCATOR, "WEBMERCATOR": MERCATOR,
}  # fmt: skip

MEAN_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS-84 ellipsoid, (2a + b) / 3 (IUGG)."""
MERCATOR_RADIUS_M = 6_378_137.0
"""Radius of the sphere of EPSG:3857: half the major axis of WGS-84."""
CHINA = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south and north end of the box in which GCJ-02 shifts: the usual one, and coarse.

It holds parts of neighbouring countries, where maps of Chinese providers are not shifted.
"""
_KRASOVSKY_M = 6_378_245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_STEPS = 20
_CLOSE_DEGREES = 1e-10  # a hundredth of a millimetre


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: object = None) -> Points:
    """Turn points of a declared system into WGS-84.

    CGCS2000 is taken as WGS-84, which it follows within a metre. The inverse of GCJ-02 and
    BD-09 is iterated until its error is under a millimetre. Outside of `CHINA` both are not
    shifted.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees; for EPSG:3857 metres, x and y.
    crs : str, optional
        WGS-84 (the default), EPSG:4326, CGCS2000 (国家2000), EPSG:4490, OGC:CRS84, GCJ-02
        (火星坐标, 高德), BD-09 (百度) or EPSG:3857; case, dashes and blanks do not matter.

    Returns
    -------
    lon, lat : arrays of float64, degrees

    Raises
    ------
    TableError
        If the system is another one.

    References
    ----------
    Formulas: https://github.com/googollee/eviltransform, reverse engineering without a
    primary text.

    Examples
    --------
    >>> lon, lat = to_wgs84([116.41024], [39.91640], "gcj02")
    >>> lon.round(3).tolist(), lat.round(3).tolist()
    ([116.404], [39.915])
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    system = system_of(crs)
    if system == MERCATOR:
        return np.degrees(x / MERCATOR_RADIUS_M), np.degrees(
            np.arctan(np.sinh(y / MERCATOR_RADIUS_M))
        )
    return _where_shifted(_SHIFTS_BACK[system], x, y) if system in _SHIFTS_BACK else (x, y)


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: object) -> Points:
    """Turn WGS-84 points into a declared system: `to_wgs84` the other way round.

    Parameters
    ----------
    lon, lat : array_like of float, degrees
    crs : str
        As in `to_wgs84`.

    Returns
    -------
    lon, lat : arrays of float64
        Degrees; for EPSG:3857 metres, x and y.

    Examples
    --------
    >>> lon, lat = from_wgs84(116.404, 39.915, "GCJ-02")
    >>> round(float(lon), 5), round(float(lat), 5)
    (116.41024, 39.9164)
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    system = system_of(crs)
    if system == MERCATOR:
        return np.radians(x) * MERCATOR_RADIUS_M, MERCATOR_RADIUS_M * np.arcsinh(
            np.tan(np.radians(y))
        )
    return _where_shifted(_SHIFTS[system], x, y) if system in _SHIFTS else (x, y)


def system_of(crs: object) -> str:
    """Name of the system that a text declares; a missing one is WGS-84.

    Examples
    --------
    >>> system_of("urn:ogc:def:crs:EPSG::4326"), system_of("bd-09"), system_of(None)
    ('WGS-84', 'BD-09', 'WGS-84')
    """
    text = "" if crs is None or crs != crs else str(crs)  # NaN is not itself
    # 4326.0 in a column with gaps
    bare = re.sub(r"[\W_]|坐标系?|地图", "", text.upper().removesuffix(".0"))
    name = bare.removeprefix("URNOGCDEFCRS")
    if name not in NAMES:
        msg = (
            f"no coordinate system is called {text!r} here.\n"
            "    Declare crs as WGS-84, CGCS2000, GCJ-02, BD-09 or EPSG:3857, "
            "or convert the coordinates to WGS-84 first."
        )
        raise TableError(msg)
    return NAMES[name]


def known_system(crs: object) -> str | None:
    """Name of the system that a text declares; None if it is not known here."""
    try:
        return system_of(crs)
    except TableError:
        return None


def in_china(lon: Floats, lat: Floats) -> Flags:
    """Whether points lie in the box in which GCJ-02 and BD-09 shift."""
    west, east, south, north = CHINA
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def metres_per_degree(lat: npt.ArrayLike) -> Points:
    """Metres of a degree of longitude and of latitude, on a sphere of `MEAN_RADIUS_M`.

    Against the WGS-84 ellipsoid a length is wrong by at most 0.6 % (north to south at the
    equator), between 20 and 50 degrees of latitude by at most 0.5 %.

    Examples
    --------
    >>> east, north = metres_per_degree(60.0)
    >>> round(float(east)), round(float(north))
    (55598, 111195)
    """
    north = np.full_like(np.asarray(lat, dtype=np.float64), np.radians(MEAN_RADIUS_M))
    return north * np.cos(np.radians(lat)), north


def metres(east: Floats, north: Floats, lat: Floats) -> Floats:
    """Metres of a way of so many degrees east and north, at a latitude.

    Examples
    --------
    >>> metres(np.array([0.0]), np.array([1.0]), np.array([60.0])).round().tolist()
    [111195.0]
    """
    scale_east, scale_north = metres_per_degree(lat)
    return np.asarray(np.hypot(east * scale_east, north * scale_north))


def _where_shifted(shift: Callable[[Floats, Floats], Points], lon: Floats, lat: Floats) -> Points:
    here = in_china(lon, lat)
    x, y = lon.copy(), lat.copy()
    x[here], y[here] = shift(lon[here], lat[here])
    return x, y


def _to_gcj02(lon: Floats, lat: Floats) -> Points:
    """Shift as the published formula does: a tilted plane and four waves each way, in metres."""
    x, y, pi, sin = lon - 105.0, lat - 35.0, np.pi, np.sin
    ripple = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    wave_north = 20 * sin(pi * y) + 40 * sin(pi * y / 3)
    wave_north += 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)
    wave_east = 20 * sin(pi * x) + 40 * sin(pi * x / 3)
    wave_east += 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)
    bend = 0.1 * x * y
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + bend + 0.2 * root + (ripple + wave_north) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + bend + 0.1 * root + (ripple + wave_east) * 2 / 3
    flat = 1 - _ECCENTRICITY_2 * sin(np.radians(lat)) ** 2
    along = _KRASOVSKY_M / np.sqrt(flat)  # radii of curvature: across and along the meridian
    up = along * (1 - _ECCENTRICITY_2) / flat
    return (
        lon + np.degrees(east / (along * np.cos(np.radians(lat)))),
        lat + np.degrees(north / up),
    )


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> Points:
    wave = np.pi * 3000 / 180
    far = np.hypot(lon, lat) + 0.00002 * np.sin(lat * wave)
    turn = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * wave)
    return far * np.cos(turn) + 0.0065, far * np.sin(turn) + 0.006


def _to_bd09(lon: Floats, lat: Floats) -> Points:
    return _gcj02_to_bd09(*_to_gcj02(lon, lat))


def _undone(shift: Callable[[Floats, Floats], Points]) -> Callable[[Floats, Floats], Points]:
    """Inverse of a shift, by its fixed point: neighbouring points shift almost alike.

    The shift of GCJ-02 changes by less than 1 % of the way between two points, that of BD-09
    by less than 3 %, so that each step takes away all but that share of the error.
    """

    def back(lon: Floats, lat: Floats) -> Points:
        x, y = lon, lat
        for _ in range(_STEPS):
            there_x, there_y = shift(x, y)
            miss_x, miss_y = lon - there_x, lat - there_y
            x, y = x + miss_x, y + miss_y
            if max(np.abs(miss_x).max(initial=0), np.abs(miss_y).max(initial=0)) < _CLOSE_DEGREES:
                break
        return x, y

    return back


_SHIFTS = {GCJ02: _to_gcj02, BD09: _to_bd09}
_SHIFTS_BACK = {system: _undone(shift) for system, shift in _SHIFTS.items()}
