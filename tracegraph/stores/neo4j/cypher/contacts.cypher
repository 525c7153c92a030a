// When each contact is a source in turn (RULE 22): from its first exposure until as many days
// after its last, and as many seconds after midnight. A case that was exposed is one of them.
WITH cases, exposed AS first_tier
CALL (first_tier) {
  UNWIND first_tier AS contact
  WITH contact, datetime({epochSeconds: contact.until, timezone: $tz}) AS until
  WITH contact, CASE
      WHEN $follow_up_days IS NULL THEN $now
      ELSE until.epochSeconds - datetime({date: date(until), timezone: $tz}).epochSeconds
        + datetime({date: date(until) + duration({days: $follow_up_days}), timezone: $tz})
          .epochSeconds
    END AS stop
  WHERE $tiers > 1
  RETURN collect({person: contact.person, windows: [{
    anchor: null, start: contact.first, stop: CASE WHEN stop < $now THEN stop ELSE $now END
  }]}) AS sources
}
WITH cases, first_tier, sources, 1 AS hop
