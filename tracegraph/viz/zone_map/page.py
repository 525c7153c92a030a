"""One HTML file that shows a plan of zones without a network; by default it tells of nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracegraph.viz.page_text import rendered
from tracegraph.viz.zone_map.payload import payload

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from tracegraph.zones.redraw.plan import Plan


def write_zone_map(
    plan: Plan,
    path: str | os.PathLike[str],
    *,
    public: bool = True,
    lang: str = "en",
    title: str | None = None,
) -> Path:
    """Write a plan of zones, before and after side by side, as one file that opens offline.

    Parameters
    ----------
    plan : Plan
    path : path
        The file; one that exists is replaced.
    public : bool
        Whether the page may be hung on a wall: counts rounded to ten, no reasons, no evidence,
        and areas with fewer than 5 households or 10 people (working values of tracegraph) only
        as parts of the area around them. Otherwise reasons, evidence and vulnerable persons
        stand in it in full. No version holds a person's id, name or home.
    lang : {"en", "zh"}
        Language of the page; clauses, and the team's reasons, stand as the plan words them.
    title : str, optional
        Heading; shown as given.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the language is unknown.
    """
    out = Path(path)
    data = payload(plan, public=public, lang=lang, title=title)
    out.write_text(render(data), encoding="utf-8", errors="replace", newline="\n")
    return out


def render(data: Mapping[str, Any]) -> str:
    """HTML of a payload."""
    return rendered("zones", data, page=data, words=data["words"])
