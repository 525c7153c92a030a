"""Certainty of each exposure: the reference's inner world against the column."""

from __future__ import annotations

from collections import Counter

import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import worlds
from reference_rule import INNER, OUTER, Auditor

IDENTITY = ("contact", "source", "location", "channel")


def told_by_twin(world, rule):
    """Every own-tier exposure with whether the inner world has it: same two, place and time."""
    auditor = Auditor(world, rule)
    found = Counter()
    for hop in range(1, len(rule.tiers) + 1):
        for e in auditor.found[OUTER, hop]:
            if auditor.hop_of(OUTER, e.contact) != hop:
                continue
            sure = any(
                all(getattr(e, name) == getattr(s, name) for name in IDENTITY)
                and (e.channel == "reported" or (s.start < e.end and e.start < s.end))
                for s in auditor.found[INNER, hop]
            )
            base = auditor.clock.base
            key = (e.contact, e.source, e.location, e.channel, e.start + base, e.end + base)
            found[key, "certain" if sure else "possible"] += 1
    return found


def told_by_package(world, rule):
    trace = worlds.to_graph(world).trace(worlds.to_protocol(rule), as_of=pd.Timestamp(world.as_of))
    return Counter(
        (
            (r["contact_id"], r["source_id"], r["location_id"], r["channel"], r["start"], r["end"]),
            r["certainty"],
        )
        for r in worlds.rows_of(trace.exposures())
    )


@settings(
    deadline=None,
    max_examples=100,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    world=st.sampled_from([True, True, None])
    .flatmap(lambda dates: strategies.stages(dates_too=dates))
    .flatmap(strategies.worlds),
    rule=strategies.rules(),
)
def test_an_exposure_is_certain_if_the_inner_world_has_it(world, rule):
    assert told_by_package(world, rule) == told_by_twin(world, rule)
