"""Reading and writing protocols: round trips, sources, and errors that name the path."""

import datetime as dt
import subprocess
import sys

import pytest

import tracegraph as tg
from tracegraph.errors import ProtocolError
from tracegraph.protocols.protocol import (
    Condition,
    Criterion,
    Exposure,
    Kind,
    Protocol,
    Provenance,
    Release,
    ReportedContact,
    Tier,
    Window,
    Zone,
    Zones,
)
from tracegraph.protocols.toml import parse, preset_names, to_toml

LEAST = """
name = "ours"
title = "Our order"
[window]
look_back_days = 2
[[tier]]
name = "contact"
clause = "article 4"
"""


@pytest.fixture
def ours(tmp_path):
    def write(text):
        path = tmp_path / "ours.toml"
        path.write_text(text, encoding="utf-8")
        return tg.Protocol.load(path)

    return write


@pytest.mark.parametrize("name", preset_names())
def test_presets_come_back_as_saved(tmp_path, name):
    preset = tg.Protocol.named(name)
    preset.save(tmp_path / "copy.toml")
    assert tg.Protocol.load(tmp_path / "copy.toml") == preset


def test_derived_protocols_come_back_with_their_marks(tmp_path):
    derived = tg.Protocol.named("china-9").derive(
        **{"kind.tea_house.minutes": (10, 20), "tier.1": None, "zones": None, "look_back_days": 4}
    )
    derived.save(tmp_path / "ours.toml")
    back = tg.Protocol.load(tmp_path / "ours.toml")
    assert back == derived
    assert back.provenance["window.look_back_days"].source == "changed by derive()"
    assert back.zones is None


def test_hand_made_protocols_come_back(tmp_path):
    protocol = Protocol(
        name='odd "name"',
        title="a\\b\n\x7f\té 封控区",
        in_force=(None, dt.date(2022, 6, 27)),
        window=Window(look_back_hours=0, after_days=0, statuses=("confirmed", "")),
        exposure=Exposure(max_household=0, merge_gap_minutes=0.5),
        tier=(Tier(name="a", clause="", minutes=0, accumulate_hours=48),),
        kind={
            "teé house": Kind(linger_up_to_minutes=30, minutes=(1, 2)),
            "12": Kind(),
            "value": Kind(),
        },
        contact={"source": ReportedContact(place="venue")},
        zones=Zones(
            lockdown=Zone(
                name="L",
                criteria=(
                    Criterion(evidence="exposures", at_least=3, clause="c", levels=("unit",)),
                    Criterion(
                        evidence="activity_minutes",
                        at_least=30,
                        clause="e",
                        also=(
                            Condition(evidence="hard_to_trace", at_least=10),
                            Condition(evidence="activity_contacts", at_least=2),
                        ),
                    ),
                    Criterion(evidence="cases_stayed", at_least=1.5, clause="d"),
                ),
                release=Release(days_without_case=0, then="control"),
            )
        ),
        provenance={"exposure.merge_gap_minutes": Provenance(source="Order 3", confidence="read")},
    )
    protocol.save(tmp_path / "odd.toml")
    assert tg.Protocol.load(tmp_path / "odd.toml") == protocol


def test_parts_without_any_statement_come_back(tmp_path):
    protocol = Protocol(
        name="bare",
        title="",
        window=Window(look_back_days=0),
        tier=(Tier(name="a", clause=""),),
        zones=Zones(control=Zone(name="", release=Release())),
    )
    assert parse(to_toml(protocol), where="text") == protocol


def test_numbers_without_a_source_are_not_stated(ours):
    table = ours(LEAST).table().set_index("path")
    assert table.loc["window.look_back_days", "source"] == "not stated"
    assert table.loc["window.look_back_days", "confidence"] == ""


def test_defaults_of_the_library_are_working_values(ours):
    table = ours(LEAST).table().set_index("path")
    for path in ("window.max_days", "exposure.max_household", "tier.0.minutes"):
        assert table.loc[path, "source"] == "working value of tracegraph"
        assert table.loc[path, "confidence"] == "working"
    assert "tier.0.accumulate_hours" not in table.index


