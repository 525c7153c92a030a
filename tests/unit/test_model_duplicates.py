"""Persons who may be one: the pairs looked at, their scores, and what is never said."""

import logging
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph.model.duplicates as module
from told import graph_of, rules, warned
from tracegraph.model.duplicates import candidates, count_evident, pairs_within, reasons, scores
from tracegraph.model.signs import Signs, read_signs


def people(rows):
    """Signs of rows of cells, and the same for a twin that knows nothing of arrays."""
    columns = ["name", "phone", "birth_date", "birth_year", "sex", "home"]
    frame = pd.DataFrame(rows, columns=columns)
    home = np.array([row[5] for row in rows], np.int32)
    return read_signs(frame, np.arange(len(rows), dtype=np.int32), home)


def pairs_of(size):
    return np.array(list(combinations(range(size), 2)), np.int64).reshape(-1, 2)


# ---- pairs


@settings(deadline=None)
@given(key=st.lists(st.integers(-1, 4), max_size=14), chunk=st.sampled_from([1, 2, 5, 500_000]))
def test_pairs_within_are_all_pairs_of_equal_keys(key, chunk):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "CHUNK", chunk)
        found = [tuple(p) for c in pairs_within(np.array(key, np.int64), "x") for p in c.tolist()]
    expected = [(i, j) for i, j in combinations(range(len(key)), 2) if key[i] == key[j] >= 0]
    assert sorted(found) == expected


def test_value_that_thousands_share_is_left_out_and_told_without_the_value(caplog, monkeypatch):
    monkeypatch.setattr(module, "MAX_BLOCK", 3)
    with caplog.at_level(logging.WARNING):
        found = np.concatenate(list(pairs_within(np.array([7, 7, 7, 7, 5, 5, 5]), "phone")))
    assert found.tolist() == [[4, 5], [4, 6], [5, 6]]
    assert caplog.messages == [
        "phone: 1 value is shared by more than 3 persons, which tells nobody apart; left out of "
        "the search for duplicates"
    ]


# ---- scores: a twin that compares two persons by hand

NAMES = ["Anna Schmidt", "SCHMIDT, Anna", "Anne Schmidt", "王小明", "王晓明", "王明", "李明", None]
PHONES = ["+49 151 2345678", "0151-2345678", "0151-2345679", None]
BIRTHS = ["1990-03-12", "1990-12-03", "1990-03-13", "1991-03-12", "1985-07-30", None]
row = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(PHONES),
    st.sampled_from(BIRTHS),
    st.sampled_from([1990, 1991, 1985, None]),
    st.sampled_from(["f", "Male", "女", None]),
    st.integers(-1, 1),
)


def folded(name):
    words = "".join(c if c.isalnum() else " " for c in (name or "").casefold()).split()
    return "".join(words) if any(c > "\u3000" for c in name or "") else " ".join(sorted(words))


def edits(one, other):
    """Insertions, deletions and substitutions from one text to another."""
    if not one or not other:
        return len(one) + len(other)
    swap = edits(one[1:], other[1:]) + (one[0] != other[0])
    return swap if swap == 0 else min(swap, edits(one[1:], other) + 1, edits(one, other[1:]) + 1)


