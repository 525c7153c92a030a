"""One HTML file that shows a trace without a network, and hands on nobody's identity.

The file carries its script, its style and its data, and a policy under which a browser makes no
request. By default ids, names and every column that no rule reads stay out of it. Times stand in
it exactly, as the team needs them: hand the page on accordingly.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracegraph.viz.drawing import MAX_NODES
from tracegraph.viz.frame import Frame
from tracegraph.viz.language import counted
from tracegraph.viz.page_text import rendered
from tracegraph.viz.payload import payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracegraph.tracing.trace import Trace
    from tracegraph.viz.journeys import StaysKept


def write_page(  # noqa: PLR0913  # each is an option of the page
    trace: Trace,
    path: str | Path,
    *,
    identities: bool = False,
    key: bytes | str | None = None,
    lang: str = "en",
    title: str | None = None,
    max_nodes: int = MAX_NODES,
    stays: StaysKept | None = None,
) -> Path:
    """Write a trace as one HTML file that opens offline.

    Parameters
    ----------
    trace : Trace
    path : str or Path
        The file; one that exists is replaced.
    identities : bool
        Whether ids, names and every other column of persons, cases and locations stand in the
        page. By default everyone is a code, such as "contact K7QF2M". Times are exact either way.
    key : bytes or str, optional
        Secret of the team, at least 16 bytes, 8 of them different. With one key an id has the
        same code in every page, and `TraceGraph.identify` leads a code back to its id. By
        default a fresh key is made and forgotten: nobody can.
    lang : {"en", "zh"}
        Language of the page.
    title : str, optional
        Heading; shown as given.
    max_nodes : int
        More nodes than this are gathered in counted bubbles, the outermost tiers first.
    stays : {"needed", "all"}, optional
        Which stays of contacts the page holds; of cases it holds all. "needed": those that end
        after the first exposure begins, and of the outermost tier only those that meet the time
        from the first exposure to the last. A contact's whereabouts before are no matter of the
        trace. By default "needed", with `identities` "all".

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ValueError
        If the key could be guessed, the language or `stays` is unknown, or `max_nodes` is less
        than one.
    """
    data = payload(
        trace, identities=identities, key=key, lang=lang, title=title, max_nodes=max_nodes,
        stays=stays,
    )  # fmt: skip
    out = Path(path)
    # what a protocol is called may hold half a surrogate pair; it must not stop the page
    out.write_text(render(data), encoding="utf-8", errors="replace", newline="\n")
    return out


def framed(trace: Trace, height: int, **options: Any) -> Frame:  # noqa: ANN401  # of a payload
    """Page of a trace as a frame in a notebook; see `Trace.show`."""
    data = payload(trace, **options)
    told = f"{data['title']}: {', '.join(counted(data))}"
    return Frame(page=render(data), height=height, told=told)


def render(data: Mapping[str, Any]) -> str:
    """HTML of a payload."""
    return rendered(
        "page", data,
        title=data["title"], lang=data["lang"], words=data["words"], head=_head(data),
    )  # fmt: skip


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the title of the window says."""
    return {
        "protocol_name": data["protocol"]["name"],
        "protocol_title": data["protocol"]["title"],
        "identities": data["identities"],
        "keyed": data["keyed"],
        "as_of": data["as_of_text"],
        "version": data["version"],
        "counts": counted(data),
    }
