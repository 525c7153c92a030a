"""What the two maps draw: areas, the areas around them, zones, and where something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.zone_map.outlines import by_label, inner_point, lay_out, rings, union
from tracegraph.viz.zone_map.parts import told_name
from tracegraph.viz.zone_map.patches import patches

if TYPE_CHECKING:
    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.viz.zone_map.outlines import Sheet
    from tracegraph.viz.zone_map.parts import Parts
    from tracegraph.zones.redraw.plan import Plan


def maps(
    plan: Plan, known: Hierarchy, told: Parts, rows: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """Outlines for the page; None if no area has one.

    Rows of changes get theirs, and the number of their patch.
    """
    sheet = lay_out(plan.shapes.outline[known.finest])
    if sheet is None:
        return None
    shapes = [_shape(row, sheet, told) for row in rows]
    for row, shape in zip(rows, shapes, strict=True):
        row["rings"] = rings(shape)
    thick, thin = _generations(known)
    inside = known.members()
    return {
        "width": sheet.width,
        "height": sheet.height,
        "usual": round(sheet.usual, 1),
        "areas": [rings(sheet.outline[row]) for row in told.order.tolist()],
        "before": by_label(sheet, told.now, len(told.labels)),
        "after": by_label(sheet, told.planned, len(told.labels)),
        "around": [_around(code, known, union(sheet.outline[inside[code]])) for code in thick],
        "patches": patches(rows, shapes, told.actions),
        "within": [rings(union(sheet.outline[inside[code]])) for code in thin],
    }


def _shape(row: dict[str, Any], sheet: Sheet, told: Parts) -> Any:  # noqa: ANN401
    """All that is drawn of a row of changes; None if nothing is."""
    whole = union(sheet.outline[told.order[row["members"]]])
    return None if whole.is_empty else whole


def _generations(known: Hierarchy) -> tuple[list[int], list[int]]:
    """Areas that stand out: the outermost that are several, and those right around the finest."""
    above = np.unique(known.parent[known.finest])
    holders = sorted({area for code in above.tolist() for area in known.around(code)})
    depth = {code: len(known.around(code)) for code in holders}
    counts = np.bincount(list(depth.values()), minlength=2)
    outer = next((int(d) for d in np.flatnonzero(counts > 1)), 0)
    thick = [code for code in holders if depth[code] == outer]
    return thick, [code for code in above.tolist() if code >= 0 and depth[code] > outer]


def _around(code: int, known: Hierarchy, whole: Any) -> dict[str, Any]:  # noqa: ANN401
    """All that is drawn inside an area, as one; its own outline may run beside theirs."""
    return {
        "name": "" if known.is_small[code] else told_name(known, code),
        "rings": rings(whole),
        "at": None if whole.is_empty else inner_point(whole),
    }
