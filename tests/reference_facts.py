"""The reference rule, first half: what is known, stays and windows (RULE 1 to 12, 20, 29, 30).

Slow and obvious on purpose; see `reference_rule.py`, which goes on from here. Neither shares code
with the package, and both import the standard library alone.

A *set of seconds* is a Python integer: bit i is set when second i belongs to the set (second 0
is a local midnight before everything in the world). So `a & b` is "in both", `a | b` is "in
either", `a & ~b` is "in a, not in b". A *window* is a list of sets, one a piece, because an
exposure must lie inside one piece (RULE 9). There is no interval algebra: all stays are compared
with all stays, all pieces with all pieces. Times are small (a few days), so this is affordable.

Every time is known within bounds `(lo, hi)` (RULE 25). The same rule is run twice: in the OUTER
world everything is as wide as the bounds allow, in the INNER world as narrow.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

OUTER, INNER = "outer", "inner"
DAY = dt.timedelta(days=1)
FOREVER = 10**12  # an end that nobody wrote down; everything is cut at as-of in the end


@dataclass(frozen=True, kw_only=True)
class World:
    """Plain rows (dicts by column name), a time zone, and the moment of asking.

    Times are naive local `datetime`, or `date` where only the date is known, or None.
    """

    as_of: dt.datetime
    tz: str = "Asia/Shanghai"
    cases: list[dict] = field(default_factory=list)
    visits: list[dict] = field(default_factory=list)
    locations: list[dict] = field(default_factory=list)
    persons: list[dict] = field(default_factory=list)
    contacts: list[dict] = field(default_factory=list)
    isolations: list[dict] = field(default_factory=list)
    tests: list[dict] = field(default_factory=list)
    disinfections: list[dict] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The settings of a protocol that the rule reads.

    A tier is a dict with any of minutes, accumulate, accumulate_hours, follow_up_days,
    quarantine_days. A kind is a dict with any of place, minutes, linger_minutes,
    linger_up_to_minutes, max_stay_hours. `contacts` maps a kind of reported contact to its class.
    """

    anchor: str = "earliest"
    look_back_days: int | None = 2
    look_back_hours: int | None = None
    after_days: int | None = None
    max_days: int = 28
    from_last_negative: bool = False
    statuses: tuple[str, ...] = ()
    isolation_kind: str = "hospital"
    resolution: str = "exact"
    merge_gap_minutes: float = 0.0
    max_household: int = 15
    venue_after_minutes: float = 0.0
    seat_rows: int = 2
    tiers: tuple[dict, ...] = ({},)
    kinds: dict[str, dict] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)


# -- sets of seconds ---------------------------------------------------------------------------


def between(a: int, b: int) -> int:
    """Return the seconds s with a <= s < b (RULE 1: touching intervals share no second)."""
    return (1 << b) - (1 << a) if b > a else 0


def first(seconds: int) -> int:
    """Return the earliest second of a set."""
    return (seconds & -seconds).bit_length() - 1


def end(seconds: int) -> int:
    """Return the second after the last one of a set."""
    return seconds.bit_length()


def size(seconds: int) -> int:
    """Return how many seconds a set holds."""
    return seconds.bit_count()


def runs(seconds: int) -> list[int]:
    """Cut a set into its unbroken runs, in order."""
    found = []
    while seconds:
        start = first(seconds)
        length = first(~(seconds >> start))  # up to the first second that is missing
        run = between(start, start + length)
        found.append(run)
        seconds &= ~run
    return found


def merged_where_shared(pieces: list[int]) -> list[int]:
    """Merge pieces that share a second; pieces that only touch stay apart (RULE 9, literally)."""
    pieces = [piece for piece in pieces if piece]
    for i, a in enumerate(pieces):
        for j, b in enumerate(pieces):
            if i < j and a & b:
                rest = [p for k, p in enumerate(pieces) if k not in (i, j)]
                return merged_where_shared([*rest, a | b])
    return sorted(pieces, key=first)


def whole_seconds(minutes: float) -> int:
    """Turn a setting in minutes into whole seconds."""
    return round(minutes * 60)


