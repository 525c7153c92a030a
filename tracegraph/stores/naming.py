"""Which table a file, a sheet or a folder is, by what it is called."""

from __future__ import annotations

import difflib
import re
from functools import cache

from tracegraph.model.reading.headers import normal
from tracegraph.model.schemas import TABLES

_ALSO_CALLED = {
    "cases": (
        "case", "linelist", "patients", "infected", "infections", "positives", "confirmed cases",
        "病例", "病例清单", "病例列表", "病例信息", "确诊病例", "感染者", "阳性", "阳性人员",
        "阳性病例", "阳性感染者",
    ),
    "visits": (
        "visit", "stays", "movements", "routes", "itinerary", "itineraries", "whereabouts",
        "行程", "行程轨迹", "轨迹", "行动轨迹", "活动轨迹", "到访", "到访记录", "流调轨迹",
    ),
    "locations": ("location", "places", "sites", "venues", "场所", "地点", "重点场所", "点位"),
    "persons": ("person", "people", "residents", "population", "人员", "人员信息", "居民", "人口"),
    "contacts": (
        "contact", "close contacts", "接触", "接触者", "密接", "密切接触者", "密接人员",
    ),
    "isolations": ("isolation", "quarantine", "quarantines", "隔离", "隔离人员", "隔离管控"),
    "tests": (
        "test", "test results", "specimens", "samples", "核酸", "检测", "采样", "核酸检测",
        "核酸结果", "检测结果",
    ),
    "areas": ("area", "districts", "grids", "区域", "网格", "小区", "行政区划"),
    "disinfections": ("disinfection", "消杀", "消毒", "消杀记录", "消毒记录"),
    "zone_history": (
        "zones", "zone orders", "risk areas", "封管控区", "三区划定", "风险区", "风险区域",
        "分区管控",
    ),
    "rounds": ("round", "screening rounds", "轮次", "筛查轮次", "检测轮次"),
    "measures": ("measure", "措施", "管控措施", "防控措施"),
}  # fmt: skip


def table_called(name: str) -> str | None:
    """Table that a stem, a sheet or a folder is named after; None if it is none.

    Examples
    --------
    >>> table_called("Line List"), table_called("病例"), table_called("notes")
    ('cases', 'cases', None)
    """
    return _tables().get(normal(name))


def table_of_file(stem: str) -> str | None:
    """Table that a stem names first or last, whatever else it says; None if it names two.

    Examples
    --------
    >>> table_of_file("visits_app-2"), table_of_file("A cases"), table_of_file("病例5月9日")
    ('visits', 'cases', 'cases')
    >>> table_of_file("cases and visits"), table_of_file("病例行程"), table_of_file("export")
    (None, None, None)
    """
    words = [word for word in re.split(r"[\W_]+", stem) if word]
    sizes = range(len(words), 0, -1)
    first = next((t for n in sizes if (t := table_called(" ".join(words[:n])))), None)
    last = next((t for n in sizes if (t := table_called(" ".join(words[-n:])))), None)
    if first is None and last is None:
        first, last = _ends_of(normal(stem))
    return first if last in (None, first) else last if first is None else None


def _ends_of(word: str) -> tuple[str | None, str | None]:
    """Tables whose Chinese names a word begins and ends with: Chinese sets no blanks."""
    names = sorted((name for name in _tables() if not name.isascii()), key=len, reverse=True)
    first = next((name for name in names if word.startswith(name)), "")
    last = next((name for name in names if word.removeprefix(first).endswith(name)), "")
    return _tables().get(first), _tables().get(last)


def near(name: str) -> str | None:
    """Table whose name is spelled nearly like this.

    Examples
    --------
    >>> near("visist"), near("readme")
    ('visits', None)
    """
    found = difflib.get_close_matches(normal(name), list(_tables()), n=1, cutoff=0.75)
    return _tables()[found[0]] if found else None


@cache
def _tables() -> dict[str, str]:
    return {
        normal(word): table for table in TABLES for word in (table, *_ALSO_CALLED.get(table, ()))
    }
