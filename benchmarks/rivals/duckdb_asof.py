"""DuckDB: one ASOF join a direction of time, at the places where sources were.

The pieces of a place carry, by window functions, the two best ends of different owners that had
started by then, the next start, and the next start of another owner. An ASOF join then finds the
one row that decides each stay, for the first exposure; negated time gives the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from benchmarks.rivals.question import BEFORE, NEVER, Answer, Terms, Visits

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.rivals.question import TextTerms

NOBODY = -1

HOT = """
create or replace temp table pieces as
    select * from (
        select v.location, p.least_{hop} as least, v.person as owner,
            greatest(v.arrive, w.since) as start,
            least(v.depart, w.until) + {linger} as "end",
            least(v.depart, w.until) as went
        from visits v join windows_{hop} w on v.person = w.owner join places p using (location)
    ) where start < went and "end" - start >= least;
create or replace temp table stays as
    select v.location, v.person, v.arrive as start, v.depart as "end", h.least
    from visits v join (select distinct location, least from pieces) h using (location)
    where v.depart - v.arrive >= h.least;
"""

# Where ids are texts, the rows that matter get codes: comparing numbers is faster.
READ = """
create table visits as select person_id as person, location_id as location,
    date_diff('second', {origin}, arrive)::integer as arrive,
    date_diff('second', {origin}, depart)::integer as depart
from read_parquet('{file}')
"""

CODED = """
create or replace temp table persons as select person, row_number() over ()::integer as code
    from (select person from stays union select owner from pieces);
create or replace temp table locations as select location, row_number() over ()::integer as code
    from (select distinct location from pieces);
create or replace temp table pieces as
    select l.code as location, least, p.code as owner, start, "end"
    from pieces join locations l using (location) join persons p on owner = p.person;
create or replace temp table stays as
    select l.code as location, p.code as person, start, "end", least
    from stays join locations l using (location) join persons p using (person);
"""

TEXTS = """
create or replace temp table reached_{hop} as
    select p.person, first, last from reached_{hop} r join persons p on r.person = p.code;
"""

# Negated time: -1 - t, so that nothing overflows.
FORWARD = {"start": "start", "end": '"end"'}
BACKWARD = {"start": '-1 - "end"', "end": "-1 - start"}

TURNING_POINTS = """
create or replace temp table turning as
with rows as (
    select location, owner, {start} as start, {end} as "end" from pieces
    union all
    select distinct location, {nobody}, {before}, {before} from pieces
), ran as (
    select *,
        -- end and owner in one number, so that the best end brings its owner along
        max("end"::bigint * 4294967296 + (owner + 1)) over so_far as top,
        owner is distinct from lag(owner) over in_turn as opens_run
    from rows
    window in_turn as (partition by location order by start, owner),
        so_far as (partition by location order by start, owner rows unbounded preceding)
), best as (
    select *, top >> 32 as best, (top & 4294967295) - 1 as best_owner,
        lag(top) over (partition by location order by start, owner) as before_top
    from ran
)
select location, start, best::integer as best, best_owner::integer as best_owner,
    -- the best of all that were ever beaten: a former best that another owner replaced, or a
    -- piece that did not become the best
    coalesce(max(case
        when (before_top & 4294967295) - 1 <> best_owner then before_top >> 32
        when owner <> best_owner then "end" end) over so_far, {before})::integer as second,
    coalesce(lead(start) over in_turn, {never}) as following,
    coalesce(lead(owner) over in_turn, {nobody}) as following_owner,
    coalesce(min(case when opens_run then start end) over (in_turn
        rows between 2 following and unbounded following), {never}) as another
from best
window in_turn as (partition by location order by start, owner),
    so_far as (partition by location order by start, owner rows unbounded preceding)
qualify start is distinct from lead(start) over in_turn;
"""

EARLIEST = """
create or replace temp table {into} as
select person, min(met) as met from (
    select s.person, case
        when (case when t.best_owner = s.person then t.second else t.best end)::bigint
            - s.start >= s.least then s.start
        when s."end" - (case when t.following_owner = s.person then t.another
            else t.following end)::bigint >= s.least
            then case when t.following_owner = s.person then t.another else t.following end
        end as met
    from (select location, person, {start} as start, {end} as "end", least from stays) s
    asof join turning t on s.location = t.location and s.start >= t.start
) where met is not null group by person;
"""

REACH = """
create or replace temp table reached_{hop} as
    select person, a.met as first, -1 - b.met as last from came a join went b using (person);
