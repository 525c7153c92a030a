// Contacts and contacts of contacts of the cases of one load (RULE 5 to 16, 22, 23, 25, 27 to 30).
// Parameters: $load, $now (the moment of asking), $tz, and those that the protocol sets.
// Moments are seconds since 1970, 253402300800 never; intervals are [start, stop); days are calendar
// days in the zone $tz. A time is known within bounds, t and t_until, and is taken so that stays and
// windows are as long as may be: whoever may have been exposed is found, certain or not.

// When each case is a source (RULE 7 to 10).
MATCH (ill:Case {load: $load})-[:HAS_RECORD]->(record:CaseRecord)
WHERE CASE
    WHEN size($statuses) > 0 THEN record.status IS NULL OR record.status IN $statuses
    ELSE coalesce(record.status, '') <> 'excluded'
  END
  AND (coalesce(coalesce(record.recorded, record.confirmed).epochSeconds, $now) < $now OR
    coalesce(coalesce(record.recorded_until, record.confirmed_until).epochSeconds, $now) <= $now)
// the moment to count from: the earlier of onset and specimen, or the one the status asks for
WITH ill, record, CASE
    WHEN record.onset IS NULL AND record.sampled IS NULL
      THEN [[record.confirmed, record.confirmed_until]]
    WHEN $anchor = 'earliest' OR record.onset IS NULL OR record.sampled IS NULL
      THEN [[record.onset, record.onset_until], [record.sampled, record.sampled_until]]
    WHEN record.status = 'asymptomatic' THEN [[record.sampled, record.sampled_until]]
    ELSE [[record.onset, record.onset_until]]
  END AS moments
UNWIND moments AS moment
WITH ill, record, min(moment[0].epochSeconds) AS early, min(moment[1].epochSeconds) AS late
// a window for each episode; a date known as such ends a second before the next midnight
WITH ill, early, late,
  date(datetime({epochSeconds: early, timezone: $tz})) AS first_day,
  date(datetime({
    epochSeconds: CASE WHEN late > early THEN late - 1 ELSE early END, timezone: $tz
  })) AS last_day
WITH ill, late AS anchor,
  CASE
    WHEN $look_back_hours IS NOT NULL THEN early - 3600 * $look_back_hours
    ELSE datetime({date: first_day - duration({days: $look_back_days}), timezone: $tz})
      .epochSeconds
  END AS start,
  datetime({date: last_day + duration({days: $days_after + 1}), timezone: $tz})
    .epochSeconds AS stop
ORDER BY start
WITH ill, collect({
    anchor: anchor, start: start, stop: CASE WHEN stop < $now THEN stop ELSE $now END
  }) AS windows
WITH collect({person: ill, windows: windows}) AS cases
WITH cases, cases AS sources, 0 AS hop
