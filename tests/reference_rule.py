"""The rule as a slow, obvious program: everything fast is held to it (RULE 13 to 28).

Read it beside `docs/explanation/rule.md`; every block names its rule. The first half
(`reference_facts.py`) says what is known, and gives stays and windows as sets of seconds. This
half lets them meet. `judge(world, rule)` is the door to both.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from reference_facts import (
    DAY,
    FOREVER,
    INNER,
    OUTER,
    Records,
    Rule,
    Stay,
    World,
    end,
    first,
    runs,
    size,
    whole_seconds,
)

__all__ = ["INNER", "OUTER", "Exposure", "Rule", "Verdict", "World", "judge"]


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """One exposure. `met` is the set of seconds, `seconds` None where minutes do not apply."""

    contact: object
    source: object
    location: object
    met: int
    seconds: int | None
    seconds_together: int | None
    kind: str  # the `class` column
    channel: str
    start: int  # what F reads
    end: int  # what L reads

    def evidence_order(self) -> tuple:
        """RULE 27: earliest start, most minutes, smallest source id, smallest location id."""
        channels = ("visit", "co_residence", "reported")
        place = (self.location is None, self.location if self.location is not None else 0)
        # So that the order is total where minutes are missing.
        last_resort = (channels.index(self.channel), -self.end)
        return (self.start, -(self.seconds or 0), self.source, place, *last_resort)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Everything that can be compared with the package. Times are Unix seconds.

    persons: one dict a traced person, by id. hops: by world and hop, person -> (F, L).
    exposures: by hop, sorted tuples (contact, source, location, start, end, seconds,
    seconds_together, class, channel) of *all* exposures on the hop; own_tier: those with the
    person's own contact tier. venue_contacts: person -> dict. expected: rows of `visits`.
    stays: row of `visits` -> (person, location, start, end), outer world.
    windows: person -> pieces (start, end) at no particular place, by world.
    """

    persons: dict
    hops: dict
    exposures: dict
    own_tier: list
    venue_contacts: dict
    expected: list
    stays: dict
    windows: dict
    counts: dict


