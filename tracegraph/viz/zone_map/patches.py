"""Patches of a map that change in one way: what has one number on the maps and in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.zone_map.outlines import inner_point, rings, union

if TYPE_CHECKING:
    import numpy.typing as npt

STAYS, SPLIT = "keep", "split"


def patches(rows: list[dict[str, Any]], shapes: list[Any]) -> list[dict[str, Any]]:
    """Rows of changes that go from one label to one other by one action, and share a border.

    Numbered from 1 in the order of the rows. A row without an outline is in no patch, and
    neither is one that is kept. An area that is split has the number of its first part.

    Parameters
    ----------
    rows : list of dict
    shapes : list of shapely geometries or None
        Of each row, on one grid.
    """
    ways: dict[tuple[Any, ...], list[int]] = {}
    for k, row in enumerate(rows):
        if shapes[k] is not None and row["action"] not in (STAYS, SPLIT):
            ways.setdefault((row["from"], row["to"], row["action"]), []).append(k)
    found = [patch for members in ways.values() for patch in _connected(members, shapes)]
    told = [_told(number, each, rows, shapes) for number, each in enumerate(sorted(found), 1)]
    for row in rows:
        if row["action"] == SPLIT:
            row["number"] = _first_part(row, rows)
    return told


def _first_part(whole: dict[str, Any], rows: list[dict[str, Any]]) -> int:
    inside = set(whole["members"])
    numbers = [row["number"] for row in rows if row["number"] and inside >= set(row["members"])]
    return min(numbers, default=0)


def _connected(members: list[int], shapes: list[Any]) -> list[list[int]]:
    """Members that hang together, through any of their parts."""
    import shapely

    whole = union([shapes[k] for k in members])
    blocks = shapely.get_parts(whole)
    tree = shapely.STRtree(blocks)
    points = [(k, inner) for k in members for inner in _inner(shapes[k])]
    at, block = tree.query([inner for _, inner in points], predicate="intersects")
    ends: list[npt.NDArray[np.int64]] = [np.array([points[a][0] for a in at]), block]
    return _components(members, ends[0], ends[1])


def _inner(shape: Any) -> Any:  # noqa: ANN401  # a shapely geometry
    import shapely

    return shapely.point_on_surface(shapely.get_parts(shape))


def _components(
    members: list[int], row: npt.NDArray[np.int64], block: npt.NDArray[np.int64]
) -> list[list[int]]:
    """Rows linked by blocks that they share.

    Examples
    --------
    >>> _components([3, 5, 8], np.array([3, 5, 5, 8]), np.array([0, 0, 1, 2]))
    [[3, 5], [8]]
    """
    group = {member: {member} for member in members}
    first: dict[int, int] = {}
    for one, at in zip(row.tolist(), block.tolist(), strict=True):
        other = first.setdefault(at, one)
        if group[one] is not group[other]:
            group[one] |= group[other]
            group.update(dict.fromkeys(group[one], group[one]))
    unique = {id(together): sorted(together) for together in group.values()}
    return list(unique.values())


def _told(
    number: int, members: list[int], rows: list[dict[str, Any]], shapes: list[Any]
) -> dict[str, Any]:
    whole = union([shapes[k] for k in members])
    first = rows[members[0]]
    for k in members:
        rows[k]["number"] = number
    return {
        "number": number,
        "from": first["from"],
        "to": first["to"],
        "action": first["action"],
        "rings": rings(whole),
        "at": inner_point(whole),
    }
