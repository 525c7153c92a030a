"""Pseudonyms: numbers by first exposure, that tell nothing of the ids."""

import numpy as np
import pandas as pd
import pytest

from browser.standin import HOSTILE
from tracegraph.viz.pseudonyms import check_reveal, display_text, numbered


def test_numbers_follow_first_exposure():
    words = pd.Series(["case", "contact", "contact", "contact"])
    seen = pd.to_datetime(pd.Series(["2022-05-01", "2022-05-04", None, "2022-05-03"]))
    got = numbered(words, seen, np.random.default_rng())
    assert got.tolist() == ["case 1", "contact 2", "contact 3", "contact 1"]


def test_ties_stand_in_another_order_on_every_page():
    words = pd.Series(["contact"] * 40)
    seen = pd.Series(pd.Timestamp("2022-05-01"), index=words.index)
    first, second = (numbered(words, seen, np.random.default_rng()).tolist() for _ in range(2))
    in_row_order = [f"contact {n}" for n in range(1, 41)]
    assert sorted(first) == sorted(second) == sorted(in_row_order)
    assert first != second
    assert in_row_order not in (first, second)


def test_signs_that_hide_or_reorder_are_made_visible():
    for value in HOSTILE:
        shown = display_text(value)
        assert not set(shown) & set("\u202e\u202c\u2028\u2029\x00\x07")
        assert len(shown) == len(value)
    assert display_text("王芳 d'Été 7") == "王芳 d'Été 7"


def test_reveal_knows_two_words():
    assert check_reveal("ids") == {"ids"}
    with pytest.raises(ValueError, match="'id'; it takes ids and names"):
        check_reveal(["id"])
