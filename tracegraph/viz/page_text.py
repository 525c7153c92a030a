"""Text that may stand in a page: templates, styles, scripts and data that ask for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def environment() -> jinja2.Environment:
    """Templates of ours, every value escaped."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(own), autoescape=True, undefined=jinja2.StrictUndefined
    )


def rendered(name: str, data: Mapping[str, Any] | None = None, **values: Any) -> str:  # noqa: ANN401
    """Page of our template of this name, with its style; with its script, if there is data."""
    script, style = "" if data is None else own(f"{name}.js"), own(f"{name}.css")
    check_inert(script)
    return environment().get_template(f"{name}.html").render(
        policy=policy((script,) if script else (), style),
        style=Markup(style),  # noqa: S704  # a file of ours
        script=Markup(script),  # noqa: S704  # a file of ours, checked above
        data=Markup(inert_json(data)),  # noqa: S704  # nothing in it is markup
        **values,
    )  # fmt: skip


def own(name: str) -> str:
    """File of our own templates, with the line ends that a hash is taken of."""
    found = resources.files("tracegraph.viz").joinpath("templates", name)
    return found.read_text(encoding="utf-8").replace("\r\n", "\n")


def check_inert(script: str) -> None:
    """Refuse a script that would end its own element."""
    if re.search(r"</script|<!--", script, flags=re.IGNORECASE):
        message = "A script to be put into the page holds an end tag or a comment sign."
        raise ValueError(message)


def policy(scripts: Iterable[str], style: str) -> str:
    """Content-Security-Policy that runs these scripts, this style, and asks for nothing."""
    allowed = " ".join(_digest(text) for text in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"


_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def inert_json(value: object) -> str:
    """JSON that no HTML or script parser takes for anything else."""
    try:
        text = _dump(value)
    except ValueError:  # a number that JSON doesn't know: the slow way, cell by cell
        text = _dump(plain(value))
    return text.translate(_ESCAPES)


def _dump(value: object) -> str:
    return json.dumps(
        value, default=plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def plain(value: Any) -> Any:  # noqa: ANN401  # anything that a frame may hold
    """Value as JSON knows it: missing and infinite numbers are null, times are text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return str(value)