def test_sources_are_filled_in(ours):
    text = LEAST.replace(
        "look_back_days = 2",
        'look_back_days = { value = 4, source = "{order}, article 3" }\n'
        "max_days = { working = 21 }",
    )
    protocol = ours(text + '[sources]\norder = "Order 12 of 2022"\n')
    assert protocol.window.look_back_days == 4
    assert protocol.provenance["window.look_back_days"] == Provenance(
        source="Order 12 of 2022, article 3", confidence="unconfirmed"
    )
    assert protocol.provenance["window.max_days"].confidence == "working"


def test_a_file_wins_over_what_it_includes(ours):
    protocol = ours(
        'include = ["places", "any_overlap"]\n' + LEAST + "[kind.market]\nplace='close'\n"
    )
    assert protocol.kind_of("market").place == "close"
    assert protocol.kind_of("market").max_stay_hours == 12
    assert protocol.minutes_at("home", 1) == 0


def test_the_page_s_own_example_can_be_read():
    from tracegraph.protocols.reference import WRITING

    example = WRITING.split("```toml\n")[1].split("```")[0]
    protocol = parse(example, where="page")
    assert protocol.provenance["window.look_back_days"].confidence == "read"
    assert protocol.kind_of("tea_house").place == "close"
    table = protocol.table().set_index("path")
    assert table.loc["tier.0.minutes", "source"] == "not stated"


