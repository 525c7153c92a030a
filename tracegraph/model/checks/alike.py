"""Ids that are written differently and may be one: C007 and c7 join to nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.model.reading.findings import counted

if TYPE_CHECKING:
    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.facts import Codes

_FEW = 100

_TABLE = {"person": "persons", "location": "locations", "area": "areas"}


def warn_of_alike_ids(checked: Checked) -> None:
    """Warn of ids that differ by capitals, leading zeros, blanks or hyphens only."""
    for kind, table in _TABLE.items():
        alike = alike_codes(checked.ids[kind])
        if not alike.size:
            continue
        said = counted(alike.size, f"{kind} id differs", f"{kind} ids differ")
        mend = "Write each id in one way in all tables"
        checked.findings.warn(
            table,
            column=f"{kind}_id",
            rule="ids-alike",
            value=checked.named(kind, alike),
            message=f"{said} from another one by capitals, leading zeros, blanks or signs only; "
            "each counts as an id of its own and meets nobody of the other",
            mend=f"{mend}, or name the person in persons.same_as."
            if kind == "person"
            else f"{mend}.",
        )


def alike_codes(ids: pd.Index[Any]) -> Codes:
    """Codes of ids that fold to the same as another one, pairs next to each other.

    Examples
    --------
    >>> alike_codes(pd.Index(["1-23", "12-3", "C007", "D", "c-7", "7", '="07"'])).tolist()
    [5, 6, 2, 4]
    """
    if not len(ids) or pd.api.types.is_integer_dtype(ids.dtype):
        return np.zeros(0, np.int32)
    texts = pa.array(ids, pa.large_string())
    if _are_numbered(texts):
        return np.zeros(0, np.int32)
    folded = pd.Series(folded_ids(texts).to_pandas())
    alike = np.flatnonzero(folded.duplicated(keep=False))
    order = np.argsort(folded.iloc[alike].to_numpy(), kind="stable")
    return alike[order].astype(np.int32)


def _are_numbered(ids: pa.Array) -> bool:
    """Whether ids are letters and numbers, P0001 and H17, of one length for the same letters.

    Then no two fold to the same. Most teams number so, and to fold a million ids takes a second.
    """
    begin = pc.ascii_rtrim(ids, "0123456789").dictionary_encode()
    words: list[str] = begin.dictionary.to_pylist() if len(begin.dictionary) <= _FEW else [""]
    in_one_case = (all(re.fullmatch(case, word) for word in words) for case in ("[A-Z]+", "[a-z]+"))
    if not any(in_one_case):
        return False
    length = np.asarray(pc.binary_length(ids)).astype(np.int64)
    forms = (np.asarray(begin.indices).astype(np.int64) << 32) + length
    return len(pd.unique(forms)) == len(words)


def folded_ids(ids: pa.Array) -> pa.Array:
    """Ids without what people write in two ways; digits next to each other stay apart."""
    if not pc.all(pc.string_is_ascii(ids)).as_py():
        ids = pc.utf8_normalize(ids, "NFKC")
    text = pc.replace_substring_regex(pc.utf8_lower(ids), r"[\p{Cf}'\"=]+", "")
    text = pc.replace_substring_regex(text, r"[\s_\-]+", "-")
    text = pc.replace_substring_regex(text, r"-*(\pL)-*", r"\1")
    return pc.replace_substring_regex(text, r"(^|[^0-9])0+([0-9])", r"\1\2")
