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

from tracegraph.model.assembly import first_given
from tracegraph.model.reading.spelling import text_of

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
_NO_NAME = {
    "unknown", "anonymous", "none", "noname", "na", "nan", "nn", "null",
    "不详", "不明", "未知", "匿名", "无名", "无",
}  # fmt: skip
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
    """Signs of the persons in the rows of a frame; of rows of one person the first that tells."""
    codes = np.unique(person)

    def texts(column: str) -> list[str]:
        return _first_told(frame[column], person) if column in frame else [""] * codes.size

    names = [fold_name(text) for text in texts("name")]
    birth = np.array([_date(text) for text in texts("birth_date")], dtype=np.int64)
    homes = first_given(person, home, int(codes.max(initial=-1)) + 1)[codes]
    return Signs(
        person=codes,
        names=names,
        is_eastern=np.array([is_eastern(name) for name in names], dtype=bool),
        name=_keys(names),
        phone=_keys([fold_phone(text) for text in texts("phone")]),
        birth=birth,
        year=np.where(birth >= 0, birth // 10_000, _years(texts("birth_year"))),
        home=homes.astype(np.int64),
        sex=np.array([_SEXES.get(_fold(text), -1) for text in texts("sex")], np.int64),
    )


def _first_told(column: pd.Series[Any], person: Codes) -> list[str]:
    """Text of the first cell of each person that is not empty; "" without any."""
    texts = pd.Series([text_of(value) for value in column.astype("object")], dtype="str")
    told: list[str] = texts.mask(texts == "").groupby(person).first().fillna("").tolist()
    return told


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
    return "" if together in _NO_NAME or len(name) < 2 or together.isdecimal() else name


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


def _years(texts: list[str]) -> Keys:
    years = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce")
    return years.where(years.between(1, 9999), -1).to_numpy(np.float64).astype(np.int64)


def _keys(texts: list[str]) -> Keys:
    """Codes of texts; -1 for an empty one."""
    column = pd.Series(texts, dtype="str")
    return pd.factorize(column.mask(column == ""))[0].astype(np.int64)
