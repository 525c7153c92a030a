"""Every table of `docs/explanation/rule.md` is run: by the reference rule and by the package.

The page explains its notation; this is the reader of it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import worlds
from reference_rule import Rule, World, judge

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "rule.md"
KINDS = ("office", "home", "ward", "market", "train")


def examples() -> list:
    """One entry a row of a table with the heading `settings | facts | answer`."""
    found, rule, in_table = [], "", False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            rule = line.removeprefix("### ").split(".")[0].lower().replace(" ", "-")
        if not line.startswith("|"):
            in_table = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells == ["settings", "facts", "answer"]:
            in_table = True
        elif in_table and not cells[0].startswith("---"):
            found.append(pytest.param(*cells, id=f"{rule}-{len(found)}"))
    return found


def time_of(word: str) -> dt.date | None:
    """`10:30` on 10 May, `9/10:30` on the 9th, `03-27/10:30`; without a clock, a date."""
    if word == "?":
        return None
    day, _, clock = word.rpartition("/")
    if ":" not in word:
        day, clock = word, ""
    month_day = day or "10"
    if "-" not in month_day:
        month_day = f"05-{int(month_day):02d}"
    date = dt.date.fromisoformat(f"2022-{month_day}")
    return dt.datetime.combine(date, dt.time.fromisoformat(clock)) if clock else date


def value_of(word: str):
    if re.fullmatch(r"-?\d+", word):
        return int(word)
    if re.fullmatch(r"\d*\.\d+", word):
        return float(word)
    return {"none": None, "yes": True, "no": False}.get(word, word)


def rule_and_world(settings: str, facts: str) -> tuple[Rule, World]:
    tiers = [{"minutes": 15, "quarantine_days": 14}, {"minutes": 15, "quarantine_days": 7}]
    kinds = {k: {"place": {"market": "venue", "train": "seat"}.get(k, "close")} for k in KINDS}
    rule, world = Rule(max_days=10), World(as_of=time_of("12/18:00"))
    for setting in settings.replace("`", "").split():
        name, _, word = setting.partition("=")
        section, _, leaf = name.rpartition(".")
        if name == "as_of":
            world = replace(world, as_of=time_of(word))
        elif name == "tz":
            world = replace(world, tz=word)
        elif section.startswith("tier"):
            tiers[int(section[4:]) - 1][leaf] = value_of(word)
        elif section == "contact":
            rule = replace(rule, contacts={**rule.contacts, leaf: word})
        elif section:
            kinds[section][leaf] = value_of(word)
        elif name == "statuses":
            rule = replace(rule, statuses=tuple(word.split(",")))
        else:
            assert name in {f.name for f in fields(Rule)}, f"no setting {name}"
            rule = replace(rule, **{name: value_of(word)})
            if name == "look_back_hours":
                rule = replace(rule, look_back_days=None)
    for fact in facts.replace("`", "").split(";"):
        add(world, fact.split())
    if not world.cases:
        world.cases.append({"person_id": "C", "onset": time_of("12:00")})
    declare(world)
    return replace(rule, tiers=tuple(tiers), kinds=kinds), world


def add(world: World, words: list[str]) -> None:
    """Add one fact to the world's tables."""
    pairs = dict(word.split("=") for word in words if "=" in word)
    words = [word for word in words if "=" not in word]
    extra = {k: time_of(v) if k in worlds.TIMES or k == "sampled" else v for k, v in pairs.items()}
    who, verb, rest = words[0], words[1], words[2:]
    if verb == "at":
        place = None if rest[0] == "?" else rest[0]
        row = {"location_id": place, "arrive": time_of(rest[1]), "depart": time_of(rest[3])}
        world.visits.append({"person_id": who, **row, **extra})
    elif verb == "case":
        world.cases.append({"person_id": who, **extra})
    elif verb == "isolated":
        row = {"kind": rest[0], "start": time_of(rest[1]), "end": time_of(rest[3])}
        world.isolations.append({"person_id": who, **row, **extra})
    elif verb == "met":
        row = {"contact_id": rest[0], "start": time_of(rest[1]), "end": time_of(rest[3])}
        world.contacts.append({"person_id": who, **row, **extra})
    elif verb == "tested":
        world.tests.append({"person_id": who, "result": rest[0], "sampled": time_of(rest[1])})
    elif verb == "lives":
        world.persons.append({"person_id": who, "home_id": rest[1]})
    elif verb == "in":
        world.locations.append({"location_id": who, "kind": kind_of(who), "parent_id": rest[0]})
    elif verb == "cleaned":
        world.disinfections.append({"location_id": who, "done": time_of(rest[0])})
    else:
        pytest.fail(f"the page says {' '.join(words)!r}, which nobody understands")