class Auditor(Records):
    """The rule, applied to one world."""

    def __init__(self, world: World, rule: Rule) -> None:
        super().__init__(world, rule)
        for w in (OUTER, INNER):
            self.sweep(w)

    # -- RULE 13 to 16, 21: meetings at places -------------------------------------------------

    def lingering(self, w: str, clipped: int, location: object, seconds: int) -> int:
        """RULE 13: how long it stays in the air; a disinfection at or after the end ends it."""
        stop = end(clipped)
        done = [
            self.time(row, "done")
            for row in self.known("disinfections")
            if row["location_id"] == location
        ]
        if w == OUTER:
            ends = [hi for lo, hi in done if lo >= stop]
        else:
            ends = [max(stop, lo) for lo, hi in done if hi >= stop]
        return self.span(stop, min([stop + seconds, *ends]))

    def place_class(self, p: Stay, q: Stay) -> str:
        """RULE 15."""
        place = self.kind_at(p.location).get("place", "close")
        if p.weak or q.weak:
            return "venue"
        if place != "seat":
            return place
        if p.carriage != q.carriage or p.seat_row is None or q.seat_row is None:
            return "venue"
        return "seat" if abs(p.seat_row - q.seat_row) <= self.rule.seat_rows else "venue"

    def clipped_stays(self, w: str, hop: int) -> list[tuple[Stay, int]]:
        """RULE 13: stays of every source, clipped to one piece of its window at the place."""
        return [
            (stay, stay.seconds & piece)
            for stay in self.stays[w]
            for piece in self.window(w, hop, stay.person, stay.location)
            if stay.seconds & piece
        ]

    def encounters(self, w: str, hop: int) -> list[Exposure]:
        """Every second or more that a source and a target share at a close or seat place."""
        found = []
        for q, clipped in self.clipped_stays(w, hop):
            kind = self.kind_at(q.location)
            linger = whole_seconds(kind.get("linger_minutes", 0))
            if kind.get("linger_up_to_minutes") is not None:
                linger = min(size(clipped), whole_seconds(kind["linger_up_to_minutes"]))
            if hop > 1 or self.by_day:
                linger = 0  # from cases only
            in_the_air = clipped | self.lingering(w, clipped, q.location, linger)
            for p in self.stays[w]:
                met = in_the_air & p.seconds
                if p.person == q.person or p.location != q.location or not met:
                    continue
                place = self.place_class(p, q)
                if place == "venue":
                    continue
                found.append(
                    Exposure(
                        contact=p.person, source=q.person, location=q.location, met=met,
                        seconds=None if self.by_day else size(met),
                        seconds_together=None if self.by_day else size(clipped & p.seconds),
                        kind=self.exposure_class(place, q.person, q.location, first(met)),
                        channel="visit", start=first(met), end=end(met),
                    )
                )  # fmt: skip
        return found

    def exposure_class(self, place: str, source: object, location: object, start: int) -> str:
        if self.by_day:
            return "same_day"
        for i in self.isolations:  # RULE 11
            inside = i.start[0] <= start < i.end[1]
            if i.person == source and i.kind != "home" and self.leaves(i, location) and inside:
                return "inside_isolation"
        return place

    def visit_exposures(self, w: str, hop: int) -> list[Exposure]:
        """RULE 13, 21."""
        encounters = self.encounters(w, hop)
        tier = self.rule.tiers[hop - 1]
        accumulate = "none" if self.by_day else tier.get("accumulate", "none")
        alone = [size(e.met) >= self.least(e.location, hop) for e in encounters]
        if accumulate == "none":
            return [e for e, is_long in zip(encounters, alone, strict=True) if is_long]
        keys = [(e.contact, e.source if accumulate == "same_source" else None) for e in encounters]
        together: dict = {}
        for key, e in zip(keys, encounters, strict=True):
            together[key] = together.get(key, 0) | e.met
        least = max(1, whole_seconds(tier.get("minutes", 15)))
        hours = whole_seconds(tier.get("accumulate_hours", 24) * 60)
        covered = {key: covered_seconds(met, least, hours) for key, met in together.items()}
        return [
            e
            for key, e, is_long in zip(keys, encounters, alone, strict=True)
            if is_long or any(s in covered[key] for s in range(first(e.met), end(e.met)))
        ]

    # -- RULE 17, 18: living together, reported contacts ---------------------------------------

    def household_exposures(self, w: str, hop: int) -> list[Exposure]:
        found = []
        for q in self.home:
            for p in self.home:
                if not self.co_residents(p, q):
                    continue
                home = self.home[q]
                apart = self.away_seconds(w, self.away(p, home))
                for piece in self.window(w, hop, q, home):
                    for met in runs(piece & ~apart):
                        seconds = None if self.by_day else size(met)  # RULE 26: dates only
                        found.append(
                            Exposure(contact=p, source=q, location=home, met=met,
                                     seconds=seconds, seconds_together=seconds,
                                     kind="household", channel="co_residence",
                                     start=first(met), end=end(met))
                        )  # fmt: skip
        return found

    def reported_exposures(self, w: str, hop: int, place: str) -> list[Exposure]:
        """RULE 18: at an unknown moment of [start, end); either one may have been the source."""
        found = []
        for row in self.known("contacts"):
            start, stop = self.time(row, "start"), self.time(row, "end")
            latest = start[1] if stop is None else stop[1]
            interval = self.span(start[0], min(max(latest, start[0] + 1), self.now))
            kinds = self.rule.contacts
            named = kinds.get(row.get("kind") or "other", kinds.get("other", "close"))
            if named != place or not interval or row["person_id"] == row["contact_id"]:
                continue
            a, b, location = row["person_id"], row["contact_id"], row.get("location_id")
            for p, q in ((a, b), (b, a)):
                housemates = self.co_residents(p, q)
                for piece in self.window(w, hop, q, location, housemates=housemates):
                    met = interval & piece
                    if not met or (w == INNER and met != interval):
                        continue  # possible if they meet, certain if the piece holds it all
                    # What is certain of an unknown moment: it began by the last second, it
                    # ended after the first.
                    bounds = first(met), end(met)
                    if w == INNER:
                        bounds = end(met) - 1, first(met) + 1
                    found.append(
                        Exposure(contact=p, source=q, location=location, met=met, seconds=None,
                                 seconds_together=None, kind="reported", channel="reported",
                                 start=bounds[0], end=bounds[1])
                    )  # fmt: skip
        return found

    # -- RULE 22: hops -------------------------------------------------------------------------

    def sweep(self, w: str) -> None:
        self.reached[w, 0] = {}
        for hop in range(1, len(self.rule.tiers) + 1):
            found = self.visit_exposures(w, hop)
            found += self.household_exposures(w, hop)
            found += self.reported_exposures(w, hop, "close")
            reached = dict(self.reached[w, hop - 1])
            for e in found:
                earliest, latest = reached.get(e.contact, (FOREVER, -FOREVER))
                # L over all hops so far: else at the third hop a longer follow-up of a contact
                # could end earlier than a shorter one, against the laws.
                reached[e.contact] = min(earliest, e.start), max(latest, e.end)
            self.reached[w, hop], self.found[w, hop] = reached, found

    def hop_of(self, w: str, person: object) -> int | None:
        hops = range(1, len(self.rule.tiers) + 1)
        return next((k for k in hops if person in self.reached[w, k]), None)

    # -- RULE 16, 19: venue contacts -----------------------------------------------------------

    def venue_meetings(self, w: str) -> list[Exposure]:
        after = 0 if self.by_day else whole_seconds(self.rule.venue_after_minutes)
        found = []
        for q, clipped in self.clipped_stays(w, 1):
            in_the_air = clipped | self.lingering(w, clipped, q.location, after)
            for p in self.stays[w]:
                met = in_the_air & p.seconds
                shared = [x for x in self.ancestors(q.location) if x in self.ancestors(p.location)]
                if p.person == q.person or not shared or not met:
                    continue
                found.append(
                    Exposure(contact=p.person, source=q.person, location=shared[0], met=met,
                             seconds=None if self.by_day else size(met), seconds_together=None,
                             kind="venue", channel="visit", start=first(met), end=end(met))
                )  # fmt: skip
        return found + self.reported_exposures(w, 1, "venue")

    def venue_contacts(self) -> dict:
        certain = {e.contact for e in self.venue_meetings(INNER)}
        found: dict = {}
        for e in sorted(self.venue_meetings(OUTER), key=Exposure.evidence_order):
            if e.contact in self.reached[OUTER, 1]:
                continue  # a close exposure exists
            row = found.setdefault(e.contact, {"best": e, "n_exposures": 0})
            row["n_exposures"] += 1
        return {
            person: {
                "source_id": row["best"].source, "location_id": row["best"].location,
                "start": row["best"].start + self.clock.base,
                "end": row["best"].end + self.clock.base,
                "seconds": row["best"].seconds, "n_exposures": row["n_exposures"],
                "certainty": "certain" if person in certain else "possible",
            }
            for person, row in found.items()
        }  # fmt: skip

    # -- RULE 23 to 28: answers ----------------------------------------------------------------

    def last_instant(self, e: Exposure) -> int:
        """RULE 28: cut at as-of and at the contact's own isolation away from the source."""
        housemates = e.channel == "reported" and self.co_residents(e.contact, e.source)
        away = self.away(e.contact, e.location, housemates=housemates)
        last = min(e.end, self.now)
        while began := [i.start[1] for i in away if e.start < i.start[1] < last <= i.end[0]]:
            last = min(began)
        return last

    def answer(self, person: object) -> dict:
        hop = self.hop_of(OUTER, person)
        is_case = self.is_case(person)
        certain = 0 if is_case else self.hop_of(INNER, person)
        tier = 0 if is_case else hop
        row = {
            "tier": tier, "tier_certain": certain, "contact_tier": hop,
            "certainty": "certain" if tier == certain else "possible",
            "first_exposure": None, "last_exposure": None, "n_sources": 0, "minutes": None,
            "source_id": None, "location_id": None, "class": None, "channel": None,
            "quarantine_until": None, "ongoing": False,
        }  # fmt: skip
        if hop is None:
            return row
        own = [e for e in self.found[OUTER, hop] if e.contact == person]
        best = min(own, key=Exposure.evidence_order)
        last = max(self.last_instant(e) for e in own)
        counted = [e.seconds for e in own if e.seconds is not None]
        days = self.rule.tiers[hop - 1].get("quarantine_days")
        row.update(
            first_exposure=best.start + self.clock.base, last_exposure=last + self.clock.base,
            n_sources=len({e.source for e in own}),
            minutes=sum(counted) / 60 if counted else None,
            source_id=best.source, location_id=best.location, channel=best.channel,
            ongoing=last >= self.now,
        )  # fmt: skip
        row["class"] = best.kind
        if not is_case and days is not None and last < self.now:
            row["quarantine_until"] = self.clock.date(last - 1) + days * DAY  # its date is day 0
        return row

    def exposure_rows(self, hop: int) -> list[tuple]:
        base = self.clock.base
        return [
            (e.contact, e.source, e.location, e.start + base, e.end + base, e.seconds,
             e.seconds_together, e.kind, e.channel)
            for e in self.found[OUTER, hop]
        ]  # fmt: skip

    def verdict(self) -> Verdict:
        base = self.clock.base
        people = {row["person_id"] for row in self.cases if self.is_source(row)}
        people |= set(self.reached[OUTER, len(self.rule.tiers)])
        persons = {person: self.answer(person) for person in people}
        hops = {
            key: {person: (f + base, last + base) for person, (f, last) in reached.items()}
            for key, reached in self.reached.items()
            if key[1] > 0
        }
        exposures = {k: self.exposure_rows(k) for k in range(1, len(self.rule.tiers) + 1)}
        own_tier = [
            (k, row)
            for k, rows in exposures.items()
            for row in rows
            if persons[row[0]]["contact_tier"] == k
        ]
        stays = {
            index: (s.person, s.location, first(s.seconds) + base, end(s.seconds) + base)
            for s in self.stays[OUTER]
            for index in s.rows
        }
        windows = {
            w: {
                p: [(first(x) + base, end(x) + base) for x in self.window(w, 1, p, None)]
                for p in {row["person_id"] for row in self.cases}
            }
            for w in (OUTER, INNER)
        }
        venue = self.venue_contacts()
        tiers = [row["tier"] for row in persons.values()]
        counts = {f"tier {k}": tiers.count(k) for k in range(len(self.rule.tiers) + 1)}
        counts.update(exposures=len(own_tier), venue=len(venue), expected=len(self.expected))
        return Verdict(
            persons=persons, hops=hops, exposures=exposures, own_tier=own_tier,
            venue_contacts=venue, expected=self.expected, stays=stays, windows=windows,
            counts=counts,
        )  # fmt: skip


def covered_seconds(met: int, least: int, hours: int) -> set[int]:
    """RULE 21: seconds together that lie in a span of H holding `least` seconds together.

    A span starts at an instant together; this is what "start is the first such instant" means.
    """
    seconds = [s for run in runs(met) for s in range(first(run), end(run))]
    covered, reach = set(), -1
    for place, t in enumerate(seconds):
        in_span = bisect_left(seconds, t + hours) - place
        if in_span >= least:
            reach = t + hours
        if t < reach:
            covered.add(t)
    return covered


def judge(world: World, rule: Rule) -> Verdict:
    """Apply the rule to a world."""
    return Auditor(world, rule).verdict()
