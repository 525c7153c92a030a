"""Which header of a file is which of our columns, by built-in names in English and Chinese.

`headers.toml` lists the names. A header is taken only where it means one thing; what may be
meant is proposed in the error for a column that is missing, and never taken.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, TypeAlias

from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

How: TypeAlias = Literal["columns=", "as named", "built-in name", "extra"]

LENT = ("name", "birth_year", "birth_date", "sex", "phone", "home_id", "employer_id", "vulnerable")
"""Columns of persons that a line list carries too; in `cases` they are `persons.name`, ..."""

_FORMAT = r"[ymdhs年月日时分秒:/\-. ]+|必填|选填|required|optional|24小时制|24h"
_NOTE = re.compile(rf"[(\[【]\s*(?:{_FORMAT})\s*[)\]】]")
_SIGNS = re.compile(r"[\s_\-()\[\]【】*#:.?'\"\u200b-\u200f\u2060\ufeff]+")
_SIMPLIFIED = str.maketrans(
    "發達離開時間點診採樣標編號證縣區電話緯經網場類檢測結報錄記觸來還單輸現聯繫齡業屬級",
    "发达离开时间点诊采样标编号证县区电话纬经网场类检测结报录记触来还单输现联系龄业属级",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One header of a file and the column that it is taken for.

    Parameters
    ----------
    header : str
        As written.
    column : str
        Ours; "persons.name" and the like in `cases`; "" for an extra column.
    how : str
        ``"columns="``, ``"as named"``, ``"built-in name"`` or ``"extra"``.
    meant : str
        For an extra column: ours that it could be too, had not a better one been taken.
    """

    header: str
    column: str
    how: How
    meant: str = ""


def normal(header: str) -> str:
    """Header without case, blanks, underscores, hyphens, brackets and notes on its format.

    Examples
    --------
    >>> normal("Person ID"), normal("發病日期（年/月/日）")
    ('personid', '发病日期')
    """
    text = unicodedata.normalize("NFKC", header).casefold().translate(_SIMPLIFIED)
    return _SIGNS.sub("", _NOTE.sub("", text))


def known(table: str, header: str) -> str | None:
    """Column that a header means in a table, were it the only one; None for an extra column.

    Examples
    --------
    >>> known("visits", "到达时间"), known("cases", "姓名"), known("visits", "type")
    ('arrive', 'name', None)
    """
    word = normal(header)
    found = next((ours for ours, names in _names(table).items() if word in names), None)
    return None if found is None else found.removeprefix("persons.")


def columns_of(table: str) -> tuple[str, ...]:
    """Columns of ours that a file of the table may carry; in `cases` some of persons too."""
    lent = tuple(f"persons.{name}" for name in LENT) if table == "cases" else ()
    return TABLES[table].names + lent


def name_headers(
    table: str,
    headers: Sequence[str],
    chosen: Mapping[str, str | None],
    *,
    to_the_letter: bool = False,
) -> list[Named]:
    """Name each header of a file.

    Parameters
    ----------
    table : str
    headers : sequence of str
        As written.
    chosen : mapping of str to str or None
        What `columns=` says of this table; None keeps a header as an extra column.
    to_the_letter : bool
        Whether no built-in name is taken.
    """
    exact = {ours.removeprefix("persons."): ours for ours in columns_of(table)}
    named: dict[int, Named] = {}
    for i, header in enumerate(headers):
        if header in chosen:
            ours = chosen[header]
            column = "" if ours is None else exact[ours]
            named[i] = Named(header=header, column=column, how="columns=")
        elif header in exact:
            named[i] = Named(header=header, column=exact[header], how="as named")
    words = {i: normal(header) for i, header in enumerate(headers) if i not in named}
    taken = {name.column for name in named.values()}
    for ours, names in () if to_the_letter else _names(table).items():
        best = min(
            (i for i in words if words[i] in names), key=lambda i: names[words[i]], default=None
        )
        if ours not in taken and best is not None:
            named[best] = Named(header=headers[best], column=ours, how="built-in name")
            taken.add(ours)
            del words[best]
    by_guess = {name.column for name in named.values() if name.how == "built-in name"}
    for i, word in words.items():
        meant = next(
            (o for o, names in _names(table).items() if word in names and o in by_guess), ""
        )
        named[i] = Named(header=headers[i], column="", how="extra", meant=meant)
    return [named[i] for i in range(len(headers))]


def proposals(column: str, headers: Sequence[str], table: str) -> list[str]:
    """Headers that may be meant where a column is missing, the likeliest first."""
    words = {header: normal(header) for header in headers}
    loose = {word: rank for rank, word in enumerate(_loose().get(column, ()))}
    synonyms = _names(table).get(column, {})
    certain = [h for h, word in words.items() if word in synonyms]
    likely = sorted(
        (h for h, word in words.items() if word in loose), key=lambda h: loose[words[h]]
    )
    near = difflib.get_close_matches(normal(column), list(words.values()), n=1, cutoff=0.6)
    alike = [h for h, word in words.items() if word in near]
    return list(dict.fromkeys([*certain, *likely, *alike]))


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = resources.files("tracegraph.model.reading").joinpath("headers.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _loose() -> dict[str, tuple[str, ...]]:
    return {column: tuple(map(normal, names)) for column, names in _data()["loose"].items()}


@cache
def _names(table: str) -> dict[str, dict[str, int]]:
    """Names of each column in normal form, with their rank; 0 is our own."""
    found = {}
    for ours in columns_of(table):
        owner = "persons" if ours.startswith("persons.") else table
        column = ours.removeprefix("persons.")
        names = map(normal, [column, *_shared(owner, column), *_data()[owner].get(column, ())])
        found[ours] = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
    return found


def _shared(table: str, column: str) -> list[str]:
    """Names that hold in every table; not for the person where a row needs two of them."""
    persons = [c for c in TABLES[table].columns if c.role == "person" and c.required]
    is_either = column == "person_id" and len(persons) > 1
    return [] if is_either else _data()["every"].get(column, [])