class Clock:
    """The local calendar (RULE 2)."""

    def __init__(self, world: World, rule: Rule) -> None:
        self.zone = ZoneInfo(world.tz)
        tables = (world.cases, world.visits, world.contacts, world.isolations, world.tests)
        values = [v for table in tables for row in table for v in row.values()]
        dates = [v.date() if isinstance(v, dt.datetime) else v for v in [*values, world.as_of]]
        earliest = min(d for d in dates if isinstance(d, dt.date))
        reach = (rule.look_back_days or 0) + (rule.look_back_hours or 0) // 24 + 3
        self.base = 0
        self.base = self.midnight(earliest - reach * DAY)

    def instant(self, local: dt.datetime) -> int:
        return int(local.replace(tzinfo=self.zone).timestamp()) - self.base

    def midnight(self, day: dt.date) -> int:
        return self.instant(dt.datetime.combine(day, dt.time()))

    def date(self, second: int) -> dt.date:
        return dt.datetime.fromtimestamp(second + self.base, self.zone).date()

    def bounds(self, value: dt.date | None) -> tuple[int, int] | None:
        """An instant is known exactly; a date is local midnight to local midnight."""
        if value is None:
            return None
        if isinstance(value, dt.datetime):
            return self.instant(value), self.instant(value)
        return self.midnight(value), self.midnight(value + DAY)

    def floor(self, second: int) -> int:
        return self.midnight(self.date(second))

    def ceil(self, second: int) -> int:
        return self.midnight(self.date(second - 1) + DAY)

    def add_days(self, second: int, days: int) -> int:
        """As many seconds after local midnight, `days` calendar days on."""
        day = self.date(second)
        return self.midnight(day + days * DAY) + second - self.midnight(day)


@dataclass(frozen=True, kw_only=True)
class Stay:
    """RULE 5: rows of one person at one place that overlap, touch or nearly touch."""

    person: object
    location: object
    weak: bool
    carriage: object
    seat_row: int | None
    seconds: int
    rows: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """Where one person was isolated, and when, within bounds."""

    person: object
    kind: str
    site: object
    start: tuple[int, int]
    end: tuple[int, int]


def leading_digits(seat: object) -> int | None:
    """Return the row of a seat such as "12F"."""
    digits = ""
    for letter in str(seat if seat is not None else ""):
        if letter not in "0123456789":
            break
        digits += letter
    return int(digits) if digits else None