def test_dates_in_force(ours):
    assert ours('in_force = ["", 2022-06-27]\n' + LEAST).in_force == (None, dt.date(2022, 6, 27))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("look_back_days = 2", "", "window: exactly one of .* neither is"),
        ("look_back_days = 2", "look_back_days = 2\nlook_back_hours = 48", "window: .* both are"),
        (
            "look_back_days = 2",
            "look_back_days = -1",
            "window: look_back_days = -1 is not a finite",
        ),
        ("look_back_days = 2", "look_back_days = 2.5", r"window\.look_back_days: Expected"),
        ("look_back_days = 2", "look_back_days = '2'", r"window\.look_back_days: Expected"),
        (
            "look_back_days = 2",
            "look_bak_days = 2",
            "window has no 'look_bak_days'. Did you mean look_",
        ),
        ("look_back_days = 2", "look_back_days = 2\nanchor = 'first'", r"window\.anchor: Invalid"),
        ("[[tier]]", "[[tier]]\nminutes = nan", r"tier\.0: minutes = nan"),
        ("[[tier]]", "[[tier]]\nmintues = 10", r"tier\.0 has no 'mintues'. Did you mean minutes"),
        ("clause = ", "claus = ", r"tier\.0 has no 'claus'. Did you mean clause"),
        ("[[tier]]", "[tier]", "tier: Expected `array`"),
        ('clause = "article 4"', "", r"tier\.0: missing `clause`"),
        (
            "[[tier]]",
            "[[tier]]\naccumulate = 'same_source'\naccumulate_hours = 1\nminutes = 61",
            r"tier\.0: minutes = 61 cannot add up within accumulate_hours = 1",
        ),
        (
            "[[tier]]",
            "[exposure]\nresolution = 'day'\n[[tier]]\naccumulate = 'any_source'",
            "accumulate = 'any_source' adds up minutes, but exposure.resolution = 'day'",
        ),
        ('title = "Our order"', "titel = 'x'", "a protocol has no 'titel'. Did you mean title"),
        ('title = "Our order"', "", "missing `title`"),
        (
            'name = "ours"',
            'name = "ours"\ninclude = ["place"]',
            "no part 'place'. Did you mean places",
        ),
        ('name = "ours"', 'name = "ours', "ours.toml is no TOML"),
        ('name = "ours"', 'name = "ours"\nsources = 3', "sources is no table"),
        (
            'name = "ours"',
            'name = "ours"\nin_force = [2022-06-28, 2022-06-27]',
            "in_force: it ends on 2022-06-27, before",
        ),
    ],
)
def test_errors_name_the_path(ours, old, new, message):
    text = LEAST.replace(old, new, 1)
    assert text != LEAST
    with pytest.raises(ProtocolError, match=message) as raised:
        ours(text)
    assert str(raised.value).startswith("ours.toml")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("[kind.market]\nplace = 'open'", r"kind\.market\.place: Invalid enum value 'open'"),
        ("[kind.market]\nplaces = 'close'", r"kind\.market has no 'places'. Did you mean place"),
        ("[kind.market]\nminutes = []", r"kind\.market: minutes = \[\] names no threshold"),
        ("[kind.market]\nminutes = [15, -1]", r"kind\.market: minutes = -1"),
        (
            "[kind.shop]\n[kind.market]\nlinger_minutes = 5\nlinger_up_to_minutes = 10",
            r"kind\.market: linger_minutes and linger_up_to_minutes exclude",
        ),
        ('[kind."a.b"]\nplace = "close"', "kind: 'a.b' holds a dot"),
        ("[contact.meal]\nplace = 'seat'", r"contact\.meal\.place: Invalid enum value 'seat'"),
        (
            "[zones.lockdown]\nname = 'L'\n[[zones.lockdown.criteria]]\n"
            "evidence = 'rumours'\nat_least = 1\nclause = 'c'",
            r"zones\.lockdown\.criteria\.0: evidence = 'rumours' is unknown; .*cases_stayed",
        ),
        (
            "[zones.lockdown]\nname = 'L'\n[[zones.lockdown.criteria]]\n"
            "evidence = 'exposures'\nat_least = 0\nclause = 'c'",
            r"zones\.lockdown\.criteria\.0: at_least = 0 is reached by every area",
        ),
        (
            "[zones.lockdown]\nname = 'L'\n[[zones.lockdown.criteria]]\nevidence = 'exposures'\n"
            "at_least = 1\nclause = 'c'\nalso = [{ evidence = 'rumours', at_least = 1 }]",
            r"zones\.lockdown\.criteria\.0\.also\.0: evidence = 'rumours' is unknown",
        ),
        (
            "[zones.lockdown]\nname = 'L'\n[[zones.lockdown.criteria]]\nevidence = 'exposures'\n"
            "at_least = 1\nclause = 'c'\nalso = [{ evidence = 'exposures', least = 1 }]",
            r"zones\.lockdown\.criteria\.0\.also\.0 has no 'least'\. Did you mean at_least",
        ),
        ("[zones.release]\nthen = 'open'", r"zones\.release\.then: Invalid enum value 'open'"),
        ("[zones.red]\nname = 'x'", "zones has no 'red'"),
        ("[zones.control]\nname = 'x'\nreleas = 3", r"zones\.control has no 'releas'. .* release"),
    ],
)
def test_errors_in_sections_name_the_path(ours, more, message):
    with pytest.raises(ProtocolError, match=message):
        ours(f"{LEAST}\n{more}\n")


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        ("{ value = 2 }", "window.look_back_days has value; a leaf has value, source and"),
        ('{ value = 2, source = " " }', "window.look_back_days has an empty source"),
        ("{ value = 2, source = 3 }", "window.look_back_days has an empty source"),
        ('{ value = 2, source = "{x} 3" }', r"window.look_back_days cites \{x\}, but .* no entry"),
        ('{ value = 2, source = "a", confidence = "sure" }', "confidence 'sure'; it may be read"),
        ('{ value = 2, source = "a", confidence = "working" }', "do not agree"),
        (
            '{ value = 2, source = "working value of tracegraph", confidence = "read" }',
            "do not agree",
        ),
        ("{ working = 2, source = 'a' }", "has source, working; a leaf has value"),
    ],
)
def test_errors_in_sources_name_the_path(ours, leaf, message):
    with pytest.raises(ProtocolError, match=message):
        ours(LEAST.replace("look_back_days = 2", f"look_back_days = {leaf}"))


def test_unknown_presets_are_met_with_near_names():
    with pytest.raises(ProtocolError, match=r"no preset is named 'china8'\. Did you mean china-8"):
        tg.Protocol.named("china8")
    with pytest.raises(ProtocolError, match=r"There are cdc-2020, .*who-2021"):
        tg.Protocol.named("zzz")
    with pytest.raises(ProtocolError, match=r"no preset is named '\.\./china-8'"):
        tg.Protocol.named("../china-8")


def test_unreadable_files_are_named(tmp_path):
    with pytest.raises(ProtocolError, match=r"none\.toml cannot be read: No such file"):
        tg.Protocol.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('title = "é"'.encode("latin-1"))
    with pytest.raises(ProtocolError, match=r"latin\.toml is not UTF-8"):
        tg.Protocol.load(tmp_path / "latin.toml")


def test_presets_load_without_pandas():
    code = (
        "import sys\nfrom tracegraph.protocols.protocol import Protocol\n"
        "Protocol.named('china-8').derive(look_back_days=4)\n"
        "sys.exit('pandas' in sys.modules or 'numpy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=False)  # our own text
    assert run.returncode == 0
