"""DuckDB: all exposures by which somebody is a contact of their tier, listed by a join.

Pieces of sources and stays of contacts are cut at every `BLOCK` seconds and joined by place and
block, so that only what is near in time is compared; a pair counts in the block it starts in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rivals.duckdb_asof import HOT, trace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from benchmarks.rivals.question import Terms

BLOCK = 4 * 3600
BATCH_ROWS = 500_000

CONTACTS = """
create or replace temp table tier_1 as select person from reached_1;
create or replace temp table tier_2 as
    select person from reached_2 anti join reached_1 using (person);
"""

JOIN = """
select s.person as contact, p.owner as source, p.location,
    greatest(p.start, s.arrive) as start, least(p."end", s.depart) as "end"
from (select *, unnest(range(start // {block}, ("end" - 1) // {block} + 1)) as block
        from pieces_{hop}) p
join (select v.*, unnest(range(arrive // {block}, (depart - 1) // {block} + 1)) as block
        from visits v semi join tier_{hop} using (person)
        semi join (select location from pieces_{hop}) using (location)) s
    on s.location = p.location and s.block = p.block and s.person <> p.owner
where least(p."end", s.depart) - greatest(p.start, s.arrive) >= p.least
    and greatest(p.start, s.arrive) // {block} = p.block
"""


def prepare(base: duckdb.DuckDBPyConnection, terms: Terms) -> None:
    """Trace, and keep the pieces of both hops and who was reached on which."""
    trace(base, terms)
    base.execute(CONTACTS)
    for hop, linger in ((1, "p.linger"), (2, "0")):
        base.execute(HOT.format(hop=hop, linger=linger))
        base.execute(f"create or replace temp table pieces_{hop} as from pieces")


def pairs(base: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Rows (contact, source, location, start, end), not yet computed."""
    both = " union all ".join(JOIN.format(hop=hop, block=BLOCK) for hop in (1, 2))
    return base.sql(both)


def stream(base: duckdb.DuckDBPyConnection) -> pa.RecordBatchReader:
    """Give the same rows in Arrow batches of half a million."""
    return pairs(base).to_arrow_reader(BATCH_ROWS)
