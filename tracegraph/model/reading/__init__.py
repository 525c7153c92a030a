"""Raw frames become tables: every row is used, or rejected with its reason."""
