"""SQL as one would write it down: a join of the visits with themselves, by plain inequalities.

Every pair of a source's visit and somebody else's at the same place is looked at. DuckDB runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rivals.duckdb_asof import CONTACTS, answer, load

if TYPE_CHECKING:
    import duckdb

    from benchmarks.rivals.question import Answer, Terms

__all__ = ["load", "trace"]

HOP = """
create or replace temp table reached_{hop} as
select person, min(start) as first, max(least(depart, "end")) as last from (
    select p.person, p.depart, greatest(p.arrive, q.arrive, w.since) as start,
        least(q.depart, w.until) + {linger} as "end", k.least_{hop} as least
    from visits q
    join windows_{hop} w on q.person = w.owner and q.arrive < w.until and q.depart > w.since
    join places k on k.location = q.location
    join visits p on p.location = q.location and p.person <> q.person
        and p.arrive < least(q.depart, w.until) + {linger}
        and p.depart > greatest(q.arrive, w.since)
) where least(depart, "end") - start >= least
group by person;
"""


def trace(base: duckdb.DuckDBPyConnection, terms: Terms) -> Answer:
    """Answer from a table in memory."""
    base.execute(HOP.format(hop=1, linger="k.linger"))
    base.execute(CONTACTS.format(follow_up=terms.follow_up, as_of=terms.as_of))
    base.execute(HOP.format(hop=2, linger="0"))
    return answer(base)
