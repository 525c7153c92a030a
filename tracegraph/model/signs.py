"""What identifies a person: name, phone, birth, home and sex, folded so that they compare.

Apps and hospitals write one person in many ways. Folding takes out what means nothing:
capitals, blanks, the order of given and family name, the prefix of a phone's country.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags

    Keys: TypeAlias = npt.NDArray[np.int64]

PHONE_DIGITS = 9
"""Phones are compared by their last digits, so that prefixes of countries don't matter."""
LEAST_DIGITS = 7

_EASTERN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_NO_NAME = {"unknown", "anonymous", "none", "na", "nan", "不详", "未知", "匿名", "无名"}
_SEXES = {"m": 0, "male": 0, "man": 0, "男": 0, "f": 1, "female": 1, "woman": 1, "女": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """One entry a person, ordered by code. Keys are equal where the signs are; -1 = none.

    Parameters
    ----------
    person : array of int32
        Codes.
    names : list of str
        Folded; "" = none. Words of a name stand in order of the alphabet.
    is_eastern : array of bool
        Whether the name is written in Chinese, Japanese or Korean characters.
    name, phone, home, sex : array of int64
    birth : array of int64
        Date as the number 19900312.
    year : array of int64
        Year of birth, of the date where there is one.
    """

    person: Codes
    names: list[str]
    is_eastern: Flags
    name: Keys
    phone: Keys
    birth: Keys
    year: Keys
    home: Keys
    sex: Keys


def read_signs(frame: pd.DataFrame, person: Codes, home: Codes) -> Signs:
    """Signs of the persons in the rows of a frame; of rows of one person the first counts."""
    _, first = np.unique(person, return_index=True)
    frame = frame.iloc[first]
    names = [fold_name(text) for text in _texts(frame, "name")]
    birth = np.array([_date(text) for text in _texts(frame, "birth_date")], dtype=np.int64)
    return Signs(
        person=person[first],
        names=names,
        is_eastern=np.array([is_eastern(name) for name in names], dtype=bool),
        name=_keys(names),
        phone=_keys([fold_phone(text) for text in _texts(frame, "phone")]),
        birth=birth,
        year=np.where(birth >= 0, birth // 10_000, _years(frame)),
        home=home[first].astype(np.int64),
        sex=np.array([_SEXES.get(_fold(text), -1) for text in _texts(frame, "sex")], np.int64),
    )


def fold_name(text: str) -> str:
    """Name without capitals, signs and the order of its words; "" if it names nobody.

    Examples
    --------
    >>> fold_name("Schmidt, ANNA"), fold_name(" 王 小明 "), fold_name("unknown")
    ('anna schmidt', '王小明', '')
    """
    words = re.sub(r"[\W_]+", " ", _fold(text)).split()
    together = "".join(words)
    name = together if is_eastern(together) else " ".join(sorted(words))
    return "" if name in _NO_NAME or len(name) < 2 or name.isdecimal() else name


def is_eastern(name: str) -> bool:
    """Whether a folded name has Chinese, Japanese or Korean characters only."""
    return _EASTERN.fullmatch(name) is not None


def fold_phone(text: str) -> str:
    """Last digits of a phone; "" if there are too few, or they are all the same.

    Examples
    --------
    >>> fold_phone("+86 138-1234-5678") == fold_phone("13812345678")
    True
    """
    whole = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    digits = re.sub(r"\D", "", whole)
    is_a_phone = len(digits) >= LEAST_DIGITS and len(set(digits)) > 1
    return digits[-PHONE_DIGITS:] if is_a_phone else ""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _date(text: str) -> int:
    """Date as the number 19900312; -1 where the text is none that begins with its year."""
    found = re.match(
        r"\s*(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)", unicodedata.normalize("NFKC", text)
    )
    if not found:
        return -1
    year, month, day = (int(part) for part in found.groups())
    return year * 10_000 + month * 100 + day if 1 <= month <= 12 and 1 <= day <= 31 else -1


def _years(frame: pd.DataFrame) -> Keys:
    years = pd.to_numeric(pd.Series(_texts(frame, "birth_year"), dtype="str"), errors="coerce")
    return years.fillna(-1).to_numpy(np.float64).astype(np.int64)


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Cells as texts; "" where missing. Whole numbers are spelled without a point."""
    if column not in frame:
        return [""] * len(frame)
    return [_text(value) for value in frame[column].astype("object")]


def _text(value: Any) -> str:  # noqa: ANN401  # one cell
    if pd.isna(value):
        return ""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _keys(texts: list[str]) -> Keys:
    """Codes of texts; -1 for an empty one."""
    column = pd.Series(texts, dtype="str")
    return pd.factorize(column.mask(column == ""))[0].astype(np.int64)