def kind_of(place: str) -> str | None:
    name = place.rstrip("0123456789")
    return name if name in KINDS else None


def declare(world: World) -> None:
    """Declare every place whose name begins with a kind; `attic` stays unknown."""
    used = [row.get(c) for t in worlds.TABLES for row in getattr(world, t)
            for c in ("location_id", "home_id", "site_id", "parent_id")]  # fmt: skip
    known = {row["location_id"] for row in world.locations}
    for place in dict.fromkeys(used):
        if place is not None and place not in known and kind_of(place):
            world.locations.append({"location_id": place, "kind": kind_of(place)})


def said_of(who: str, answers: dict, tz: str) -> set[str]:
    """Everything that may stand in the column `answer` about one person."""
    if who == "all":
        return {f"{answers['expected']['rows']} expected", f"{len(answers['persons'])} traced"}
    said = {"venue" if who in answers["venue contacts"] else "no venue"}
    row = answers["persons"].get(who)
    if row is None:
        return said | {"out"}
    for column in ("tier", "contact_tier", "tier_certain", "class"):
        said.add(f"{column} {'none' if row[column] is None else row[column]}")
    rows = [key for key in answers["exposures"] if key[1] == who]
    said |= {row["certainty"], f"source {row['source_id']}", f"place {row['location_id']}"}
    said |= {"ongoing" if row["ongoing"] else "ended", f"{row['n_sources']} sources"}
    said.add(f"{sum(answers['exposures'][key] for key in rows)} exposures")
    said.add("no minutes" if row["seconds"] is None else f"{row['seconds']} s")
    if row["seconds"] is not None and row["seconds"] % 60 == 0:
        said.add(f"{row['seconds'] // 60} min")
    for word, column in (("from", "first_exposure"), ("to", "last_exposure")):
        if row[column] is not None:
            local = dt.datetime.fromtimestamp(row[column], ZoneInfo(tz))
            said |= {f"{word} {local:%H:%M}", f"{word} {local:%H:%M:%S}"}
            said |= {f"{word} {local.day}/{local:%H:%M}", f"{word} {local:%m-%d/%H:%M}"}
    until = row["quarantine_until"]
    said.add("no release date" if until is None else f"until {until:%m-%d}")
    return said


def by_reference(world, rule):
    return worlds.told_by_reference(judge(world, rule))


def by_package(world, rule):
    return worlds.told_by_package(worlds.to_graph(world), world, rule)


@pytest.mark.parametrize("told", [by_reference, by_package], ids=["reference", "package"])
@pytest.mark.filterwarnings("ignore")  # some examples are about facts that deserve a warning
@pytest.mark.parametrize(("settings", "facts", "answer"), examples())
def test_the_page_tells_the_truth(told, settings, facts, answer):
    rule, world = rule_and_world(settings, facts)
    answers = told(world, rule)
    for part in answer.replace("`", "").split(";"):
        who, _, claims = part.strip().partition(": ")
        said = said_of(who, answers, world.tz)
        for claim in claims.split(","):
            assert claim.strip() in said, f"{who}: {claim.strip()!r}, but {sorted(said)}"


def test_every_rule_has_an_example():
    told = {str(example.id).split("-")[1] for example in examples()}
    assert told == {str(n) for n in range(1, 31)}
