"""Graph and traces in one DuckDB file: the embedded default."""
