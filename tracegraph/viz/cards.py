"""What the cards of a page say, as plain text; `web/src/card.js` says it in the browser."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracegraph.viz.clock import DAY
from tracegraph.viz.language import fill, lasting, word_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DATES = ("onset", "specimen", "confirmed")


@dataclass(frozen=True, slots=True)
class Cards:
    """Names and cards of one payload, by number of person, place, exposure and bubble."""

    data: Mapping[str, Any]

    def person(self, p: int) -> str:
        """Name of a person: the one on record, or tier and code."""
        persons = self.data["persons"]
        return (
            self._given("persons", p) or f"{self._short(persons['tier'][p])} {persons['code'][p]}"
        )

    def place(self, place: int) -> str:
        """Name of a place: the one on record, or kind and code."""
        code = self.data["places"]["code"][place]
        return self._given("places", place) or f"{self.kind(place)} {code}"

    def kind(self, place: int) -> str:
        """Kind of a place in the language of the page."""
        places = self.data["places"]
        kind = places["kind"][place]
        if places["home"][place] or kind < 0:
            return self._word("home" if places["home"][place] else "place")
        return word_for(self.data["words"], "kind", self.data["kinds"][kind])

    def bubble(self, bubble: int, members: int) -> str:
        """How many of which tier a bubble counts."""
        tier = self.data["bubbles"]["tier"][bubble]
        return f"{members:,} {self._tier(tier, members)}"

    def of_person(self, p: int) -> str:
        """Card of a person."""
        tier = self._tier(self.data["persons"]["tier"][p])
        facts = [f"{self._word(word)}: {text}" for word, text in self._facts(p) if text]
        return "\n".join([self.person(p), tier, *facts, *self._way(p), *self._extra("persons", p)])

    def of_place(self, place: int) -> str:
        """Card of a place."""
        places = self.data["places"]
        area, n = places["area"][place], places["exposures"][place]
        lines = [self.place(place), self.kind(place)]
        if area >= 0:
            lines.append(f"{self._word('area')}: {self.data['areas'][area]}")
        if n:
            lines.append(f"{self._word('exposures')}: {n:,}")
        return "\n".join([*lines, *self._extra("places", place)])

    def of_exposure(self, row: int) -> str:
        """Who was exposed by whom, where and when, by which clause."""
        rows = self.data["exposures"]
        who = f"{self.person(rows['source'][row])} → {self.person(rows['contact'][row])}"
        return "\n".join([who, *self._seen(row)])

    def of_venue(self, row: int) -> str:
        """Who was at the same venue as which case, and when first."""
        met, known = self.data["venue"], self.data["words"]
        who = f"{self.person(met['source'][row])} → {self.person(met['person'][row])}"
        span = self._span(met, row)
        return "\n".join([who, _joined(span, lasting(known, met["minutes"][row]))])

    def _seen(self, row: int) -> Iterator[str]:
        rows, known = self.data["exposures"], self.data["words"]
        at, clause = rows["place"][row], rows["clause"][row]
        how = word_for(known, "class", self.data["classes"][rows["class"][row]])
        yield self.place(at) if at >= 0 else self._word("place-not-known")
        span = self._span(rows, row)
        unsure = "" if rows["certain"][row] else self._word("possible")
        yield _joined(span, lasting(known, rows["minutes"][row]), how, unsure)
        if clause >= 0:
            yield self.data["clauses"][clause]

    def _facts(self, p: int) -> Iterator[tuple[str, str]]:
        """Words of the page and what stands beside them; "" where nothing is known."""
        persons = self.data["persons"]
        row = {name: values[p] for name, values in persons.items()}
        is_case, is_venue = row["tier"] == 0, self.data["tiers"][row["tier"]]["venue"]
        date = self._stamp(row["date"], is_day=row["date_is_day"])
        yield "code", row["code"] if "name" in row else ""
        yield "id", row["id"] if row.get("id") != row.get("name") else ""
        yield (
            _DATES[row["date_kind"]] if is_case and 0 <= row["date_kind"] < 3 else "date",
            (date if is_case else ""),
        )
        yield "first-there", date if is_venue else ""
        if not is_case:
            yield "certainty", self._word("certain" if row["certain"] else "possible-long")
        if not is_venue:
            yield from self._exposed(row)
        yield "quarantine", self._until(row)
        yield "clause", self.data["clauses"][row["clause"]] if row["clause"] >= 0 else ""
        yield "lives-at", self.place(row["home"]) if row["home"] >= 0 else ""
        yield "area", self.data["areas"][row["area"]] if row["area"] >= 0 else ""
        yield "infector", self._infector(row) if is_case and row["parent"] >= 0 else ""

    def _exposed(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        known = self.data["words"]
        if row["class"] >= 0:
            yield "how", word_for(known, "class", self.data["classes"][row["class"]])
        yield "first-exposure", self._stamp(row["first"], is_day=row["first_is_day"])
        last = self._last(row["last"], is_day=row["last_is_day"])
        yield "last-exposure", self._word("ongoing") if row["ongoing"] else last
        if row["minutes"]:
            time = lasting(known, row["minutes"])
            yield "minutes-together", fill(known, "with-sources", time=time, n=row["sources"])

    def _until(self, row: Mapping[str, Any]) -> str:
        if row["ongoing"]:
            return self._word("no-date-yet")
        date = self._stamp(row["until"])[:10]
        return fill(self.data["words"], "until", date=date) if date else ""

    def _infector(self, row: Mapping[str, Any]) -> str:
        how = self._word("recorded" if row["parent_how"] == 2 else "by-exposure")
        return f"{self.person(row['parent'])} ({how})"

    def _way(self, p: int) -> Iterator[str]:
        """Steps from a case to a contact."""
        rows, persons, steps = self.data["exposures"], self.data["persons"], list[int]()
        while persons["tier"][p] > 0 and (row := persons["link"][p]) >= 0 and row not in steps:
            steps.append(row)
            p = rows["source"][row]
        if steps:
            yield f"{self._word('path')}:"
        for step in reversed(steps):
            place = rows["place"][step]
            where = self.place(place) if place >= 0 else self._word("place-not-known")
            span = self._span(rows, step)
            yield f"  {_joined(self.person(rows['source'][step]), where, span)}"

    def _extra(self, table: str, number: int) -> Iterator[str]:
        kept = self.data[table].get("extra")
        for column, text in kept[number].items() if kept else ():
            yield f"{column}: {text}"

    def _given(self, table: str, number: int) -> str:
        names = self.data[table].get("name")
        return str(names[number]) if names else ""

    def _short(self, tier: int) -> str:
        is_venue = self.data["tiers"][tier]["venue"]
        return self._word("short:venue" if is_venue else f"short:{min(tier, 3)}")

    def _tier(self, tier: int, n: int = 1) -> str:
        return word_for(self.data["words"], "tier", self.data["tiers"][tier]["name"], n)

    def _word(self, word: str) -> str:
        return fill(self.data["words"], word)

    def _span(self, rows: Mapping[str, Any], row: int) -> str:
        is_day = bool(rows["is_days"][row]) if "is_days" in rows else False
        first = self._stamp(rows["start"][row], is_day=is_day)
        last = self._last(rows["end"][row], is_day=is_day)
        if first == last or not last:
            return first
        return f"{first} – {last[11:] if first[:10] == last[:10] else last}"

    def _last(self, minute: float | None, *, is_day: bool) -> str:
        """End of an exposure; of days the last, which ends where the next begins."""
        return self._stamp(minute - 1 if is_day and minute is not None else minute, is_day=is_day)

    def _stamp(self, minute: float | None, *, is_day: bool = False) -> str:
        """Date and time of a minute by the clock on the wall, or the date alone; "" of none."""
        if minute is None:
            return ""
        days, rest = divmod(int(self._wall(minute) // 1), DAY)
        date = dt.date.fromisoformat(self.data["origin"]) + dt.timedelta(days=days)
        return f"{date}" if is_day else f"{date} {rest // 60:02d}:{rest % 60:02d}"

    def _wall(self, minute: float) -> float:
        """Minutes that the clock shows since the origin; it may have been turned since."""
        before = [ahead for start, ahead in self.data["shifts"] if start <= minute]
        return minute + before[-1] if before else minute


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
