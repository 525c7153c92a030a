"""Rounds of tests and pools, held to a program that asks of every person and every area."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.errors import TableError
from tracegraph.protocols.protocol import Release
from tracegraph.zones.evidence import area_evidence
from tracegraph.zones.ground import survey
from tracegraph.zones.presence import find_presence
from tracegraph.zones.release import Record
from tracegraph.zones.screening import Screening, specimens

PARENT = {"C": None, "K1": "C", "K2": "C", "B1": "K1", "B2": "K1"}
AREA_OF = {"H1": "B1", "H2": "B2", "H3": "K2", "X": None}
PEOPLE = ["a", "b", "c", "d", "e"]
COUNTS = ["registered", "with_result", "positives", "pools_positive", "recalled", "pending"]


def told(hour):
    """As text, not at midnight sharp, which would be read as a date."""
    moment = pd.Timestamp("2022-05-09 00:00:01") + pd.Timedelta(hours=hour)
    return str(moment)


def traced(home, tests, rounds=(), isolations=(), population=None, as_of=100):
    frames = {
        "persons": [{"person_id": p, "home_id": home[p]} for p in home],
        "locations": [
            {"location_id": place, "kind": "home", "area_id": area}
            for place, area in AREA_OF.items()
        ],
        "areas": [
            {"area_id": area, "parent_id": up, "population": (population or {}).get(area)}
            for area, up in PARENT.items()
        ],
        "tests": [
            {"person_id": p, "sampled": told(at), "reported": told(at), "result": result,
             "round_id": number, "pool_id": pool}
            for p, at, result, number, pool in tests
        ],
        "rounds": [
            {"round_id": number, "area_id": area, "start": told(start),
             "end": None if end is None else told(end)}
            for number, area, start, end in rounds
        ],
        "isolations": [
            {"person_id": p, "start": told(start), "end": told(end), "kind": kind}
            for p, start, end, kind in isolations
        ],
    }  # fmt: skip
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["Z"], "sampled": ["2022-05-09 08:00"]}),
        **{name: pd.DataFrame(rows) for name, rows in frames.items() if rows},
        tz="Asia/Shanghai",
    )
    return graph.trace("china-8", as_of=told(as_of))


def screening(*world, **more):
    return traced(*world, **more).screening()


def row(frame, number, area):
    found = frame[(frame["round_id"] == number) & (frame["area_id"] == area)]
    assert len(found) == 1
    return found.iloc[0]


AT_HOME = {"a": "H1", "b": "H1", "c": "H2", "d": "H3"}

# ---- by hand


def test_coverage_is_the_share_of_people_who_should_be_inside():
    tests = [("a", 10, "negative", "R1", None), ("c", 11, "negative", "R1", None)]
    gone = [("b", 1, 90, "central"), ("d", 1, 90, "home")]
    frame = screening(AT_HOME, tests, isolations=gone)
    county = row(frame, "R1", "C")
    assert county[COUNTS].tolist() == [3, 2, 0, 0, 0, 1]
    assert county["coverage"] == pytest.approx(2 / 3)
    assert row(frame, "R1", "K1")["coverage"] == 1.0
    assert row(frame, "R1", "K2")["coverage"] == 0.0
    assert county["start"] == pd.Timestamp(told(10), tz="Asia/Shanghai")
    assert county["end"] == pd.Timestamp(told(11), tz="Asia/Shanghai")


def test_people_whom_no_table_lists_are_pending():
    frame = screening(AT_HOME, [("a", 10, "negative", "R1", None)], population={"K2": 8})
    assert row(frame, "R1", "K2")[["registered", "pending"]].tolist() == [8, 8]
    assert row(frame, "R1", "C")["registered"] == 11


def test_a_positive_pool_recalls_its_members_and_makes_nobody_positive():
    tests = [
        ("a", 10, "positive", "R1", "T1"),  # the lab's row stands for all of the tube
        ("b", 10, "pending", "R1", "T1"),
        ("c", 10, "negative", "R1", "T2"),
    ]
    house = row(screening(AT_HOME, tests), "R1", "B1")
    assert house[COUNTS].tolist() == [2, 0, 0, 1, 2, 0]
    assert row(screening(AT_HOME, tests), "R1", "C")["with_result"] == 1


@pytest.mark.parametrize(
    ("later", "recalled", "positives"),
    [
        (("a", 20, "negative", "R1", None), 1, 0),
        (("a", 20, "positive", None, None), 1, 1),
        (("a", 10, "negative", "R1", None), 1, 0),  # at the same moment: no earlier one
        (("a", 9, "negative", "R1", None), 2, 0),
        (("a", 20, "negative", "R1", "T9"), 2, 0),  # of another pool
        (("a", 20, "inconclusive", "R1", None), 2, 0),
    ],
)
def test_only_a_later_result_of_ones_own_ends_a_recall(later, recalled, positives):
    tests = [(p, 10, "positive", "R1", "T1") for p in "ab"]
    house = row(screening(AT_HOME, [*tests, later]), "R1", "B1")
    assert house[["recalled", "positives"]].tolist() == [recalled, positives]


@pytest.mark.parametrize(
    ("pool", "own", "recalled"),
    [
        ("2022-05-10", "2022-05-10", 0),
        ("2022-05-10", "2022-05-11", 0),
        ("2022-05-10", "2022-05-10 08:00", 1),  # it may have been taken first
        ("2022-05-10 09:00", "2022-05-10", 1),
        ("2022-05-10 09:00", "2022-05-11", 0),
    ],
)
def test_later_is_not_earlier_in_either_bound(pool, own, recalled):
    frame = pd.DataFrame
    graph = tg.TraceGraph(
        cases=frame({"person_id": ["Z"], "sampled": ["2022-05-09 08:00"]}),
        persons=frame({"person_id": ["a"], "home_id": ["H"]}),
        locations=frame({"location_id": ["H"], "kind": ["home"], "area_id": ["K"]}),
        areas=frame({"area_id": ["K"]}),
        tests=frame(
            {
                "person_id": ["a", "a"],
                "sampled": [pool, own],
                "reported": [pool, own],
                "result": ["positive", "negative"],
                "round_id": ["R1", "R1"],
                "pool_id": ["T1", None],
            }
        ),
        tz="Asia/Shanghai",
    )
    assert graph.trace("china-8", as_of="2022-05-14").screening()["recalled"].tolist() == [recalled]


def test_a_tube_number_of_another_round_is_another_tube():
    tests = [("a", 10, "positive", "R1", "T1"), ("c", 30, "negative", "R2", "T1")]
    frame = screening(AT_HOME, tests)
    assert row(frame, "R1", "B1")["recalled"] == 1
    assert row(frame, "R2", "B2")[["with_result", "recalled"]].tolist() == [1, 0]
    unnumbered = screening(AT_HOME, [tests[0], ("c", 30, "negative", None, "T1")])
    assert row(unnumbered, "R1", "B2")["recalled"] == 1


def test_rounds_take_in_what_was_taken_in_their_area_and_span():
    tests = [
        ("a", 10, "negative", None, None),  # in the span
        ("b", 25, "negative", None, None),  # after it
        ("c", 26, "negative", "R1", None),  # after it, but of the round by name
        ("d", 10, "negative", None, None),  # outside its area
    ]
    frame = screening(AT_HOME, tests, [("R1", "K1", 8, 20), ("R2", None, 200, None)])
    assert set(frame["area_id"]) == {"K1", "B1", "B2"}  # R2 has not begun
    assert row(frame, "R1", "K1")[COUNTS].tolist() == [3, 2, 0, 0, 0, 1]
    assert row(frame, "R1", "K1")["end"] == pd.Timestamp(told(20), tz="Asia/Shanghai")


def test_a_round_without_an_end_lasts_until_the_next():
    tests = [("a", 12, "negative", None, None), ("a", 40, "negative", None, None)]
    frame = screening(AT_HOME, tests, [("R1", None, 8, None), ("R2", None, 30, None)])
    assert row(frame, "R1", "B1")["end"] == pd.Timestamp(told(30), tz="Asia/Shanghai")
    assert pd.isna(row(frame, "R2", "B1")["end"])
    assert [row(frame, r, "B1")["with_result"] for r in ("R1", "R2")] == [1, 1]


def test_without_rounds_there_is_no_row():
    frame = screening(AT_HOME, [("a", 10, "negative", None, None)])
    assert frame.empty
    assert frame["start"].dtype == "datetime64[s, Asia/Shanghai]"
    assert frame["coverage"].dtype == "float64"
    assert (frame[COUNTS].dtypes == "int64").all()


def test_without_areas_there_is_an_error():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["Z"], "sampled": ["2022-05-09"]}), tz="Asia/Shanghai"
    )
    with pytest.raises(TableError, match="need the table 'areas'"):
        graph.trace("who-2021").screening()


# ---- against every person and area


def within(place, area):
    at = AREA_OF.get(place)
    while at is not None and at != area:
        at = PARENT[at]
    return at == area


def is_under(area, listed):
    while area is not None:
        if area in listed:
            return area
        area = PARENT[area]
    return None


def counted(world, number, area):
    """Counts of one round in one area; None where it takes no part, or concerns nobody."""
    home, tests, rounds, isolations, population, as_of = world
    tests = [t for t in tests if t[1] <= as_of]
    starts = sorted({start for _, _, start, _ in rounds})
    spans = {}
    for name, where, start, end in rounds:
        if name == number and start <= as_of:
            end = min([s for s in starts if s > start], default=10**6) if end is None else end
            low, high = spans.get(where, (10**6, -1))
            spans[where] = (min(low, start), max(high, end))
    is_listed = bool(spans)
    if not spans:
        taken = [at for _, at, _, name, _ in tests if name == number]
        if not taken:
            return None
        spans[None] = (min(taken), max(taken))

    def span(at):
        place = is_under(at, [s for s in spans if s is not None])
        return spans.get(place)

    if span(area) is None:
        return None

    def away(person, at):
        return any(p == person and s <= at < e and k != "home" for p, s, e, k in isolations)

    def in_round(person, at, name):
        if name is not None or AREA_OF[home[person]] is None:
            return name == number
        here = span(AREA_OF[home[person]])
        return is_listed and here is not None and here[0] <= at < here[1]

    def pool_of(test):
        mixed = [t for t in tests if t[4] == test[4]]
        return test[4], None if any(t[3] is None for t in mixed) else test[3]

    def result(test):
        if test[4] is None:
            return test[2]
        said = [t[2] for t in tests if t[4] is not None and pool_of(t) == pool_of(test)]
        return next((r for r in ("positive", "negative") if r in said), "pending")

    lives = [p for p in PEOPLE if within(home[p], area)]
    mine = [t for t in tests if in_round(t[0], t[1], t[3])]
    called = {}
    for t in tests:
        is_of_pool = t[4] is not None and any(
            m[4] is not None and pool_of(m) == pool_of(t) for m in mine
        )
        if is_of_pool and result(t) == "positive" and not away(t[0], t[1]):
            own = [
                (u[1], u[2] == "negative", u[2]) for u in tests
                if u[0] == t[0] and u[4] is None and u[2] != "pending" and u[1] >= t[1]
            ]  # fmt: skip
            called.setdefault(t[0], []).append((pool_of(t), min(own)[2] if own else None))
    recalled = {p for p in lives if any(r is None for _, r in called.get(p, []))}
    inside = {
        p for p in lives
        if not away(p, min(span(AREA_OF[home[p]])[1], as_of))
    }  # fmt: skip
    has = {
        t[0] for t in mine
        if result(t) == "negative" or (result(t) == "positive" and t[4] is None)
    } | {p for p in called if any(r for _, r in called[p])}  # fmt: skip
    has = (has & inside) - recalled
    people = population if area == "K2" and population is not None else len(lives)
    if area == "C" and population is not None:
        people = len(lives) - sum(within(home[p], "K2") for p in PEOPLE) + population
    registered = max(len(inside), people - (len(lives) - len(inside)))
    positives = {
        t[0] for t in mine
        if t[0] in lives and t[4] is None and t[2] == "positive" and not away(t[0], t[1])
    } | {p for p in lives if any(r == "positive" for _, r in called.get(p, []))}  # fmt: skip
    pools = {pool for p in lives for pool, _ in called.get(p, [])}
    if not (registered or positives or recalled):
        return None
    pending = registered - len(has | (recalled & inside))
    return [registered, len(has), len(positives), len(pools), len(recalled), pending]


@st.composite
def worlds(draw):
    hour = st.integers(0, 6)
    number = st.sampled_from(["R1", "R2", None])
    result = st.sampled_from(["negative", "positive", "pending"])
    pool = st.sampled_from([None, "T1", "T2"])
    tests = draw(
        st.lists(st.tuples(st.sampled_from(PEOPLE), hour, result, number, pool), max_size=7)
    )
    span = st.tuples(hour, st.one_of(st.none(), st.integers(1, 4)))
    rounds = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["R1", "R3"]), st.sampled_from(["K1", "B1", "C", None]), span
            ),
            max_size=3,
        )
    )
    away = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PEOPLE), hour, st.integers(1, 5),
                st.sampled_from(["home", "central"]),
            ),
            max_size=2,
        )
    )  # fmt: skip
    home = {person: draw(st.sampled_from(list(AREA_OF))) for person in PEOPLE}
    return (
        home,
        tests,
        [(n, area, s, None if length is None else s + length) for n, area, (s, length) in rounds],
        [(p, s, s + length, kind) for p, s, length, kind in away],
        draw(st.sampled_from([None, 9])),
        draw(st.integers(3, 7)),
    )


@settings(deadline=None, max_examples=80)
@given(worlds())
def test_rounds_are_what_asking_everybody_finds(world):
    home, tests, rounds, isolations, population, as_of = world
    frame = screening(
        home, tests, rounds, isolations, None if population is None else {"K2": population}, as_of
    )
    for number in ("R1", "R2", "R3"):
        for area in PARENT:
            found = frame[(frame["round_id"] == number) & (frame["area_id"] == area)]
            expected = counted(world, number, area)
            assert found[COUNTS].values.tolist() == ([] if expected is None else [expected]), (
                number,
                area,
            )


# ---- what a release asks: a clean round


def is_clean(world, area, day, days, percent):
    """Whether enough people inside were found negative, nobody positive, nobody recalled."""
    home, tests, isolations, population, as_of = world
    until = min(24 * (day + 1) - 1, as_of)  # moments are whole hours
    since = until - 24 * days if until == as_of else 24 * (day + 1 - days) - 1

    def away(person, at):
        return any(p == person and s <= at < e and k != "home" for p, s, e, k in isolations)

    tests = [t for t in tests if t[1] <= as_of]
    called, clean = set(), set()
    for person, at, said, _, pool in tests:
        tube = [t[2] for t in tests if t[4] == pool]
        if pool is not None:
            said = next((r for r in ("positive", "negative") if r in tube), "pending")
        if away(person, at):
            continue
        if said == "negative" and since < at <= until:
            clean.add(person)
        if (
            said == "positive"
            and pool is None
            and since < at <= until
            and within(home[person], area)
        ):
            return False
        later = [
            t[1] for t in tests
            if t[0] == person and t[4] is None and t[2] != "pending" and t[1] >= at
        ]  # fmt: skip
        if said == "positive" and pool is not None and at <= until < min(later, default=10**6):
            called.add(person)
    if any(within(home[person], area) for person in called):
        return False
    lives = [p for p in PEOPLE if within(home[p], area)]
    inside = {p for p in lives if not away(p, until)}
    people = len(lives)
    if population is not None and area in ("K2", "C"):
        people += population - sum(within(home[p], "K2") for p in PEOPLE)
    expected = max(len(inside), people - (len(lives) - len(inside)))
    return 100 * len(inside & clean) >= percent * expected


@st.composite
def weeks(draw):
    hour = st.integers(0, 12).map(lambda h: h * 7)
    result = st.sampled_from(["negative", "negative", "positive", "pending"])
    test = st.tuples(
        st.sampled_from(PEOPLE), hour, result, st.none(), st.sampled_from([None, None, "T1", "T2"])
    )
    away = st.tuples(st.sampled_from(PEOPLE), hour, st.sampled_from(["home", "central"]))
    home = {person: draw(st.sampled_from(list(AREA_OF))) for person in PEOPLE}
    return (
        home,
        draw(st.lists(test, min_size=3, max_size=10)),
        [(p, s, s + 30, kind) for p, s, kind in draw(st.lists(away, max_size=2))],
        draw(st.sampled_from([None, 4])),
        draw(st.integers(30, 90)),
    )


@settings(deadline=None, max_examples=80)
@given(weeks(), st.integers(1, 3), st.sampled_from([100, 100, 90, 50]))
def test_a_clean_round_is_what_asking_everybody_finds(world, days, percent):
    home, tests, isolations, population, as_of = world
    people = None if population is None else {"K2": population}
    ground = survey(traced(home, tests, (), isolations, people, as_of))
    rounds = Screening.of(specimens(ground))
    evidence = area_evidence(ground, find_presence(ground), ground.tree, rounds)
    record = Record(ground, evidence, rounds)
    release = Release(screening_days=days, screening_share=percent / 100)
    first = ground.day(ground.seconds(pd.Series([pd.Timestamp(told(0), tz="Asia/Shanghai")])))[0]
    for day in range(as_of // 24 + 1):
        clean = record.clean_areas(first + day, release)
        found = dict(zip(ground.trace.graph.area_ids, clean, strict=True))
        expected = {area: is_clean(world, area, day, days, percent) for area in PARENT}
        assert found == expected, day
