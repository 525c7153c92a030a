"""Neo4j: graph and traces as a property graph, a server of one's own, tracing inside by Cypher."""
