"""One HTML file that shows a trace without a network, and hands on nobody's identity.

The file carries its script, its style and its data, and a policy under which a browser makes no
request. Ids, names, coordinates and every column that no rule reads stay out of it. Times of
exposures stand in it exactly, as the team needs them: hand the page on accordingly.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from tracegraph.viz import picture as pictures
from tracegraph.viz.page_text import (
    bundled,
    check_inert,
    environment,
    inert_json,
    own,
    plain,
    policy,
)
from tracegraph.viz.pseudonyms import display_text, tier_word

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracegraph.viz.picture import Picture, Traced

LISTED = 5_000
"""Persons whose card and table row a page holds, if it draws fewer."""

ROWS_PER_CONTACT = 40
"""Exposures of one contact that a page holds; its card counts the rest."""

_KEYS = {"person": "p", "place": "l", "bubble": "b"}
_CLASS_WORDS = {
    "close": "together",
    "seat": "seats close by",
    "household": "same household",
    "reported": "reported contact",
    "inside_isolation": "inside an isolation site",
    "same_day": "same place, same day",
}


def write_page(  # noqa: PLR0913  # each is an option of the page
    trace: Traced,
    path: str | Path,
    *,
    reveal: Collection[str] = (),
    title: str | None = None,
    max_nodes: int = pictures.MAX_NODES,
    rng: np.random.Generator | int | None = None,
) -> Path:
    """Write a trace as one HTML file that opens offline.

    Parameters
    ----------
    trace : Trace
    path : str or Path
        The file; one that exists is replaced.
    reveal : collection of str, optional
        "ids" puts person and location ids into the page, "names" the names of both. By default
        everyone is a pseudonym ("case 1", "contact 17", "home 2"), numbered by first exposure.
        Times of exposures are exact either way.
    title : str, optional
        Heading; shown as given.
    max_nodes : int, optional
        More nodes than this are gathered in counted bubbles, the outermost tiers first.
    rng : numpy.random.Generator or int, optional
        Order of pseudonyms among equal first exposures. Leave it out for pages that leave the
        house: a known seed tells the order of the ids.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If `reveal` holds another word, or `max_nodes` is less than one.
    """
    picture = pictures.draw(trace, reveal=reveal, max_nodes=max_nodes, rng=rng)
    out = Path(path)
    html = render(picture, trace, title=title)
    # a name revealed may hold half a surrogate pair; it must not stop the page
    out.write_text(html, encoding="utf-8", errors="replace", newline="\n")
    return out


def render(picture: Picture, trace: Traced, *, title: str | None = None) -> str:
    """HTML of a picture."""
    scripts = {"vis_js": bundled("vis-network.min.js"), "page_js": own("page.js")}
    style = bundled("vis-network.css") + "\n" + own("page.css")
    for script in scripts.values():
        check_inert(script)
    tiers = _tiers(picture, trace)
    facts = _page_facts(picture, trace, tiers)
    listed = _listed(picture)
    people = _people(picture, trace, listed)
    return (
        environment()
        .get_template("page.html")
        .render(
            policy=policy(scripts.values(), style),
            style=Markup(style),  # noqa: S704  # files of ours and of pyvis, checked above
            **{name: Markup(text) for name, text in scripts.items()},  # noqa: S704
            data=Markup(inert_json(_data(picture, tiers, people, listed))),  # noqa: S704
            title=title or "Contact trace",
            tiers=tiers,
            people=people,
            places=_spots(picture),
            place_style=pictures.PLACE_STYLE,
            home_style=pictures.HOME_STYLE,
            sure_style=pictures.tier_style(1),
            **facts,
        )
    )


# ---- what the page says


def _tiers(picture: Picture, trace: Traced) -> list[dict[str, Any]]:
    """Legend entries, cases first."""
    out = []
    tier = picture.persons["tier"].to_numpy(np.int64)
    for k in range(int(tier.max(initial=0)) + 1):
        named = trace.protocol.tier
        word = "case" if k == 0 else named[k - 1].name if k <= len(named) else f"tier {k} contact"
        style = pictures.tier_style(k)
        count = int((tier == k).sum())
        out.append(
            {
                "number": k,
                "name": word,
                "heading": word if count == 1 else _plural(word),
                "word": tier_word(k),
                "count": count,
                "drawn": int((picture.folded.persons & (tier == k)).sum()),
                "colour": style.colour,
                "shape": style.shape,
            }
        )
    return out


def _plural(word: str) -> str:
    return word + "s" if word.isascii() and word[-1:].isalpha() and word[-1:] != "s" else word


def _page_facts(picture: Picture, trace: Traced, tiers: list[dict[str, Any]]) -> dict[str, Any]:
    homes = int(picture.places["is_home"].sum())
    counts = [f"{t['count']:,} {t['heading']}" for t in tiers]
    gathered = {
        t["heading"]: int(picture.folded.bubbles.query("tier == @t['number']")["members"].sum())
        for t in tiers
    }
    missing = {
        t["heading"]: t["count"] - t["drawn"] - gathered[t["heading"]]
        for t in tiers
        if t["count"] > t["drawn"] + gathered[t["heading"]]
    }
    return {
        "protocol_title": trace.protocol.title,
        "protocol_name": trace.protocol.name,
        "as_of": _stamp(trace.as_of),
        "counts": counts,
        "any_possible": bool((picture.persons["certainty"] != "certain").any()),
        "n_homes": homes,
        "n_places": len(picture.places) - homes,
        "reveal": sorted(picture.reveal),
        "n_bubbles": len(picture.folded.bubbles),
        "gathered": [f"{n:,} {name}" for name, n in gathered.items() if n],
        "missing": [f"{n:,} {name}" for name, n in missing.items()],
        "n_unlisted": len(picture.persons) - int(_listed(picture).sum()),
    }


def _stamp(moment: pd.Timestamp | None) -> str:
    """Moment with its zone, such as "2022-05-12 18:00 (UTC+08:00)"."""
    if moment is None or pd.isna(moment):
        return "the end of the tables"
    text = moment.strftime("%Y-%m-%d %H:%M")
    offset = moment.strftime("%z")
    return f"{text} (UTC{offset[:3]}:{offset[3:5]})" if offset else text


def _listed(picture: Picture) -> pd.Series[bool]:
    """Persons whose details the page holds: all that are drawn, and others while there is room."""
    drawn = pd.Series(picture.folded.persons)
    room = max(0, LISTED - int(drawn.sum()))
    return drawn | ((~drawn).cumsum() <= room)


def _people(picture: Picture, trace: Traced, listed: pd.Series[bool]) -> list[dict[str, Any]]:
    """One entry a listed person; both the card and the table are made of it."""
    shown = picture.persons[listed.to_numpy()]
    day = pd.to_datetime(shown["quarantine_until"]).dt.strftime("%Y-%m-%d")
    columns = {
        "id": shown.index,
        "label": shown["label"],
        "alias": shown["pseudonym"].where(shown["pseudonym"] != shown["label"], None),
        "key": shown["shown_id"].where(shown["shown_id"] != shown["label"], None),
        "tier": shown["tier"].astype(int),
        "certain": shown["certainty"] == "certain",
        "how": [_class_word(value) for value in shown["class"]],
        "first": _minute(shown["first_exposure"]),
        "last": _minute(shown["last_exposure"]),
        "minutes": shown["minutes"].round().where(shown["minutes"] > 0),
        "sources": shown["n_sources"],
        "until": day.astype(object).where(day.notna(), None),
        "ongoing": shown["ongoing"].astype(bool),
        "clause": [None if pd.isna(c) else display_text(c) for c in shown["clause"]],
        "exposures": shown["n_exposures"],
        "bubble": picture.folded.bubble_of[listed.to_numpy()],
    }
    rows = zip(*columns.values(), strict=True)
    names = [tier["name"] for tier in _tiers(picture, trace)]
    people = [dict(zip(columns, plain(row), strict=True)) for row in rows]
    for person in people:
        person["tier_name"] = names[person["tier"]]
    return people


def _spots(picture: Picture) -> list[dict[str, Any]]:
    """One entry a place."""
    places = picture.places
    columns = {
        "id": places.index,
        "label": places["label"],
        "alias": places["pseudonym"].where(places["pseudonym"] != places["label"], None),
        "key": places["shown_id"].where(places["shown_id"] != places["label"], None),
        "kind": places["kind"],
        "home": places["is_home"],
        "exposures": places["n_exposures"],
    }
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, plain(row), strict=True)) for row in rows]


def _class_word(value: object) -> str | None:
    return None if pd.isna(value) else _CLASS_WORDS.get(str(value), display_text(value))  # type: ignore[call-overload]


def _minute(times: pd.Series[Any]) -> pd.Series[Any]:
    text = times.dt.strftime("%Y-%m-%d %H:%M").astype(object)
    shown: pd.Series[Any] = text.where(times.notna(), None)
    return shown


def _data(
    picture: Picture,
    tiers: list[dict[str, Any]],
    people: list[dict[str, Any]],
    listed: pd.Series[bool],
) -> dict[str, Any]:
    """All that the script of the page reads."""
    rows = picture.exposures
    rows = rows[listed.to_numpy()[rows["contact"]] & listed.to_numpy()[rows["source"]]]
    rows = rows[rows.groupby("contact").cumcount() < ROWS_PER_CONTACT]
    classes = sorted({str(value) for value in rows["class"]})
    evidence = zip(
        rows["contact"],
        rows["source"],
        rows["place"],
        _minute(rows["start"]),
        _minute(rows["end"]),
        rows["minutes"].round(),
        [classes.index(str(value)) for value in rows["class"]],
        rows["is_certain"].astype(int),
        strict=True,
    )
    nodes = picture.nodes
    bubbles = picture.folded.bubbles
    return {
        "tiers": tiers,
        "classes": [_class_word(value) for value in classes],
        "people": people,
        "places": _spots(picture),
        "bubbles": [
            list(row)
            for row in bubbles[["tier", "members", "at_place", "anchor"]].itertuples(index=False)
        ],
        "nodes": [
            [_KEYS[what], number, x, y, round(radius, 1)]
            for what, number, radius, x, y in nodes.itertuples(index=False)
        ],
        "edges": picture.edges,
        "exposures": [list(row) for row in evidence],
        "styles": {
            "place": [pictures.PLACE_STYLE.colour, pictures.PLACE_STYLE.shape],
            "home": [pictures.HOME_STYLE.colour, pictures.HOME_STYLE.shape],
            "edge": pictures.EDGE_COLOUR,
        },
    }
