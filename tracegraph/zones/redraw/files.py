"""A plan as files: GeoJSON for a map, CSV for everybody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from tracegraph.model.spreadsheets import write_spreadsheet

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt

    from tracegraph.zones.redraw.plan import Plan

SHOWN = ("area_id", "parent_id", "level", "name", "zone_now", "planned", "action")
"""What a map may say of an area; nothing here counts persons."""

TELLING = ("area_id", "name", "release_earliest")
"""What would tell of a household, in public, where an area holds few."""

FEWEST, FEWEST_HOUSEHOLDS = 10, 5
"""People, and households, from which an area has a name and a date in public. Working values."""


def are_small(areas: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Areas of so few people that whatever is said of them is said of somebody."""
    few = (areas["households"] < FEWEST_HOUSEHOLDS) | (areas["population"] < FEWEST)
    return few.to_numpy(bool)


def write_geojson(plan: Plan, path: str | os.PathLike[str], *, public: bool) -> Path:
    """Write one feature a finest area."""
    areas, outline = plan.areas, plan.shapes.outline[plan.setting.finest]
    if public:
        shown = areas[list(TELLING)].astype("object")
        areas = areas.assign(**shown.mask(pd.Series(are_small(areas)), None))
    features = [
        {"type": "Feature", "geometry": _geometry(shape), "properties": _properties(row)}
        for row, shape in zip(areas.to_dict("records"), outline, strict=True)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    target = Path(path)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def _geometry(shape: Any) -> Any:  # noqa: ANN401  # a shapely geometry, and JSON
    return None if shape is None else json.loads(shapely.to_geojson(shapely.force_2d(shape)))


def _properties(row: dict[Any, Any]) -> dict[str, Any]:
    shown = {name: None if pd.isna(row[name]) else row[name] for name in SHOWN}
    date = row["release_earliest"]
    return {**shown, "release_earliest": None if pd.isna(date) else f"{date:%Y-%m-%d}"}


def write_csv(plan: Plan, folder: str | os.PathLike[str]) -> Path:
    """Write the frames of a plan, one file each."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    frames = {
        "changes": plan.changes,
        "areas": plan.areas,
        "zones": plan.zones,
        "beyond_rule": plan.beyond_rule,
        "checkpoints": plan.checkpoints(),
        "notes": plan.notes,
    }
    for name, frame in frames.items():
        write_spreadsheet(frame, target / f"{name}.csv")
    return target
