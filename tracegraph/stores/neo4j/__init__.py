"""Neo4j: a server for a laptop and for the tests, and tracing inside it by Cypher."""
