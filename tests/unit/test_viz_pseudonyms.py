"""Codes: stable under a key, telling nothing without it, and led back by those who hold it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import traceback

import numpy as np
import pandas as pd
import pytest

import outbreaks
from tracegraph.viz import pseudonyms
from tracegraph.viz.payload import payload
from tracegraph.viz.pseudonyms import codes, key_bytes

KEY = outbreaks.KEY.encode()


def code_by_hand(what, kind, text, key=KEY):
    """A letter of the bytes that are left, then bits of the HMAC, five at a time."""
    digest = hmac.new(key, f"{what}\0{kind}\0{text}".encode(), hashlib.sha256).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    letter = [sign for sign in signs if sign.isalpha()][int(bits[120:], 2) % 22]
    return letter + "".join(signs[int(bits[k : k + 5], 2)] for k in range(0, 25, 5))


def test_a_code_is_the_start_of_an_hmac_in_crockford_s_signs():
    ids = [f"P{k}" for k in range(50)]
    assert codes("person", ids, KEY) == [code_by_hand("person", "text", p) for p in ids]


def test_person_place_and_area_and_text_and_number_are_told_apart():
    found = [codes(what, ["7"], KEY)[0] for what in ("person", "location", "area")]
    assert len({*found, codes("person", [7], KEY)[0]}) == 4
    assert codes("person", [np.int64(7)], KEY) == codes("person", [7], KEY)


def test_one_key_is_one_code_in_every_file():
    small, large = outbreaks.ranked(3, 0), outbreaks.ranked(30, 60)
    found = []
    for graph in (small, large):
        data = payload(graph.trace("china-8"), key=KEY, identities=True)
        found.append(dict(zip(data["persons"]["id"], data["persons"]["code"], strict=True)))
    assert found[0] == {p: found[1][p] for p in found[0]}


def test_a_code_stays_the_same_from_moment_to_moment():
    earlier, later = (
        payload(outbreaks.graph().trace("china-8", as_of=moment), key=KEY, identities=True)
        for moment in ("2022-05-12 18:00", "2022-05-14")
    )
    found = [
        dict(zip(data["persons"]["id"], data["persons"]["code"], strict=True))
        for data in (earlier, later)
    ]
    assert found[0]
    assert found[0].items() <= found[1].items()


def test_without_a_key_every_file_has_other_codes_and_says_so():
    one, two = (payload(outbreaks.trace()) for _ in range(2))
    assert not set(one["persons"]["code"]) & set(two["persons"]["code"])
    assert one["keyed"] is False
    assert payload(outbreaks.trace(), key=KEY)["keyed"] is True


def test_codes_that_two_ids_would_share_are_lengthened_and_no_other(monkeypatch):
    long = {"a": "AAAAAAB1", "b": "AAAAAAB2", "c": "AAAAAAC1", "d": "BBBBBBB1"}
    monkeypatch.setattr(pseudonyms, "_long_codes", lambda _what, ids, _key: [long[i] for i in ids])
    assert codes("person", "abcd", KEY) == ["AAAAAAB1", "AAAAAAB2", "AAAAAAC", "BBBBBB"]
    assert codes("person", "ad", KEY) == ["AAAAAA", "BBBBBB"]


def test_many_ids_have_codes_of_their_own():
    found = codes("person", range(100_000), KEY)
    assert len(set(found)) == 100_000
    assert {len(code) for code in found} <= {6, 7, 8}
    assert not set("".join(found)) & set("ILOU")


def test_no_code_is_a_number_and_every_letter_begins_one():
    found = codes("person", range(5_000), KEY)
    assert {code[0] for code in found} == set("ABCDEFGHJKMNPQRSTVWXYZ")
    assert any(code[1:].isdecimal() for code in found)


# ---- the way back


def test_the_holder_of_the_key_is_led_back():
    graph = outbreaks.graph()
    data = payload(outbreaks.trace(), key=KEY, identities=True)
    asked = data["persons"]["code"] + data["places"]["code"]
    found = graph.identify(asked, key=KEY)
    assert found["code"].tolist() == asked
    assert found["id"].tolist() == data["persons"]["id"] + data["places"]["id"]
    assert set(found["what"]) == {"person", "location"}
    area = payload(outbreaks.trace(), key=KEY)["areas"][0].removeprefix("area ")
    assert graph.identify([area], key=KEY)["what"].tolist() == ["area"]


def test_a_code_is_found_as_it_is_typed_and_an_unknown_one_is_told():
    graph = outbreaks.graph()
    code = codes("person", ["C1"], KEY)[0]
    heard = code.replace("1", "l").replace("0", "o").lower()
    found = graph.identify([f" {heard} ", "ZZZZZZ", "Z", ""], key=outbreaks.KEY)
    assert found["id"].tolist() == ["C1", None, None, None]
    assert found["code"].tolist() == [f" {heard} ", "ZZZZZZ", "Z", ""]


def test_another_key_leads_nowhere():
    code = codes("person", ["C1"], KEY)
    assert outbreaks.graph().identify(code, key="b key of the team")["id"].tolist() == [None]


def test_integer_ids_are_led_back_as_integers():
    import tracegraph as tg

    cases = pd.DataFrame({"person_id": [7], "onset": ["2022-05-09"]})
    graph = tg.TraceGraph(cases=cases, tz="Asia/Shanghai")
    assert graph.identify(codes("person", [7], KEY), key=KEY)["id"].tolist() == [7]


# ---- the key


@pytest.mark.parametrize(
    "key", ["", b"", "brief", b"fifteen bytes..", "\u00e9" * 7, "0" * 16, "0123456" * 5, bytes(32)]
)
def test_a_key_that_could_be_guessed_is_refused_and_not_quoted(key):
    for use in (
        lambda: payload(outbreaks.trace(), key=key),
        lambda: outbreaks.graph().identify(["ZZZZZZ"], key=key),
    ):
        with pytest.raises(
            ValueError, match=r"shorter than 16 bytes.*\n.*secrets\.token_hex"
        ) as error:
            use()
        told = "".join(traceback.format_exception(error.value))
        assert not key or (key if isinstance(key, str) else key.decode()) not in told


def test_eight_different_bytes_are_enough():
    assert key_bytes("01234567" * 2) == b"01234567" * 2


def test_no_key_leads_nobody_back():
    with pytest.raises(ValueError, match="pass key="):
        outbreaks.graph().identify(["ZZZZZZ"], key=None)


def test_the_key_stands_in_no_page_log_or_repr(caplog):
    from tracegraph.viz.page import render

    caplog.set_level(logging.DEBUG)
    trace = outbreaks.trace()
    html = render(payload(trace, key=KEY, identities=True))
    shown = trace.show(key=KEY)
    told = f"{trace!r}{trace.summary!r}{shown!r}{caplog.text}"
    for form in (outbreaks.KEY, KEY.hex(), hashlib.sha256(KEY).hexdigest()):
        assert form not in html
        assert form not in told + shown._repr_html_()


def test_a_fresh_key_is_long_and_new():
    one, two = key_bytes(None), key_bytes(None)
    assert len(one) >= 32
    assert one != two


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_key_read_from_a_file_is_the_key_that_was_written(end):
    assert key_bytes(outbreaks.KEY + end) == key_bytes((outbreaks.KEY + end).encode()) == KEY
    with pytest.raises(ValueError, match="shorter"):
        key_bytes("x" * 15 + end)
