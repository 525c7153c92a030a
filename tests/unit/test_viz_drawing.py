"""Drawing: who stands where, how large, and in which bubble venue contacts are counted."""

import numpy as np
import pandas as pd
import pytest

from tracegraph.viz.drawing import draw

VENUE = 3  # tier of venue contacts; 0 to 2 are traced


def _rows(*rows):
    return pd.DataFrame(rows, columns=["contact", "source", "place"], dtype=np.int64)


def _met(*rows):
    return pd.DataFrame(rows, columns=["person", "source", "place"], dtype=np.int64)


def _drawn(tiers, rows, met=None, *, n_places=3, homes=(), **options):
    """Persons numbered by tier; the decisive exposure of each is their first row."""
    first = rows.reset_index().drop_duplicates("contact").set_index("contact")
    first = first.reindex(range(len(tiers))).fillna(-1).astype(np.int64)
    persons = pd.DataFrame({"tier": tiers, "parent": first["source"], "link": first["index"]})
    home = np.isin(np.arange(n_places), homes)
    return draw(persons, home, rows, _met() if met is None else met, venue=VENUE, **options)


def _distance(one, other):
    return np.hypot(one["x"] - other["x"], one["y"] - other["y"])


def test_everyone_is_drawn_once_below_the_limit_and_places_where_somebody_met():
    drawing = _drawn([0, 1, 2], _rows([1, 0, 0], [2, 1, 2]))
    assert drawing.persons.notna().all(axis=None)
    assert drawing.places["x"].notna().tolist() == [True, False, True]
    assert drawing.bubble_of.tolist() == [-1, -1, -1]
    assert drawing.bubbles.empty


def test_a_place_stands_between_those_who_met_there_and_a_bare_report_joins_two_persons():
    # 1 and 2 met the case at place 0; 3 was reported without a place; 4 and 5 know nobody
    drawing = _drawn([0, 1, 1, 1, 0, 0], _rows([1, 0, 0], [2, 0, 0], [3, 0, -1]))
    persons, place = drawing.persons, drawing.places.iloc[0]
    near = max(_distance(persons.iloc[k], place) for k in (0, 1, 2))
    assert _distance(persons.iloc[3], persons.iloc[0]) < near + 60
    alone = min(_distance(persons.iloc[k], persons.iloc[p]) for k in (4, 5) for p in range(4))
    assert alone > _distance(persons.iloc[0], place)


def test_cases_are_larger_than_contacts_and_crowded_places_than_others():
    contacts = [[k, 0, 0] for k in range(1, 30)]
    drawing = _drawn([0] + [1] * 29 + [2], _rows(*contacts, [30, 1, 1], [30, 1, 2]), homes=[2])
    case, close, further = (drawing.persons["r"][k] for k in (0, 1, 30))
    assert case > close > further
    crowded, other, home = drawing.places["r"]
    assert crowded > other > home


def test_venue_contacts_are_counted_at_the_place_of_the_meeting_whatever_the_limit():
    met = _met([1, 0, 1], [2, 0, 1], [3, 0, 2])
    drawing = _drawn([0, VENUE, VENUE, VENUE], _rows(), met, max_nodes=1)
    assert drawing.persons["x"].notna().tolist() == [True, False, False, False]
    assert drawing.bubble_of.tolist() == [-1, 0, 0, 1]
    assert drawing.bubbles[["tier", "at_place", "anchor"]].values.tolist() == [
        [VENUE, True, 1],
        [VENUE, True, 2],
    ]
    assert drawing.places["x"].notna().tolist() == [False, True, True]
    assert drawing.bubbles["radius"][0] > drawing.bubbles["radius"][1]


def test_venue_contacts_without_a_place_are_counted_at_their_case():
    drawing = _drawn([0, VENUE, VENUE], _rows(), _met([1, 0, -1], [2, 0, -1]))
    assert drawing.bubble_of.tolist() == [-1, 0, 0]
    assert drawing.bubbles[["at_place", "anchor"]].values.tolist() == [[False, 0]]


def test_bubbles_of_contacts_come_first_and_those_of_venue_contacts_follow():
    contacts = [[k, 0, 0] for k in range(1, 30)]
    drawing = _drawn(
        [0] + [1] * 29 + [VENUE], _rows(*contacts), _met([30, 0, 1]), max_nodes=5
    )  # fmt: skip
    assert drawing.bubbles["tier"].tolist() == [1, VENUE]
    assert drawing.bubble_of.tolist() == [-1] + [0] * 29 + [1]
    assert drawing.persons["x"].notna().tolist() == [True] + [False] * 30


@pytest.mark.parametrize("max_nodes", [2_000, 200, 40])
def test_nothing_that_is_drawn_covers_anything_else(max_nodes):
    rng = np.random.default_rng(1)
    tiers = np.repeat([0, 1, 2, VENUE], [4, 70, 190, 25])
    source = np.where(tiers == 1, rng.integers(0, 4, 289), rng.integers(4, 74, 289))
    rows = _rows(*[[k, source[k], rng.integers(-1, 90)] for k in range(4, 264)])
    met = _met(*[[k, rng.integers(4), rng.integers(-1, 90)] for k in range(264, 289)])
    drawing = _drawn(tiers, rows, met, n_places=90, homes=range(40), max_nodes=max_nodes)
    bubbles = drawing.bubbles.rename(columns={"radius": "r"})[["x", "y", "r"]]
    nodes = pd.concat([drawing.persons, drawing.places, bubbles]).dropna().to_numpy(float)
    away = np.hypot(*(nodes[:, None, k] - nodes[None, :, k] for k in (0, 1)))
    away -= nodes[:, None, 2] + nodes[None, :, 2]
    np.fill_diagonal(away, np.inf)
    assert away.min() > 0


def test_nobody_is_an_empty_picture():
    drawing = _drawn([], _rows(), n_places=0)
    assert len(drawing.persons) == len(drawing.places) == len(drawing.bubbles) == 0


def test_a_case_alone_is_drawn():
    drawing = _drawn([0], _rows(), n_places=0)
    assert drawing.persons[["x", "y"]].values.tolist() == [[0, 0]]


def test_at_least_one_node():
    with pytest.raises(ValueError, match="max_nodes is 0"):
        _drawn([0], _rows(), max_nodes=0)
