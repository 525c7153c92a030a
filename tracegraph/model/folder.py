"""A folder of tables: CSV or Parquet files named after them, and `tracegraph.toml`."""