"""

CONTACTS = """
create or replace temp table windows_2 as
    select person as owner, first as since,
        least(last::bigint + {follow_up}, {as_of}, coalesce(away, {as_of}))::integer as until
    from reached_1 left join isolations using (person);
"""

ANSWER = """
select person, case when c.person is not null then 0 when a.person is not null then 1 else 2 end
        as tier,
    least(coalesce(a.first, {never}), coalesce(b.first, {never}))::integer as first,
    greatest(coalesce(a.last, {before}), coalesce(b.last, {before}))::integer as last
from reached_1 a full join reached_2 b using (person) full join cases c using (person);
"""


def load(visits: Visits, terms: Terms) -> duckdb.DuckDBPyConnection:
    """Database in memory with the columns as a table of its own."""
    base = duckdb.connect()
    _terms(base, terms)
    columns = pa.table(visits.columns())  # noqa: F841  # the SQL below names it
    base.execute("create table visits as select * from columns")
    return base


def read(file: Path, terms: TextTerms) -> duckdb.DuckDBPyConnection:
    """Database in memory with the file as a table, ids as texts."""
    base = duckdb.connect()
    _terms(base, terms)
    base.execute(READ.format(file=file, origin=f"timestamp '{terms.origin}'"))
    return base


def trace(base: duckdb.DuckDBPyConnection, terms: Terms | TextTerms) -> Answer:
    """Answer from `visits`, a table in memory or a file."""
    coded = isinstance(terms, Terms)
    for hop, linger in ((1, "p.linger"), (2, "0")):
        base.execute(HOT.format(hop=hop, linger=linger))
        base.execute("" if coded else CODED)
        _reach(base, hop)
        base.execute("" if coded else TEXTS.format(hop=hop))
        if hop == 1:
            base.execute(CONTACTS.format(follow_up=terms.follow_up, as_of=terms.as_of))
    return answer(base)


def finish(base: duckdb.DuckDBPyConnection, terms: TextTerms) -> Answer:
    """Answer with text ids."""
    with base:
        return trace(base, terms)


def answer(base: duckdb.DuckDBPyConnection) -> Answer:
    """Answer from what both hops have reached."""
    table = base.sql(ANSWER.format(never=NEVER, before=BEFORE)).to_arrow_table()
    person = table["person"].combine_chunks()
    rest = {name: table[name].to_numpy() for name in ("tier", "first", "last")}
    return Answer(person=person, **rest)


def keep(base: duckdb.DuckDBPyConnection) -> None:
    """Sort the table by place and arrival, close places only: joins by place then skip blocks."""
    base.execute("""create or replace table visits as
        select v.* from visits v semi join places using (location) order by location, arrive""")


def _terms(base: duckdb.DuckDBPyConnection, terms: Terms | TextTerms) -> None:
    for name, columns in _tables(terms).items():
        given = pa.table(columns)  # noqa: F841  # the SQL below names it
        base.execute(f"create table {name} as select * from given")  # noqa: S608  # our names


def _tables(terms: Terms | TextTerms) -> dict[str, pa.Table]:
    if isinstance(terms, Terms):
        given = terms.places(), terms.windows(), {"person": terms.case}, terms.isolations()
    else:
        given = terms.places, terms.windows, terms.cases, terms.isolations
    names = "places", "windows_1", "cases", "isolations"
    return dict(zip(names, map(pa.table, given), strict=True))


def _reach(base: duckdb.DuckDBPyConnection, hop: int) -> None:
    """Fill `reached_{hop}` from `pieces` and `stays`."""
    fixed = {"nobody": NOBODY, "never": NEVER, "before": BEFORE}
    for into, time in (("came", FORWARD), ("went", BACKWARD)):
        base.execute(TURNING_POINTS.format(**fixed, **time))
        base.execute(EARLIEST.format(into=into, **time))
    base.execute(REACH.format(hop=hop))
