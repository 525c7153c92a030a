"""Small hostile worlds: few people and places, few moments, so that ties and touching ends occur.

`stages()` draws who, where and which moments; `worlds()` fills tables from one stage. Moments
are a handful of anchors plus 0 to 40 seconds or minutes, drawn in elapsed time, so that no local
time falls into the hour that the clocks skip.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from reference_rule import Rule, World

KINDS = ("office", "home", "home", "office", "office", "train", "market", "odd", None)
CASE_STATUSES = (None, None, "confirmed", "confirmed", "asymptomatic", "excluded")
ANCHORS = {
    "Asia/Shanghai": ("2022-05-10 09:00", "2022-05-10 23:59:40", "2022-05-08 09:00",
                      "2022-05-12 08:50"),
    "Europe/Berlin": ("2022-03-27 01:50", "2022-03-26 23:59:40", "2022-03-25 09:00",
                      "2022-03-28 08:50"),
}  # fmt: skip
PEOPLE = (["P1", "P10", "P2", "Q", "a", "é"], [3, 1, 20, 7, 100, 2])
PLACES = (["L1", "L10", "L2", "x"], [5, 4, 30, 1])


VISIT_COUNTS = (6, 0, 2, 3, 4, 6, 8, 10, 12)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Who, where, when: what the rows of one world are drawn from."""

    tz: str
    people: tuple
    places: tuple
    anchors: tuple[dt.datetime, ...]  # aware, UTC
    unit: int  # seconds
    dates_too: bool

    def local(self, anchor: dt.datetime, steps: int) -> dt.datetime:
        moment = anchor + dt.timedelta(seconds=steps * self.unit)
        return moment.astimezone(ZoneInfo(self.tz)).replace(tzinfo=None)

    def instants(self):
        return st.builds(self.local, st.sampled_from(self.anchors), st.integers(0, 40))

    def dates(self):
        return self.instants().map(dt.datetime.date)

    def times(self):
        """Instants; now and then the date alone."""
        if not self.dates_too:
            return self.instants()
        return st.integers(0, 9).flatmap(lambda n: self.dates() if n == 9 else self.instants())

    def maybe_time(self):
        return st.one_of(st.none(), self.times())

    def person(self):
        return st.sampled_from(self.people)

    def place(self):
        return st.sampled_from(self.places)


@st.composite
def stages(draw, *, dates_too: bool | None = None) -> Stage:
    tz = draw(st.sampled_from(sorted(ANCHORS)))
    zone = ZoneInfo(tz)
    most = draw(st.sampled_from([1, 1, 1, 2, 3]))
    anchors = draw(st.lists(st.sampled_from(ANCHORS[tz]), min_size=1, max_size=most, unique=True))
    aware = [dt.datetime.fromisoformat(a).replace(tzinfo=zone).astimezone(dt.UTC) for a in anchors]
    people, places = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PLACES))
    return Stage(
        tz=tz,
        people=tuple(people[: draw(st.sampled_from([3, 3, 2, 4, 6]))]),
        places=tuple(places[: draw(st.sampled_from([1, 1, 2, 3, 4]))]),
        anchors=tuple(aware),
        unit=draw(st.sampled_from([1, 60])),
        dates_too=draw(st.booleans()) if dates_too is None else dates_too,
    )


def rarely(strategy, *, out_of: int = 8):
    """None, but for one draw in `out_of`."""
    return st.integers(1, out_of).flatmap(lambda n: strategy if n == out_of else st.none())


def end_after(draw, stage: Stage, start: dt.date, *, longest: int = 40):
    """None, or an end that is not before `start`, whatever the two are known to."""
    if not isinstance(start, dt.datetime):
        days = draw(st.sampled_from([0, 1]))
        same_day = dt.datetime.combine(start, dt.time(10))
        return draw(st.sampled_from([None, start + dt.timedelta(days=days), same_day]))
    special = st.sampled_from([longest, 2 * longest, 0, None, "date"])
    steps = draw(st.one_of(st.integers(0, longest), special))
    if steps == "date":
        return start.date() if stage.dates_too else None
    if steps is None:
        return None
    zone = ZoneInfo(stage.tz)
    later = start.replace(tzinfo=zone).astimezone(dt.UTC)
    far = draw(st.sampled_from([0, 0, 0, 0, 2]))
    later += dt.timedelta(seconds=steps * stage.unit, days=far)
    return later.astimezone(zone).replace(tzinfo=None)


