// One row a person: the least hop that reaches them; a case stays in tier 0 (RULE 22, 23).
WITH cases, first_tier, exposed AS second_tier
UNWIND [c IN cases | {person: c.person, is_case: true}] + first_tier + second_tier AS found
WITH found.person AS person, collect(found) AS found, min(found.hop) AS hop
WITH person, any(f IN found WHERE f.is_case) AS is_case, hop,
  coalesce([f IN found WHERE f.hop = hop][0], {}) AS own
RETURN person.id AS person_id,
  CASE WHEN coalesce(is_case, false) THEN 0 ELSE hop END AS tier,
  hop AS contact_tier,
  own.first AS first_exposure,
  own.last AS last_exposure
ORDER BY tier, person_id
