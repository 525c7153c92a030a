"""Areas: what happened in each, and the zone that a protocol's clauses demand."""