def common(one, other):
    """Length of the longest common subsequence."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
            )
    return table[-1][-1]


def name_points(one, other):
    if not one or not other or (one[0] > "\u3000") != (other[0] > "\u3000"):
        return 0
    if one[0] > "\u3000":
        near = edits(one, other) == 1 and max(len(one), len(other)) >= 3
        alike = 100 if one == other else 90 if near else 0
    else:
        alike = 200 * common(one, other) / (len(one) + len(other))
    return max(-40, min(50, 50 - 2.5 * (100 - alike)))


def birth_points(one, other):
    dates, years = (one[2], other[2]), [int(r[2][:4]) if r[2] else r[3] for r in (one, other)]
    if all(dates):
        a, b = (d.replace("-", "") for d in dates)
        near = a[:4] + a[6:] + a[4:6] == b or sum(x != y for x, y in zip(a, b, strict=True)) == 1
        return 40 if a == b else 15 if near else -30
    if not all(years):
        return 0
    return {0: 10, 1: 0}.get(abs(years[0] - years[1]), -30)


def score(one, other):
    total = name_points(folded(one[0]), folded(other[0])) + birth_points(one, other)
    tails = [(r[1] or "")[-7:] for r in (one, other)]
    total += 40 * (tails[0] == tails[1] != "")
    total += 15 * (one[5] == other[5] >= 0)
    sexes = [{"f": 1, "女": 1, "Male": 0}.get(r[4]) for r in (one, other)]
    total -= 30 * (None not in sexes and sexes[0] != sexes[1])
    return int(max(0, min(100, total)))


@settings(deadline=None, max_examples=300)
@given(rows=st.lists(row, min_size=2, max_size=6))
def test_scores_are_what_comparing_by_hand_gives(rows):
    pairs = pairs_of(len(rows))
    found = scores(people(rows), pairs).tolist()
    assert found == [score(rows[i], rows[j]) for i, j in pairs.tolist()]


@settings(deadline=None, max_examples=200)
@given(rows=st.lists(row, min_size=2, max_size=6))
def test_no_pair_of_the_usual_score_is_passed_over(rows):
    signs = people(rows)
    seen = {tuple(p) for chunk in candidates(signs, deep=False) for p in chunk.tolist()}
    for (i, j), points in zip(
        pairs_of(len(rows)).tolist(), scores(signs, pairs_of(len(rows))), strict=True
    ):
        assert points < module.MIN_SCORE or (i, j) in seen


@settings(deadline=None)
@given(rows=st.lists(row, min_size=2, max_size=6))
def test_reasons_name_no_cell(rows):
    for told in reasons(people(rows), pairs_of(len(rows))):
        for cell in [*NAMES, *PHONES, *BIRTHS]:
            assert cell is None or cell not in told


# ---- the cheap count while reading

few = st.lists(st.integers(-1, 2), min_size=6, max_size=6)


@settings(deadline=None)
@given(name=few, phone=few, birth=few, same=st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_evident_pairs_are_counted_as_one_by_one(name, phone, birth, same):
    signs = Signs(
        person=np.arange(6, dtype=np.int32),
        names=["x"] * 6,
        is_eastern=np.zeros(6, bool),
        home=np.full(6, -1),
        sex=np.full(6, -1),
        year=np.full(6, -1),
        **{
            k: np.array(v, np.int64)
            for k, v in (("name", name), ("phone", phone), ("birth", birth))
        },
    )
    expected = sum(
        same[i] != same[j] and name[i] == name[j] >= 0
        and (phone[i] == phone[j] >= 0 or birth[i] == birth[j] >= 0)
        for i, j in combinations(range(6), 2)
    )  # fmt: skip
    assert count_evident(signs, np.array(same, np.int32)) == expected


TWINS = [
    {"person_id": "Ann-1", "name": "Anna Schmidt", "phone": "0151 2345678"},
    {"person_id": "Ann-2", "name": "SCHMIDT, Anna", "phone": "+49 151 2345678"},
    {"person_id": "Ben-1", "name": "Ben Okri", "phone": "0151 2345678"},
]


def test_evident_pair_is_told_without_an_id_or_a_name():
    found = warned(graph_of(persons=TWINS), "possible-duplicates")
    assert found["message"] == (
        "1 pair of persons has the same name, and the same phone or birth date"
    )
    assert "Schmidt" not in found.to_string()


def test_merged_pair_and_pairs_that_share_less_are_not_told():
    merged = [TWINS[0], {**TWINS[1], "same_as": "Ann-1"}, TWINS[2]]
    assert "possible-duplicates" not in rules(graph_of(persons=merged))
    assert "possible-duplicates" not in rules(graph_of(persons=TWINS[1:]))


def test_thousands_of_one_name_and_phone_are_counted_at_once():
    n = 49_000
    persons = pd.DataFrame(
        {"person_id": np.arange(n), "name": "Test Person", "phone": "1381234567"}
    )
    cases = pd.DataFrame({"person_id": [1], "onset": ["2022-05-09"]})
    graph = graph_of(cases=cases, persons=persons)
    message = graph.warnings.set_index("rule").loc["possible-duplicates", "message"]
    assert message.startswith(f"{n * (n - 1) // 2:,} pairs of persons have the same name")


# ---- as a user asks


def test_pairs_come_by_score_with_the_visits_of_each():
    visits = [{"person_id": p, "location_id": q, "arrive": "2022-05-08 09:00"} for p, q in (
        ("Ann-2", "Mall"), ("Ann-2", None), ("Ben-1", "Mall"),
    )]  # fmt: skip
    found = graph_of(persons=TWINS, visits=visits).possible_duplicates()
    assert found.to_dict("records") == [
        {"person_id": "Ann-1", "other_id": "Ann-2", "score": 90, "reasons": "same phone; same name",
         "visits": 0, "other_visits": 2},
    ]  # fmt: skip
    assert found.dtypes.astype("str").tolist() == ["str", "str", "int64", "str", "int64", "int64"]


def test_what_is_told_of_an_alias_is_told_of_the_person():
    """The person's own row has no phone; that of their other id has."""
    persons = [
        {"person_id": "Ann-0"},
        {**TWINS[0], "same_as": "Ann-0"},
        TWINS[1],
    ]
    visits = [{"person_id": "Ann-0", "location_id": "Mall", "arrive": "2022-05-08 09:00"}]
    found = graph_of(persons=persons, visits=visits).possible_duplicates()
    assert found[["person_id", "other_id", "visits"]].to_numpy().tolist() == [["Ann-1", "Ann-2", 1]]


@pytest.mark.parametrize("score", [0, 101])
def test_score_that_is_none_is_refused(score):
    with pytest.raises(ValueError, match="is no score"):
        graph_of(persons=TWINS).possible_duplicates(score)


def test_graph_without_persons_has_no_pair():
    assert graph_of().possible_duplicates().empty
    assert graph_of(persons=pd.DataFrame({"person_id": []})).possible_duplicates(1).empty