@st.composite
def visit_rows(draw, stage: Stage) -> dict:
    arrive = draw(stage.times())
    return {
        "person_id": draw(stage.person()),
        "location_id": draw(st.one_of(stage.place(), stage.place(), rarely(stage.place()))),
        "arrive": arrive,
        "depart": end_after(draw, stage, arrive),
        "record": draw(rarely(st.sampled_from(["interview", "qr", "phone"]))),
        "seat": draw(st.sampled_from([None, "1A", "2", "5F", "12", "F"])),
        "carriage": draw(st.sampled_from([None, None, "1", "2"])),
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def case_rows(draw, stage: Stage) -> dict:
    row = {
        "person_id": draw(st.one_of(st.just(stage.people[0]), stage.person())),
        "onset": draw(st.one_of(stage.times(), stage.maybe_time())),
        "sampled": draw(rarely(stage.times(), out_of=3)),
        "confirmed": draw(rarely(stage.times(), out_of=3)),
        "status": draw(st.sampled_from(CASE_STATUSES)),
        "isolated": draw(rarely(stage.times(), out_of=6)),
        "found_in": draw(st.sampled_from([None, "screening", "community"])),
        "recorded": draw(rarely(stage.times(), out_of=10)),
    }
    if row["onset"] is row["sampled"] is row["confirmed"] is None:
        row["onset"] = draw(stage.times())
    return row


@st.composite
def isolation_rows(draw, stage: Stage) -> dict:
    start = draw(stage.times())
    kind = draw(st.sampled_from(["home", "central", "hospital", None]))
    return {
        "person_id": draw(stage.person()),
        "start": start,
        "end": end_after(draw, stage, start, longest=20),
        "kind": kind,
        "site_id": draw(st.one_of(st.none(), stage.place())) if kind != "home" else None,
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def contact_rows(draw, stage: Stage) -> dict:
    start = draw(stage.times())
    stop = end_after(draw, stage, start, longest=20)
    person = draw(stage.person())
    return {
        "person_id": person,
        "contact_id": draw(st.sampled_from([p for p in stage.people if p != person])),
        "start": start,
        "end": None if stop == start and isinstance(start, dt.datetime) else stop,
        "kind": draw(st.sampled_from([None, "meal", "passing"])),
        "location_id": draw(st.one_of(st.none(), stage.place())),
        "recorded": draw(rarely(stage.times(), out_of=12)),
    }


@st.composite
def specimen_rows(draw, stage: Stage) -> dict:
    return {
        "person_id": draw(stage.person()),
        "sampled": draw(stage.times()),
        "result": draw(st.sampled_from(["positive", "negative", "pending"])),
        "reported": draw(rarely(stage.times(), out_of=3)),
        "recorded": draw(rarely(stage.times(), out_of=6)),
    }


def disinfection_rows(stage: Stage):
    return st.fixed_dictionaries({"location_id": stage.place(), "done": stage.times()})


@st.composite
def location_rows(draw, stage: Stage) -> list[dict]:
    rows = []
    for i, place in enumerate(stage.places):
        row = {
            "location_id": place,
            "kind": draw(st.sampled_from(KINDS)),
            "parent_id": draw(rarely(st.sampled_from(stage.places[:i]), out_of=3)) if i else None,
        }
        if draw(st.integers(0, 9)) < 9:  # else nobody declared the place (RULE 20)
            rows.append(row)
    return rows


@st.composite
def person_rows(draw, stage: Stage) -> list[dict]:
    homes = st.sampled_from([*stage.places[:2], stage.places[0], None])
    rows = [{"person_id": p, "home_id": draw(homes)} for p in stage.people]
    return [row for row in rows if draw(st.integers(0, 9)) < 9]


@st.composite
def worlds(draw, stage: Stage | None = None) -> World:
    stage = stage or draw(stages())
    # Most worlds lack most tables: what goes wrong shows best where little else happens.
    extra = draw(st.sets(st.sampled_from(["contacts", "isolations", "tests", "disinfections"])))

    def table(name: str, rows, most: int) -> list[dict]:
        return draw(st.lists(rows, max_size=most)) if name in extra else []

    late = stage.local(max(stage.anchors), 45) + dt.timedelta(days=1)
    return World(
        tz=stage.tz,
        as_of=draw(st.one_of(st.just(late), st.just(late), stage.instants())),
        cases=draw(st.lists(case_rows(stage), min_size=1, max_size=3)),
        visits=[draw(visit_rows(stage)) for _ in range(draw(st.sampled_from(VISIT_COUNTS)))],
        locations=draw(location_rows(stage)),
        persons=draw(st.one_of(person_rows(stage), st.just([]), person_rows(stage))),
        contacts=table("contacts", contact_rows(stage), 3),
        isolations=table("isolations", isolation_rows(stage), 3),
        tests=table("tests", specimen_rows(stage), 3),
        disinfections=table("disinfections", disinfection_rows(stage), 2),
    )


@st.composite
def crowds(draw) -> World:
    """Short stays of few people in offices and trains: many meetings, most of them too short."""
    stage = replace(draw(stages(dates_too=False)), unit=1)
    stage = replace(stage, anchors=stage.anchors[:1], places=stage.places[:2])

    def stay() -> dict:
        arrive = draw(stage.instants())
        seconds = draw(st.integers(1, 12))
        return {
            "person_id": draw(stage.person()),
            "location_id": draw(stage.place()),
            "arrive": arrive,
            "depart": arrive + dt.timedelta(seconds=seconds),
            "seat": draw(st.sampled_from(["1A", "2", "4F", "5C", None])),
            "carriage": draw(st.sampled_from([None, None, "1"])),
        }

    ill = draw(st.sampled_from([1, 2]))
    kinds = [draw(st.sampled_from(["office", "train"])) for _ in stage.places]
    onset = stage.local(stage.anchors[0], 40)
    return World(
        tz=stage.tz,
        as_of=stage.local(stage.anchors[0], 3600),
        cases=[{"person_id": p, "onset": onset} for p in stage.people[:ill]],
        visits=[stay() for _ in range(draw(st.integers(6, 16)))],
        locations=[{"location_id": p, "kind": k} for p, k in zip(stage.places, kinds, strict=True)],
    )


# -- settings ----------------------------------------------------------------------------------

SECOND = 1 / 60  # of a minute
THRESHOLDS = (0, SECOND, 2 * SECOND, 5 * SECOND, 5 * SECOND, 15 * SECOND, SECOND, 1, 5, 20)


@st.composite
def kind_settings(draw, place: str) -> dict:
    linger, up_to = draw(
        st.sampled_from(
            [(0, None), (0, None), (SECOND, None), (10, None), (0, 5 * SECOND), (0, 10)]
        )
    )
    return {
        "place": place,
        "minutes": draw(st.sampled_from([None, None, *THRESHOLDS, (5.0, SECOND), (SECOND, 5.0)])),
        "linger_minutes": linger,
        "linger_up_to_minutes": up_to,
        "max_stay_hours": draw(st.sampled_from([None, None, 10 / 3600, 0.25, 4])),
    }


@st.composite
def tiers(draw, *, plain: bool = False) -> dict:
    accumulate = ["none"] if plain else ["none", "none", "same_source", "any_source"]
    minutes = draw(st.sampled_from(THRESHOLDS))
    long_enough = [h for h in (5 / 3600, 20 / 3600, 5 / 60, 0.5) if h * 60 >= minutes]
    return {
        "minutes": minutes,
        "accumulate": draw(st.sampled_from(accumulate)),
        "accumulate_hours": draw(st.sampled_from(long_enough)),
        "follow_up_days": draw(st.sampled_from([None, 0, 1, 2])),
        "quarantine_days": draw(st.sampled_from([None, 7, 14])),
    }


@st.composite
def rules(draw, *, plain: bool = False, resolution: str | None = None) -> Rule:
    """Settings. `plain`: no accumulation, which takes the reference longest."""
    hours = draw(st.sampled_from([None, None, 1, 48]))
    resolution = resolution or draw(st.sampled_from(["exact", "exact", "exact", "day"]))
    plain = plain or resolution == "day"  # dates have no minutes to add up
    return Rule(
        anchor=draw(st.sampled_from(["earliest", "by_status"])),
        look_back_days=draw(st.integers(0, 3)) if hours is None else None,
        look_back_hours=hours,
        after_days=draw(st.sampled_from([None, None, 0, 1, 3])),
        max_days=draw(st.sampled_from([0, 2, 10])),
        from_last_negative=draw(st.booleans()),
        statuses=draw(st.sampled_from([(), (), (), ("confirmed", "asymptomatic")])),
        isolation_kind=draw(st.sampled_from(["hospital", "central", "home"])),
        resolution=resolution,
        merge_gap_minutes=draw(st.sampled_from([0, 0, SECOND, 5 * SECOND, 3])),
        max_household=draw(st.sampled_from([2, 3, 15])),
        venue_after_minutes=draw(st.sampled_from([0, 0, 2 * SECOND, 10])),
        seat_rows=draw(st.integers(0, 3)),
        tiers=tuple(draw(tiers(plain=plain)) for _ in range(draw(st.sampled_from([2, 1, 2, 3])))),
        kinds={
            "home": draw(kind_settings("close")),
            "office": draw(kind_settings("close")),
            "train": draw(kind_settings("seat")),
            "market": draw(kind_settings("venue")),
            "other": draw(kind_settings(draw(st.sampled_from(["close", "venue"])))),
        },
        contacts=draw(
            st.sampled_from([{}, {"passing": "venue"}, {"meal": "close", "other": "venue"}])
        ),
    )  # fmt: skip


@st.composite
def crowd_rules(draw) -> Rule:
    """Settings that add up seconds, and seats that are near or far."""
    least = draw(st.integers(2, 12))
    tier = {
        "minutes": least * SECOND,
        "accumulate": draw(st.sampled_from(["none", "same_source", "any_source"])),
        "accumulate_hours": draw(st.integers(least, 40)) / 3600,
        "follow_up_days": draw(st.sampled_from([None, 0, 1])),
    }
    return Rule(
        tiers=(tier, {**tier, "accumulate": draw(st.sampled_from(["none", "same_source"]))}),
        seat_rows=draw(st.integers(0, 3)),
        kinds={
            "office": {"minutes": draw(st.sampled_from([None, 0.1, 1]))},
            "train": {"place": "seat", "linger_minutes": draw(st.sampled_from([0, 3 * SECOND]))},
        },
    )
