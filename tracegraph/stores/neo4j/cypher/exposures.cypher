// Whom these sources exposed.
CALL (sources, hop) {
  UNWIND sources AS each
  WITH hop, each.person AS source, each.windows AS windows,
    reduce(t = 253402300800, w IN each.windows | CASE WHEN w.start < t THEN w.start ELSE t END) AS first,
    reduce(t = -253402300800, w IN each.windows | CASE WHEN w.stop > t THEN w.stop ELSE t END) AS last
  // stays of a source near its windows, where being together is contact (RULE 15):
  // $seconds has a list for each kind of place, one number a hop, empty for venues
  MATCH (source)-[visit:VISITED]->(place:Location)
  WITH hop, source, windows, first, last, visit, place,
    coalesce($seconds[coalesce(place.kind, 'other')], $seconds.other)[hop] AS least
  WHERE least IS NOT NULL
    AND NOT coalesce(visit.record, '') IN ['phone', 'wifi']
    AND (coalesce(visit.recorded.epochSeconds, $now) < $now OR
      coalesce(visit.recorded_until.epochSeconds, $now) <= $now)
    AND visit.arrive.epochSeconds < $now
    AND visit.arrive.epochSeconds < last + $gap // what bridges a gap counts too
    AND visit.depart_until.epochSeconds >= first - $gap
  WITH hop, source, windows, place, least, visit
  ORDER BY visit.arrive
  // a visit lasts a second at least (RULE 3), and until the moment of asking at most
  WITH hop, source, windows, place, least, collect([
      visit.arrive.epochSeconds,
      CASE
        WHEN visit.depart_until.epochSeconds > $now THEN $now
        WHEN visit.depart_until <= visit.arrive THEN visit.arrive.epochSeconds + 1
        ELSE visit.depart_until.epochSeconds
      END
    ]) AS visits
  // visits that overlap or touch are one stay (RULE 5)
  WITH hop, source, windows, place, least,
    reduce(stays = [], v IN visits | CASE
      WHEN size(stays) = 0 OR v[0] > stays[-1][1] + $gap THEN stays + [v]
      WHEN v[1] > stays[-1][1] THEN stays[..-1] + [[stays[-1][0], v[1]]]
      ELSE stays
    END) AS stays,
    [(place)-[:IN*0..]->(around:Location) | around] AS grounds,
    [(source)-[:LIVES_AT]->(home) | home] AS homes,
    [(source)-[i:ISOLATED]->(site) WHERE (coalesce(i.recorded.epochSeconds, $now) < $now OR
      coalesce(i.recorded_until.epochSeconds, $now) <= $now) | {
      begun: i.start.epochSeconds, start: i.start_until.epochSeconds,
      stop: coalesce(i.end.epochSeconds, 253402300800),
      kind: coalesce(i.kind, 'central'), site: site
    }] +
    [(source)-[:HAS_RECORD]->(r)
      WHERE r.isolated IS NOT NULL AND (
        coalesce(coalesce(r.recorded, r.confirmed).epochSeconds, $now) < $now OR
        coalesce(coalesce(r.recorded_until, r.confirmed_until).epochSeconds, $now) <= $now) | {
      begun: r.isolated.epochSeconds, start: r.isolated_until.epochSeconds, stop: 253402300800,
      kind: $isolation_kind, site: null
    }] AS isolations
  // isolation at home does not part from the home, isolation at a site not from the site (RULE 11)
  WITH hop, source, windows, place, least, stays,
    [i IN isolations WHERE NOT CASE i.kind
      WHEN 'home' THEN place IN homes
      ELSE coalesce(i.site IN grounds, false)
    END] AS away
  // the first isolation from the anchor on ends a window for good (RULE 10)
  WITH hop, source, place, least, stays,
    [i IN away WHERE i.start < i.stop] AS away,
    [w IN windows | [w.start, reduce(t = w.stop, i IN away | CASE
      WHEN i.begun >= w.anchor AND i.start < t THEN i.start
      ELSE t
    END)]] AS windows
  // windows that overlap are one piece (RULE 9)
  WITH hop, source, place, least, stays, away,
    reduce(pieces = [], w IN [w IN windows WHERE w[0] < w[1]] | CASE
      WHEN size(pieces) = 0 OR w[0] >= pieces[-1][1] THEN pieces + [w]
      WHEN w[1] > pieces[-1][1] THEN pieces[..-1] + [[pieces[-1][0], w[1]]]
      ELSE pieces
    END) AS pieces
  // less every isolation: what is left begins with a piece, or where an isolation ended
  UNWIND pieces AS piece
  UNWIND [piece[0]] + [i IN away | i.stop] AS start
  WITH hop, source, place, least, stays, away, piece, start
  WHERE piece[0] <= start AND start < piece[1]
    AND none(i IN away WHERE i.start <= start AND start < i.stop)
  WITH hop, source, place, least, stays, start,
    reduce(t = piece[1], i IN away | CASE
      WHEN start < i.start AND i.start < t THEN i.start
      ELSE t
    END) AS stop
  UNWIND stays AS stay
  WITH hop, place, least, source,
    CASE WHEN stay[0] > start THEN stay[0] ELSE start END AS start,
    CASE WHEN stay[1] < stop THEN stay[1] ELSE stop END AS stop
  WHERE stop - start >= least
  WITH hop, place, least, min(start) AS first, max(stop) AS last,
    collect({source: source, start: start, stop: stop}) AS clips
  // who else stayed there. A MATCH of its own: one relationship is met only once in a MATCH,
  // but one stay can both make somebody a contact and pass the contact on
  MATCH (person:Person)-[visit:VISITED]->(place)
  WHERE NOT coalesce(visit.record, '') IN ['phone', 'wifi']
    AND (coalesce(visit.recorded.epochSeconds, $now) < $now OR
      coalesce(visit.recorded_until.epochSeconds, $now) <= $now)
    AND visit.arrive.epochSeconds < $now
    AND visit.arrive.epochSeconds < last + $gap // what bridges a gap counts too
    AND visit.depart_until.epochSeconds >= first - $gap
  WITH hop, place, least, clips, person, visit
  ORDER BY visit.arrive
  WITH hop, place, least, clips, person, collect([
      visit.arrive.epochSeconds,
      CASE
        WHEN visit.depart_until.epochSeconds > $now THEN $now
        WHEN visit.depart_until <= visit.arrive THEN visit.arrive.epochSeconds + 1
        ELSE visit.depart_until.epochSeconds
      END
    ]) AS visits
  WITH hop, place, least, clips, person,
    reduce(stays = [], v IN visits | CASE
      WHEN size(stays) = 0 OR v[0] > stays[-1][1] + $gap THEN stays + [v]
      WHEN v[1] > stays[-1][1] THEN stays[..-1] + [[stays[-1][0], v[1]]]
      ELSE stays
    END) AS stays
  UNWIND stays AS stay
  UNWIND clips AS clip
  // together from the later of two starts to the earlier of two ends (RULE 13)
  WITH hop, place, least, person, clip.source AS source,
    CASE WHEN stay[0] > clip.start THEN stay[0] ELSE clip.start END AS start,
    CASE WHEN stay[1] < clip.stop THEN stay[1] ELSE clip.stop END AS stop
  WHERE person <> source AND stop - start >= least
  WITH hop, place, person, collect(DISTINCT [start, stop]) AS exposures
  // an isolation of the contact's own that began during an exposure was its end (RULE 28)
  WITH hop, place, person, exposures,
    [(place)-[:IN*0..]->(around:Location) | around] AS grounds,
    [(person)-[:LIVES_AT]->(home) | home] AS homes,
    [(person)-[i:ISOLATED]->(site) WHERE (coalesce(i.recorded.epochSeconds, $now) < $now OR
      coalesce(i.recorded_until.epochSeconds, $now) <= $now) | {
      begun: i.start.epochSeconds, start: i.start_until.epochSeconds,
      stop: coalesce(i.end.epochSeconds, 253402300800),
      kind: coalesce(i.kind, 'central'), site: site
    }] +
    [(person)-[:HAS_RECORD]->(r)
      WHERE r.isolated IS NOT NULL AND (
        coalesce(coalesce(r.recorded, r.confirmed).epochSeconds, $now) < $now OR
        coalesce(coalesce(r.recorded_until, r.confirmed_until).epochSeconds, $now) <= $now) | {
      begun: r.isolated.epochSeconds, start: r.isolated_until.epochSeconds, stop: 253402300800,
      kind: $isolation_kind, site: null
    }] AS isolations
  WITH hop, person, exposures,
    [i IN isolations WHERE NOT CASE i.kind
      WHEN 'home' THEN place IN homes
      ELSE coalesce(i.site IN grounds, false)
    END] AS away
  UNWIND exposures AS exposure
  WITH hop, person, away, exposure[0] AS start, exposure[1] AS stop
  WITH hop, person, start, stop,
    reduce(last = start, t IN [stop] + [i IN away | i.start] | CASE
      WHEN last < t AND t <= stop
        AND none(i IN away WHERE start < i.start AND i.start < t AND t <= i.stop) THEN t
      ELSE last
    END) AS last
  WITH hop, person, min(start) AS first, max(stop) AS until, max(last) AS last
  RETURN collect({
    person: person, hop: hop + 1, first: first, until: until, last: last
  }) AS exposed
}
