// Contacts and contacts of contacts of the cases of one load (RULE 5 to 16, 22, 23, 27 to 30).
// Parameters: $load, $now (the moment of asking), $tz, and those that the protocol sets.
// Moments are seconds since 1970, 253402300800 never; intervals are [start, stop); days are calendar
// days in the zone $tz.

// When each case is a source (RULE 7 to 10).
MATCH (ill:Case {load: $load})-[:HAS_RECORD]->(record:CaseRecord)
WHERE coalesce(coalesce(record.recorded, record.confirmed).epochSeconds, $now) <= $now
  AND CASE
    WHEN size($statuses) > 0 THEN record.status IS NULL OR record.status IN $statuses
    ELSE coalesce(record.status, '') <> 'excluded'
  END
// the moment to count from: the earlier of onset and specimen, or what the status asks for
WITH ill, record, CASE
    WHEN $anchor = 'by_status' AND record.status = 'asymptomatic'
      THEN coalesce(record.sampled, record.onset)
    WHEN $anchor = 'earliest' AND record.sampled < record.onset
      THEN record.sampled
    ELSE coalesce(record.onset, record.sampled)
  END AS begun
WITH ill,
  datetime({datetime: coalesce(begun, record.confirmed), timezone: $tz}) AS anchor
WITH ill, anchor, date(anchor) AS day
// a window for each episode
WITH ill, anchor.epochSeconds AS anchor,
  CASE
    WHEN $look_back_hours IS NULL
      THEN datetime({date: day - duration({days: $look_back_days}), timezone: $tz}).epochSeconds
    ELSE anchor.epochSeconds - 3600 * $look_back_hours
  END AS start,
  datetime({date: day + duration({days: $days_after + 1}), timezone: $tz}).epochSeconds AS stop
ORDER BY start
WITH ill, collect({
    anchor: anchor, start: start, stop: CASE WHEN stop < $now THEN stop ELSE $now END
  }) AS windows
WITH collect({person: ill, windows: windows}) AS cases
WITH cases, cases AS sources, 0 AS hop
