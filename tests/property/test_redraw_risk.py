"""The risk of areas against a program that walks through hours, and the laws it keeps.

The program takes the meetings from the trace, which the reference rule holds elsewhere; all
else (chances, tests, days ahead, who is at large, where) it works out from the drawn rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import tracegraph as tg
from drawn import EXAMPLES
from tracegraph.exposure.hops import exposures
from tracegraph.exposure.venues import venue_meetings
from tracegraph.protocols.protocol import (
    Exposure,
    Kind,
    Protocol,
    ReportedContact,
    Tier,
    Window,
)
from tracegraph.tracing.evidence import CLASSES, classes
from tracegraph.zones.ground import survey
from tracegraph.zones.redraw.risk import TERMS, RiskAssumptions, area_risk

PARENT = {"C": None, "T": "C", "K1": "T", "K2": "T", "B1": "K1", "B2": "K1", "E": None}
POPULATION = {"B1": 30, "B2": 10, "K2": 0}
AREA_OF = {
    "H1": "B1", "H2": "B2", "H3": "K2", "H4": "T", "W": "B2", "M": "K2", "S": "E", "R": None,
    "X": None, "Y": None, "I": "E",
}  # fmt: skip
KIND = {"W": "office", "M": "market", "S": "school", "R": "class", "X": "bus", "Y": "shop",
        "I": "isolation_site"}  # fmt: skip
INSIDE = {"R": "S"}  # the class room lies in the school, and so in area E
PEOPLE = ["a", "b", "c", "d", "e"]
ORIGIN = pd.Timestamp("2022-05-01", tz="Asia/Shanghai")
LAST = 12 * 24
DAY = 24


@dataclass(frozen=True, kw_only=True)
class World:
    """Rows of one small outbreak; all times are hours since the origin."""

    as_of: int
    tiers: int
    by_day: bool
    isolation_kind: str
    homes: dict
    cases: tuple  # person, onset or None, sampled, isolated or None
    visits: tuple  # person, place, start, hours
    contacts: tuple  # person, other, start, hours, kind
    isolations: tuple  # person, start, hours or None, kind
    tests: tuple  # person, hour, result
    measures: tuple  # area, start, hours or None, kind


def people():
    return st.sampled_from(PEOPLE)


def hours():
    return st.integers(0, LAST - 1)


def lasting(most=30):
    return st.integers(1, most)


@st.composite
def worlds(draw, *, by_day=None):
    pairs = st.tuples(people(), people()).filter(lambda pair: pair[0] != pair[1])
    visit = st.tuples(
        people(), st.sampled_from(["W", "W", "R", "M", *AREA_OF]), hours(), lasting()
    )  # fmt: skip
    isolation = st.tuples(
        people(), hours(), st.one_of(st.none(), lasting(100)),
        st.sampled_from(["central", "home", "hospital"]),
    )  # fmt: skip
    measure = st.tuples(
        st.sampled_from(list(PARENT)), hours(), st.one_of(st.none(), lasting(200)),
        st.sampled_from(["static_management", "static_management", "suspended_events"]),
    )  # fmt: skip
    told = st.tuples(pairs, hours(), lasting(50), st.sampled_from(["meal", "passing"]))
    maybe = st.one_of(st.none(), hours())
    case = st.tuples(people(), maybe, hours(), st.one_of(st.none(), maybe))
    homes = [f"H{n}" for n in range(1, 5)]
    return World(
        as_of=draw(st.sampled_from([LAST, LAST, LAST - 50, LAST // 2])),
        tiers=draw(st.sampled_from([2, 2, 1, 3])),
        by_day=draw(st.booleans()) if by_day is None else by_day,
        isolation_kind=draw(st.sampled_from(["hospital", "home"])),
        homes={person: draw(st.sampled_from([*homes, "H1", None])) for person in PEOPLE},
        cases=tuple(draw(st.lists(case, min_size=1, max_size=2))),
        visits=tuple(draw(st.lists(visit, min_size=2, max_size=12))),
        contacts=tuple((*pair, *rest) for pair, *rest in draw(st.lists(told, max_size=2))),
        isolations=tuple(draw(st.lists(isolation, max_size=2))),
        tests=tuple(
            draw(st.lists(st.tuples(people(), hours(), st.sampled_from("+-?")), max_size=4))
        ),
        measures=tuple(draw(st.lists(measure, max_size=2))),
    )


def moment(hour):
    return None if hour is None else str((ORIGIN + pd.Timedelta(hours=hour)).tz_localize(None))


def frame(rows, columns, times):
    table = pd.DataFrame(list(rows), columns=columns)
    for name in times:
        table[name] = [None if pd.isna(v) else moment(v) for v in table[name]]
    return table.dropna(axis=1, how="all")  # an empty column has no dtype to agree with others


def ending(rows, at=2):
    """Rows with an end instead of hours."""
    return [
        (*row[: at - 1], row[at - 1], None if row[at] is None else row[at - 1] + row[at],
         *row[at + 1 :])
        for row in rows
    ]  # fmt: skip


def trace_of(world):
    tables = {
        "cases": frame(
            world.cases, ["person_id", "onset", "sampled", "isolated"],
            ["onset", "sampled", "isolated"],
        ),
        "persons": frame(world.homes.items(), ["person_id", "home_id"], []),
        "locations": pd.DataFrame(
            {
                "location_id": list(AREA_OF),
                "area_id": list(AREA_OF.values()),
                "kind": [KIND.get(place, "home") for place in AREA_OF],
                "parent_id": [INSIDE.get(place) for place in AREA_OF],
            }
        ),
        "areas": pd.DataFrame(
            {
                "area_id": list(PARENT),
                "parent_id": list(PARENT.values()),
                "population": [POPULATION.get(area) for area in PARENT],
            }
        ),
        "visits": frame(
            ending(world.visits, 3), ["person_id", "location_id", "arrive", "depart"],
            ["arrive", "depart"],
        ),
        "contacts": frame(
            ending(world.contacts, 3), ["person_id", "contact_id", "start", "end", "kind"],
            ["start", "end"],
        ),
        "isolations": frame(
            ending(world.isolations), ["person_id", "start", "end", "kind"], ["start", "end"]
        ),
        "tests": frame(
            [(p, h, {"+": "positive", "-": "negative", "?": "pending"}[r], h)
             for p, h, r in world.tests],
            ["person_id", "sampled", "result", "reported"], ["sampled", "reported"],
        ),
        "measures": frame(
            ending(world.measures), ["area_id", "start", "end", "kind"], ["start", "end"]
        ),
    }  # fmt: skip
    graph = tg.TraceGraph(**{n: t for n, t in tables.items() if len(t)}, tz="Asia/Shanghai")
    rule = Protocol(
        name="p",
        title="P",
        window=Window(look_back_days=2, max_days=6, isolation_kind=world.isolation_kind),
        exposure=Exposure(resolution="day" if world.by_day else "exact"),
        tier=tuple(Tier(name=f"t{k}", clause=str(k), follow_up_days=5) for k in range(world.tiers)),
        kind={"market": Kind(place="venue"), "bus": Kind(place="venue"),
              "school": Kind(place="venue"), "shop": Kind(place="venue")},
        contact={"passing": ReportedContact(place="venue")},
    )  # fmt: skip
    return graph.trace(rule, as_of=moment(world.as_of))


def table_of(world, **changes):
    return area_risk(survey(trace_of(world)), RiskAssumptions(**changes))


# ---- the program


def density(profile, day):
    """Share of infections a day, on the profile's clock."""
    if hasattr(profile, "rate"):
        x = day + profile.shift
        if x <= 0:
            return 0.0
        power = (profile.shape - 1) * math.log(x) + profile.shape * math.log(profile.rate)
        return math.exp(power - profile.rate * x - math.lgamma(profile.shape))
    x = day / profile.scale
    if x <= 0:
        return 0.0
    return profile.shape / profile.scale * x ** (profile.shape - 1) * math.exp(-(x**profile.shape))