class Records:
    """What the tables of one world say, in both worlds of RULE 25."""

    def __init__(self, world: World, rule: Rule) -> None:
        self.world, self.rule = world, rule
        self.clock = Clock(world, rule)
        self.now = self.clock.instant(world.as_of)
        self.horizon = self.clock.ceil(self.now) + 1  # the day resolution looks up to midnight
        self.by_day = rule.resolution == "day"
        self.cases = self.known("cases")
        self.kind = {row["location_id"]: row.get("kind") for row in world.locations}
        self.parent = {row["location_id"]: row.get("parent_id") for row in world.locations}
        self.home = {row["person_id"]: row.get("home_id") for row in world.persons}
        for home in self.home.values():  # RULE 20: where people live is declared, as a home
            self.kind.setdefault(home, "home")
        self.isolations = self.read_isolations()
        self.read_visits()
        self.stays = {w: self.read_stays(w) for w in (OUTER, INNER)}
        self.reached: dict = {}  # (world, hop) -> person -> (F, L)
        self.found: dict = {}  # (world, hop) -> exposures

    # -- what is known, and the words of the settings ------------------------------------------

    def known(self, table: str) -> list[dict]:
        return [row for row in getattr(self.world, table) if self.is_known(table, row)]

    def is_known(self, table: str, row: dict) -> bool:
        """RULE 29: whether the team knew this row at as-of.

        A case confirmed "today" is known all day, but not at the midnight with which yesterday
        ends: as of the end of a day nothing is known that is dated the next.
        """
        fallbacks = {
            "cases": [("recorded", 0), ("confirmed", 0)],
            "tests": [("recorded", 0), ("reported", 0), ("sampled", 24 * 3600)],
        }
        for column, delay in fallbacks.get(table, [("recorded", 0)]):
            time = self.time(row, column)
            if time is not None:
                is_date = time[0] < time[1]
                return time[0] + delay + is_date <= self.now
        return True  # no such time: known from the start

    def time(self, row: dict, column: str) -> tuple[int, int] | None:
        return self.clock.bounds(row.get(column))

    def span(self, a: int, b: int) -> int:
        return between(max(a, 0), min(b, self.horizon))

    def kind_at(self, location: object) -> dict:
        """RULE 14, 20: settings of the place's kind; "other" where it is missing or unnamed."""
        kinds = self.rule.kinds
        return kinds.get(self.kind.get(location) or "other", kinds.get("other", {}))

    def least(self, location: object, hop: int) -> int:
        """RULE 1, 14: the threshold m; at least one second."""
        minutes = self.kind_at(location).get("minutes")
        if minutes is None:
            minutes = self.rule.tiers[hop - 1].get("minutes", 15)
        if isinstance(minutes, tuple):
            minutes = minutes[min(hop, len(minutes)) - 1]
        return 1 if self.by_day else max(1, whole_seconds(minutes))  # RULE 26

    def ancestors(self, location: object) -> list:
        """Return the place itself and all that it lies in, nearest first (RULE 19)."""
        chain = []
        while location is not None and location not in chain:
            chain.append(location)
            location = self.parent.get(location)
        return chain

    def co_residents(self, p: object, q: object) -> bool:
        """RULE 17: a larger "home" is no household, here as everywhere."""
        home = self.home.get(p)
        if (
            p == q
            or home is None
            or home != self.home.get(q)
            or self.kind.get(home) not in ("home", None)
        ):
            return False
        return list(self.home.values()).count(home) <= self.rule.max_household

    # -- RULE 3 to 6, 30: visits to stays ------------------------------------------------------

    def read_visits(self) -> None:
        self.visits, self.expected = [], []
        for index, row in enumerate(self.world.visits):
            if not self.is_known("visits", row):
                continue
            arrive, depart = self.time(row, "arrive"), self.time(row, "depart")
            if depart is not None:
                # Of two dates the first must not be the later; a date may end as a stay begins.
                dates = arrive[0] < arrive[1] and depart[0] < depart[1]
                if depart[1] - dates < arrive[0]:
                    continue  # ends before it begins: rejected on reading
            self.visits.append((index, row, arrive, depart))
            if arrive[0] >= self.now:
                self.expected.append(index)  # RULE 30

    def ends_before_it_begins(self, arrive: tuple[int, int], depart: tuple[int, int]) -> bool:
        """RULE 3 forgives an end at the start, not an end on an earlier date."""
        are_dates = arrive[0] < arrive[1] and depart[0] < depart[1]
        return depart[1] < arrive[0] or (are_dates and depart[1] == arrive[0])

    def next_arrival(self, index: int, person: object, arrive: tuple[int, int]) -> int:
        """RULE 4: when the person had certainly arrived somewhere else, known place or not."""
        later = [
            other[1]
            for i, row, other, _ in self.visits
            if i != index and row["person_id"] == person
            and other[0] >= arrive[1] and other[0] > arrive[0]
        ]  # fmt: skip
        return min(later, default=FOREVER)

    def seconds_of(self, w: str, index: int, row: dict, arrive: tuple, depart: tuple | None) -> int:
        earliest_end = arrive[0] + 1  # RULE 3: a visit lasts a second at least
        if depart is None:  # RULE 4
            longest = self.kind_at(row["location_id"]).get("max_stay_hours")
            out = min(
                self.next_arrival(index, row["person_id"], arrive),
                FOREVER if longest is None else arrive[1] + whole_seconds(longest * 60),
                self.now,
            )
            depart = earliest_end, max(earliest_end, out)
            day_end = earliest_end
        else:
            depart = max(depart[0], earliest_end), max(depart[1], earliest_end)
            day_end = min(depart[1], depart[0] + 1)
        if w == OUTER:
            return self.span(arrive[0], min(depart[1], self.now))
        if not self.by_day:
            return self.span(arrive[1], min(depart[0], self.now))
        # RULE 26: by day, a stay known by its date alone is certain. It may end on the date's
        # first second or begin on its last; either way it was on that date.
        day_start = max(arrive[0], arrive[1] - 1)
        if day_start >= self.now:
            return 0
        return self.whole_days(day_start, min(day_end, self.now))

    def whole_days(self, a: int, b: int) -> int:
        return self.span(self.clock.floor(a), self.clock.ceil(b))

    def read_stays(self, w: str) -> list[Stay]:
        """RULE 5. Weak and strong records, and different seats, are different stays."""
        groups: dict = {}
        for index, row, arrive, depart in self.visits:
            if row.get("location_id") is None:
                continue  # RULE 20: unplaced
            seconds = self.seconds_of(w, index, row, arrive, depart)
            weak = row.get("record") in ("phone", "wifi")  # RULE 15
            seat = (row.get("carriage"), leading_digits(row.get("seat")))
            if seconds and self.by_day:
                # RULE 26. Widened before rows are joined: who came five times that day was
                # there that day, once. Joining by seconds first makes no difference to it.
                seconds = self.whole_days(first(seconds), end(seconds))
            if seconds:
                key = (row["person_id"], row["location_id"], weak, *seat)
                groups.setdefault(key, []).append((first(seconds), end(seconds), index))
        gap = whole_seconds(self.rule.merge_gap_minutes)
        stays = []
        for key, rows in groups.items():
            blocks: list = []
            for a, b, index in sorted(rows):
                if blocks and a - blocks[-1][1] <= gap:
                    blocks[-1][1] = max(blocks[-1][1], b)
                    blocks[-1][2].append(index)
                else:
                    blocks.append([a, b, [index]])
            for a, b, members in blocks:
                person, location, weak, carriage, seat_row = key
                stays.append(
                    Stay(person=person, location=location, weak=weak, carriage=carriage,
                         seat_row=seat_row, seconds=self.span(a, b), rows=tuple(members))
                )  # fmt: skip
        return stays

    # -- RULE 10 to 12: isolation --------------------------------------------------------------

    def read_isolations(self) -> list[Isolation]:
        found = []
        for row in self.known("isolations"):
            kind = row.get("kind") or "central"  # the kind that cuts everything, for no site
            begin = self.time(row, "start")
            stop = self.time(row, "end") or (FOREVER, FOREVER)
            found.append(Isolation(person=row["person_id"], kind=kind, site=row.get("site_id"),
                                   start=begin, end=stop))  # fmt: skip
        for row in self.cases:
            begin = self.time(row, "isolated")
            if begin is not None:
                found.append(Isolation(person=row["person_id"], kind=self.rule.isolation_kind,
                                       site=None, start=begin, end=(FOREVER, FOREVER)))  # fmt: skip
        return found

    def leaves(self, isolation: Isolation, location: object) -> bool:
        """RULE 11: whether meetings at this place remain during the isolation."""
        if location is None:
            return False
        if isolation.kind == "home":
            return location == self.home.get(isolation.person)
        return isolation.site is not None and isolation.site in self.ancestors(location)

    def away(self, person: object, location: object, *, housemates: bool = False) -> list:
        """Isolations that keep this person from meeting others at this place.

        Housemates: a reported contact between co-residents survives home isolation wherever
        it was, because RULE 11 leaves "home and co-residents".
        """
        return [
            i
            for i in self.isolations
            if i.person == person
            and not self.leaves(i, location)
            and not (housemates and i.kind == "home")
        ]

    def away_seconds(self, w: str, isolations: list[Isolation]) -> int:
        """Subtract what is certain in the outer world, what is possible in the inner."""
        seconds = 0
        for i in isolations:
            a, b = (i.start[1], i.end[0]) if w == OUTER else (i.start[0], i.end[1])
            seconds |= self.span(a, b)
        return seconds

    # -- RULE 7 to 10: windows -----------------------------------------------------------------

    def is_source(self, case: dict) -> bool:
        """RULE 9: `excluded` is kept and is no source; a missing status is one."""
        status = case.get("status")
        if not self.rule.statuses:
            return status != "excluded"
        return status is None or status in self.rule.statuses

    def is_case(self, person: object) -> bool:
        return any(row["person_id"] == person and self.is_source(row) for row in self.cases)

    def specimen(self, case: dict) -> tuple[int, int] | None:
        """First positive specimen; a test fills in only where it can mean but one episode."""
        if case.get("sampled") is not None:
            return self.time(case, "sampled")
        own = [row for row in self.cases if row["person_id"] == case["person_id"]]
        if sum(map(self.is_source, own)) != 1:
            return None
        times = self.sampled(case["person_id"], "positive")
        return (min(t[0] for t in times), min(t[1] for t in times)) if times else None

    def sampled(self, person: object, result: str) -> list[tuple[int, int]]:
        return [
            self.time(row, "sampled")
            for row in self.known("tests")
            if row["person_id"] == person and row["result"] == result
        ]

    def anchor(self, case: dict) -> tuple[int, int]:
        """RULE 7."""
        onset, specimen = self.time(case, "onset"), self.specimen(case)
        if self.rule.anchor == "by_status":
            order = (onset, specimen)
            if case.get("status") == "asymptomatic":
                order = (specimen, onset)
            present = [t for t in order if t is not None][:1]
        else:
            present = [t for t in (onset, specimen) if t is not None]
        if not present:
            present = [self.time(case, "confirmed")]
        return min(t[0] for t in present), min(t[1] for t in present)

    def window_start(self, case: dict, anchor: tuple[int, int]) -> tuple[int, int]:
        """RULE 8: calendar days from local midnight, or exact hours."""
        if self.rule.look_back_days is not None:
            back = self.rule.look_back_days * DAY
            start = tuple(self.clock.midnight(d - back) for d in self.anchor_dates(anchor))
        else:
            start = tuple(t - self.rule.look_back_hours * 3600 for t in anchor)
        if self.rule.from_last_negative and case.get("found_in") == "screening":
            negatives = self.sampled(case["person_id"], "negative")
            surely = [lo for lo, hi in negatives if hi <= anchor[0]]
            perhaps = [hi for lo, hi in negatives if lo < anchor[1]]
            if surely:
                start = max(surely), max([max(surely), *perhaps])
        return start

    def anchor_dates(self, anchor: tuple[int, int]) -> tuple[dt.date, dt.date]:
        """A date known as such ends a second before the next midnight."""
        return self.clock.date(anchor[0]), self.clock.date(max(anchor[0], anchor[1] - 1))

    def window_end(self, anchor: tuple[int, int]) -> tuple[int, int]:
        """RULE 8. The cap holds even for the isolated, else an isolation could lengthen."""
        days = self.rule.max_days
        if self.rule.after_days is not None:
            days = min(days, self.rule.after_days)
        dates = self.anchor_dates(anchor)
        return tuple(self.clock.midnight(d + (days + 1) * DAY) for d in dates)

    def case_window(self, w: str, person: object, away: list[Isolation]) -> list[int]:
        """RULE 9, 10: the union of the episodes, each ended for good by its first isolation."""
        pieces = []
        for case in self.cases:
            if case["person_id"] != person or not self.is_source(case):
                continue
            anchor = self.anchor(case)
            start, stop = self.window_start(case, anchor), self.window_end(anchor)
            if w == OUTER:
                cuts = [i.start[1] for i in away if i.start[0] >= anchor[1]]
                pieces.append(self.span(start[0], min([stop[1], *cuts])))
            else:
                cuts = [i.start[0] for i in away if i.start[1] >= anchor[0]]
                pieces.append(self.span(start[1], min([stop[0], *cuts])))
        return merged_where_shared(pieces)

    def contact_window(self, w: str, hop: int, person: object) -> list[int]:
        """RULE 22: from the first exposure until D days after the last (of any hop so far)."""
        if person not in self.reached[w, hop - 1]:
            return []
        earliest, latest = self.reached[w, hop - 1][person]
        days = self.rule.tiers[hop - 2].get("follow_up_days")
        until = FOREVER if days is None else self.clock.add_days(latest, days)
        return [self.span(earliest, until)]

    def window(
        self, w: str, hop: int, person: object, location: object, *, housemates: bool = False
    ) -> list[int]:
        """Pieces in which this person is a source at this place on this hop."""
        away = self.away(person, location, housemates=housemates)
        if hop == 1:
            pieces = self.case_window(w, person, away)
        else:
            pieces = self.contact_window(w, hop, person)
        open_seconds = self.span(0, self.now) & ~self.away_seconds(w, away)
        pieces = [run for piece in pieces for run in runs(piece & open_seconds)]
        if self.by_day:  # RULE 26
            pieces = merged_where_shared([self.whole_days(first(p), end(p)) for p in pieces])
        return pieces
