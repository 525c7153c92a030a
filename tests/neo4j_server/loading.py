"""Writes a graph into Neo4j as the tests of tracing need it: plain, and in one go."""

from __future__ import annotations

import pandas as pd

LOAD = "t"
FAR = pd.Timestamp("2200-01-01", tz="UTC")
"""A bound beyond this stands for no end."""

TIMES = {
    "cases": ("onset", "sampled", "confirmed", "isolated", "recorded"),
    "visits": ("arrive", "depart", "recorded"),
    "isolations": ("start", "end", "recorded"),
    "contacts": ("start", "end", "recorded"),
}

# A dict of moments is written as zoned datetimes made by the server: the driver (6.4 on Python
# 3.11) ends in a segmentation fault when it is given many datetimes with a zone of zoneinfo.
MOMENTS = (
    "FOREACH (k IN keys(r.moments) | "
    "SET x[k] = datetime({epochSeconds: r.moments[k], timezone: $tz})) "
    "SET x += r.rest"
)

PERSON = "MATCH (a:Person {load: $load, id: r.person_id})"
CASES = (
    f"{PERSON} SET a:Case CREATE (a)-[:HAS_RECORD {{load: $load}}]->(x:CaseRecord {{load: $load}})"
)
VISITS = (
    f"{PERSON}, (b:Location {{load: $load, id: r.location_id}}) "
    "CREATE (a)-[x:VISITED {load: $load}]->(b)"
)
ISOLATIONS = (
    f"{PERSON} MATCH (u:Unplaced {{load: $load}}) "
    "OPTIONAL MATCH (b:Location {load: $load, id: r.site_id}) "
    "WITH a, r, coalesce(b, u) AS site CREATE (a)-[x:ISOLATED {load: $load}]->(site)"
)
CONTACTS = (
    f"{PERSON}, (b:Person {{load: $load, id: r.contact_id}}) "
    "CREATE (a)-[x:CONTACT {load: $load}]->(b)"
)
LIVES_AT = (
    f"{PERSON}, (b:Location {{load: $load, id: r.home_id}}) "
    "CREATE (a)-[:LIVES_AT {load: $load}]->(b)"
)
LIES_IN = (
    "MATCH (a:Location {load: $load, id: r.location_id}), "
    "(b:Location {load: $load, id: r.parent_id}) CREATE (a)-[:IN {load: $load}]->(b)"
)


def plain(value):
    return value.item() if hasattr(value, "item") else value


def present(frame):
    """Dicts of a frame's rows without what is missing."""
    return [
        {k: plain(v) for k, v in zip(frame.columns, row, strict=True) if not pd.isna(v)}
        for row in frame.astype(object).itertuples(index=False, name=None)
    ]


def moments(graph, name):
    """Seconds of the times of a table, early bounds and late ones."""
    found = {}
    for column in TIMES[name]:
        if column in graph.table(name):
            early, late = graph.bounds(name, column)
            missing = (late > FAR) | late.isna() | early.isna()
            for key, bound in ((column, early), (f"{column}_until", late)):
                seconds = pd.Series(bound.as_unit("s").asi8, dtype="Int64")
                found[key] = seconds.mask(pd.Series(missing))
    return pd.DataFrame(found)


def rows(graph, name):
    """Rows of a table: ids, the moments, and the rest."""
    times = moments(graph, name)
    frame = graph.table(name).reset_index(drop=True)
    rest = frame[[c for c in frame if c not in TIMES[name]]]
    return [
        {**{k: v for k, v in cells.items() if k.endswith("_id")}, "rest": cells, "moments": when}
        for cells, when in zip(present(rest), present(times), strict=True)
    ]


def nodes(ids, frame, key, columns):
    """A row for each id of a graph, with what a table says of it."""
    known = {plain(i): {"id": plain(i), key: plain(i)} for i in ids}
    for row in present(frame[[c for c in (key, *columns) if c in frame]]):
        known[row[key]].update(row)
    return list(known.values())


def write(driver, graph, load=LOAD):
    """Write nodes first, then relationships, each with its `load`."""

    def run(text, given):
        for i in range(0, len(given), 5_000):
            driver.execute_query(
                f"UNWIND $rows AS r {text}",
                rows=given[i : i + 5_000], load=load, tz=graph.tz, database_="neo4j",
            )  # fmt: skip

    persons = nodes(graph.person_ids, graph.persons, "person_id", ("home_id", "same_as"))
    places = nodes(graph.location_ids, graph.locations, "location_id", ("kind", "parent_id"))
    run("CREATE (:Person {id: r.id, load: $load, same_as: r.same_as})", persons)
    run("CREATE (:Location {id: r.id, load: $load, kind: r.kind})", places)
    run("CREATE (:Unplaced {load: $load})", [{}])
    run(LIES_IN, [row for row in places if "parent_id" in row])
    run(LIVES_AT, [row for row in persons if "home_id" in row])
    run(f"{CASES} {MOMENTS}", rows(graph, "cases"))
    run(f"{VISITS} {MOMENTS}", [r for r in rows(graph, "visits") if "location_id" in r])
    run(f"{ISOLATIONS} {MOMENTS}", rows(graph, "isolations"))
    run(f"{CONTACTS} {MOMENTS}", rows(graph, "contacts"))
