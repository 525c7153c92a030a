// What a load holds that the Cypher of tracegraph does not read as the rule does.
// $classes: close, seat or venue for each kind of place; $positive: words for a positive result.
MATCH (place:Location {load: $load})
WITH place, coalesce($classes[coalesce(place.kind, 'other')], $classes.other) AS class
MATCH (place)<-[visit:VISITED]-()
WHERE class <> 'venue' AND NOT coalesce(visit.record, '') IN ['phone', 'wifi']
UNWIND [
  CASE WHEN class = 'seat' THEN 'seat' END,
  CASE WHEN visit.depart IS NULL THEN 'open' END,
  CASE WHEN class = 'close' AND (visit.seat IS NOT NULL OR visit.carriage IS NOT NULL)
    THEN 'seated'
  END
] AS what
WITH what, null AS kind, count(what) AS n WHERE n > 0
RETURN what, kind, n
UNION ALL
MATCH (:Person {load: $load})-[contact:CONTACT]->()
RETURN 'contact' AS what, contact.kind AS kind, count(contact) AS n
UNION ALL
MATCH (home:Location {load: $load})<-[:LIVES_AT]-(person)
WITH home, count(DISTINCT person) AS n
WHERE coalesce(home.kind, 'home') = 'home' AND 1 < n AND n <= $max_household
WITH count(home) AS n WHERE n > 0
RETURN 'household' AS what, null AS kind, n
UNION ALL
MATCH (person:Person {load: $load}) WHERE person.same_as IS NOT NULL
WITH count(person) AS n WHERE n > 0
RETURN 'alias' AS what, null AS kind, n
UNION ALL
// a first positive specimen counts as the case's own; one that was not known yet is refused too
MATCH (person:Case {load: $load})-[:HAS_RECORD]->(record:CaseRecord)
WHERE record.sampled IS NULL
  AND EXISTS { (person)-[:TESTED]->(test:Test) WHERE test.result IN $positive }
WITH count(DISTINCT person) AS n WHERE n > 0
RETURN 'tested' AS what, null AS kind, n
UNION ALL
// somebody's home that no row declares is a home by that alone
MATCH (home:Location {load: $load})<-[:LIVES_AT]-()
WHERE home.row IS NULL AND NOT EXISTS { (home)-[:MORE]->() } AND EXISTS { (home)<-[:VISITED]-() }
WITH count(DISTINCT home) AS n WHERE n > 0
RETURN 'bare' AS what, null AS kind, n