def part_of(profile, start, end):
    """Share of infections in hours [start, end) of the profile's clock, by Simpson's rule."""
    earliest = -profile.shift if hasattr(profile, "shift") else 0.0
    start, end = max(start / DAY, earliest), max(end / DAY, earliest)
    n = 2 * max(8, math.ceil(abs(end - start) * 40))
    step = (end - start) / n
    total = sum(
        density(profile, start + i * step) * (1 if i in (0, n) else 4 if i % 2 else 2)
        for i in range(n + 1)
    )
    return total * step / 3


def highest(profile):
    if hasattr(profile, "rate"):
        return density(profile, (profile.shape - 1) / profile.rate - profile.shift)
    mode = profile.scale * ((profile.shape - 1) / profile.shape) ** (1 / profile.shape)
    return density(profile, mode)


def missed(known, day):
    if day <= known.days[0]:
        return 1.0
    for (a, b), (x, y) in zip(
        zip(known.days, known.days[1:], strict=False),
        zip(known.missed, known.missed[1:], strict=False),
        strict=True,
    ):
        if day <= b:
            return x + (y - x) * (day - a) / (b - a)
    return known.missed[-1]


def any_of(chances):
    none = 1.0
    for chance in chances:
        none *= 1 - chance
    return 1 - none


class Program:
    """All of it again, an hour at a time."""

    def __init__(self, world, trace, assumed):
        self.world, self.trace, self.assumed = world, trace, assumed
        self.now = world.as_of
        self.episodes = defaultdict(list)
        for person, onset, sampled, _ in world.cases:
            self.episodes[person].append(sampled if onset is None else onset)
        tiers = trace.tiers
        self.tier = dict(zip(tiers["person_id"], tiers["tier"], strict=True))
        self.contact_tier = dict(zip(tiers["person_id"], tiers["contact_tier"], strict=True))

    def meetings(self):
        """Hops of (source, target, start, end, class, place), venue contacts among the first."""
        view, hops = self.trace.outer, []
        names, places = self.trace.graph.person_ids, self.trace.graph.location_ids
        everybody, origin = [True] * len(names), self.trace.graph.calendar.second(ORIGIN)

        def told(met, kinds):
            return [
                (names[q], names[p], (start - origin) / 3600, (end - origin) / 3600, kind,
                 places[at] if at >= 0 else None)
                for q, p, start, end, kind, at in zip(
                    met.source, met.target, met.start, met.end, kinds, met.location, strict=True
                )
            ]  # fmt: skip

        for hop in view.hops:
            met = exposures(view, hop, pd.Series(everybody).to_numpy())
            hops.append(told(met, [CLASSES[code] for code in classes(view, met)]))
        listed = [row for number, rows in enumerate(hops, 1) for row in rows
                  if self.contact_tier[row[1]] == number]  # fmt: skip
        assert len(listed) == len(self.trace.exposures())
        close = {(q, p, at, start) for q, p, start, _, kind, at in hops[0]
                 if kind not in ("household", "reported")}  # fmt: skip
        never = view.hops[0].first * 0 + (2**31 - 1)
        met = venue_meetings(replace(view, hops=(replace(view.hops[0], first=never),)))
        kinds = ["passing" if s < 0 or self.world.by_day else "venue" for s in met.seconds]
        for q, p, start, end, kind, at in told(met, kinds):
            if (q, p, at, start) not in close:
                kind = "building" if kind == "venue" and at in INSIDE.values() else kind
                hops[0].append((q, p, start, end, kind, at))
        return hops

    def hazard(self, profile, meeting, start, end, since):
        """Hazard of [start, end) of a meeting with a source whose clock began at `since`."""
        assumed, (_, _, begin, finish, kind, _) = self.assumed, meeting
        share = part_of(profile, start - since, end - since)
        if kind == "household":
            return -math.log(1 - assumed.household_attack) * share
        days_at_peak = share / highest(profile)
        factor = {
            "close": assumed.close_factor,
            "seat": assumed.seat_factor,
            "inside_isolation": assumed.inside_factor,
            "venue": assumed.venue_factor,
            "building": assumed.building_factor,
        }
        if kind in factor:
            return assumed.hourly_rate * 24 * factor[kind] * days_at_peak
        attack = assumed.reported_attack if kind == "reported" else assumed.passing_attack
        spread = min(max(finish - begin, 1 / 3600), 24) / 24
        return -math.log(1 - attack) * days_at_peak / spread

    def quarters(self, meeting):
        """(start, end, moment) of the parts of a meeting in quarters of a day."""
        start, end = meeting[2], min(meeting[3], self.now)
        quarter = 6 * math.floor(start / 6)
        while quarter < end:
            yield max(start, quarter), min(end, quarter + 6), min(quarter + 3, self.now)
            quarter += 6

    def tested(self, person, moment, chance):
        odds = chance / (1 - chance)
        negatives = {hour for who, hour, result in self.world.tests
                     if who == person and result == "-" and hour <= self.now}  # fmt: skip
        for hour in negatives:
            odds *= missed(self.assumed.false_negatives, (hour - moment) / 24)
        return odds / (1 + odds)

    def by_course(self, meeting):
        _, target, *_ = meeting
        for start, end, moment in self.quarters(meeting):
            hazard = max(
                self.hazard(self.assumed.around_onset, meeting, start, end, onset)
                for onset in self.episodes[meeting[0]]
            )
            yield target, moment, 1 - math.exp(-hazard)

    def first_infectious(self, person):
        anchors = [sampled if onset is None else min(onset, sampled)
                   for who, onset, sampled, _ in self.world.cases if who == person]  # fmt: skip
        return min(anchor // 24 * 24 - 48 for anchor in anchors)

    def infections(self):
        """(person, moment, chance after tests) of every generation."""
        hops = self.meetings()
        before = [self.after(i) for meeting in hops[0] for i in self.by_course(meeting)]
        every = list(before)
        for number, rows in enumerate(hops[1:], 2):
            found = []
            for meeting in rows:
                source, target, start, end, *rest = meeting
                if source in self.episodes:
                    if self.contact_tier[source] == number - 1:
                        end = min(end, self.first_infectious(source))
                        if start < end:
                            found += self.by_course((source, target, start, end, *rest))
                    continue
                for start, end, moment in self.quarters(meeting):
                    chances = [
                        chance * (1 - math.exp(-self.hazard(
                            self.assumed.generation, meeting, start, end, since
                        )))
                        for who, since, chance in before if who == source
                    ]  # fmt: skip
                    found.append((target, moment, any_of(chances)))
            before = [self.after(infection) for infection in found]
            every += before
        return every

    def after(self, infection):
        person, moment, chance = infection
        return person, moment, self.tested(person, moment, chance)

    def isolated(self, person, hour, kinds):
        rows = [(p, start, math.inf if n is None else start + n, kind)
                for p, start, n, kind in self.world.isolations]  # fmt: skip
        rows += [(p, at, math.inf, self.world.isolation_kind)
                 for p, _, _, at in self.world.cases if at is not None]  # fmt: skip
        return any(p == person and a <= hour < b and kind in kinds for p, a, b, kind in rows)

    def habits(self, person):
        """Hours by area outside home in the last days."""
        spent, since = defaultdict(float), self.now - 24 * self.assumed.habit_days
        for place in AREA_OF:
            here = {hour for who, at, start, n in self.world.visits if (who, at) == (person, place)
                    for hour in range(start, start + n) if start < self.now}  # fmt: skip
            if self.world.by_day:
                here = {hour // 24 * 24 + n for hour in here for n in range(24)}
            run = []
            for hour in range(LAST + 40):
                if hour in here and hour < self.now:
                    run += [hour]
                    continue
                run = [h for h in run if h >= since]
                skip = place == self.world.homes[person] or KIND.get(place) in ("bus",
                    "isolation_site")  # fmt: skip
                if run and not skip and not self.isolated(person, run[0], ("central", "hospital")):
                    spent[area_of(place)] += len(run)
                run = []
        return spent or {area_of(self.world.homes[person]): 1.0}

    def stands_still(self, area):
        around = []
        while area is not None:
            around, area = [*around, area], PARENT[area]
        return any(
            at in around
            and kind == "static_management"
            and start <= self.now < (math.inf if n is None else start + n)
            for at, start, n, kind in self.world.measures
        )

    def answer(self):
        """Risk by (term, area), its part at home too, and None for what lies in no area."""
        assumed, found = self.assumed, self.infections()
        ahead, total = 24 * assumed.days, defaultdict(float)
        self.at_home, self.carried = defaultdict(float), defaultdict(float)
        for person in PEOPLE:
            if self.isolated(person, self.now, ("central", "hospital")):
                continue
            tier = self.tier.get(person, 9)
            term = ("risk_cases", "risk_close", "risk_secondary", "risk_secondary")[tier] if (
                tier < 4) else "risk_venue"  # fmt: skip
            if person in self.episodes:
                chance = max(
                    part_of(assumed.around_onset, self.now - onset, self.now - onset + ahead)
                    for onset in self.episodes[person]
                )
            else:
                chance = any_of(
                    p * part_of(assumed.generation, self.now - at, self.now - at + ahead)
                    for who, at, p in found
                    if who == person
                )
            onward = assumed.reproduction * chance
            home = area_of(self.world.homes[person])
            places = {home: onward * assumed.home_share}
            self.at_home[home] += places[home]
            half = part_of(assumed.generation, 0, 12 * assumed.days)
            carried = assumed.reproduction * (1 - assumed.home_share) * half
            carried *= assumed.static_residual if self.stands_still(home) else 1
            self.carried[home] += places[home] * carried
            if not self.isolated(person, self.now, ("home",)):
                left = onward * (1 - assumed.home_share)
                left *= assumed.static_residual if self.stands_still(home) else 1
                spent = self.habits(person)
                for area, hours in spent.items():
                    part = left * hours / sum(spent.values())
                    places[area] = places.get(area, 0) + part
            for area, risk in places.items():
                total[term, area] += risk
        return total


def area_of(place):
    if place is None:
        return None
    return AREA_OF[place] or area_of(INSIDE.get(place))


def within(area, at):
    while at is not None and at != area:
        at = PARENT[at]
    return at == area


def patient(share=1):
    return settings(
        deadline=None,
        max_examples=max(10, EXAMPLES // share),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


CLOSE_TO = {"rel": 1e-5, "abs": 1e-12}


@patient(3)
@given(worlds())
def test_risk_is_what_the_program_says(world):
    trace, assumed = trace_of(world), RiskAssumptions()
    table = area_risk(survey(trace), assumed)
    program = Program(world, trace, assumed)
    told = program.answer()
    for code, area in enumerate(trace.graph.area_ids):
        for column, parts in (("risk_home", program.at_home), ("risk_carried", program.carried)):
            said = sum(risk for at, risk in parts.items() if within(area, at))
            assert table[column].iloc[code] == pytest.approx(said, **CLOSE_TO), (area, column)
        for term in TERMS:
            said = sum(risk for (t, at), risk in told.items() if t == term and within(area, at))
            assert table[term].iloc[code] == pytest.approx(said, **CLOSE_TO), (area, term)
    outside = sum(risk for (_, at), risk in told.items() if at is None)
    assert table.attrs["outside"] == pytest.approx(outside, **CLOSE_TO)


# ---- laws


def total(world, **changes):
    """Risk in all areas and in none."""
    table = table_of(world, **changes)
    top = table["risk"][[PARENT[area] is None for area in sorted(PARENT)]]
    return top.sum() + table.attrs["outside"]


@patient(10)
@given(worlds(), st.data())
def test_one_more_exposure_never_lowers_risk(world, data):
    pair = data.draw(st.tuples(people(), people()).filter(lambda two: two[0] != two[1]))
    told = (*pair, data.draw(hours()), data.draw(lasting()), "meal")
    more = replace(world, contacts=(*world.contacts, told))
    before, after = table_of(world), table_of(more)
    assert (after["risk"] >= before["risk"] * (1 - 1e-9)).all()


@patient(10)
@given(worlds(), st.data())
def test_one_more_visit_never_lowers_the_total(world, data):
    static = replace(world, measures=())
    visit = (data.draw(people()), data.draw(st.sampled_from(["W", "R", "M"])), data.draw(hours()))
    more = replace(static, visits=(*static.visits, (*visit, data.draw(lasting()))))
    assert total(more) >= total(static) * (1 - 1e-9)


@patient(10)
@given(worlds(), st.data())
def test_isolation_never_raises_risk(world, data):
    world = replace(world, contacts=())  # a report that isolation cuts keeps its weight: see docs
    start = data.draw(st.integers(0, world.as_of))
    row = (data.draw(people()), start, None, data.draw(st.sampled_from(["central", "hospital"])))
    isolated = replace(world, isolations=(*world.isolations, row))
    before, after = table_of(world), table_of(isolated)
    assert (after["risk"] <= before["risk"] * (1 + 1e-9) + 1e-15).all()
    assert after.attrs["outside"] <= before.attrs["outside"] * (1 + 1e-9) + 1e-15


@patient(10)
@given(worlds(), st.data())
def test_a_negative_test_never_raises_risk(world, data):
    row = (data.draw(people()), data.draw(hours()), "-")
    before, after = table_of(world), table_of(replace(world, tests=(*world.tests, row)))
    assert (after["risk"] <= before["risk"] * (1 + 1e-9)).all()


@patient(20)
@given(worlds())
def test_nothing_is_lost(world):
    """What lies in areas and what lies in none is what all persons add up to."""
    trace, assumed = trace_of(world), RiskAssumptions()
    table = area_risk(survey(trace), assumed)
    told = Program(world, trace, assumed).answer()
    assert total(world) == pytest.approx(sum(told.values()), **CLOSE_TO)
    assert table["risk"].tolist() == pytest.approx(table[list(TERMS)].sum(axis=1).tolist())


@patient(10)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(world, random):
    mixed = {
        name: tuple(random.sample(rows, len(rows)))
        for name in ("cases", "visits", "contacts", "isolations", "tests", "measures")
        for rows in [getattr(world, name)]
    }
    one, other = table_of(world), table_of(replace(world, **mixed))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert one.attrs == other.attrs
