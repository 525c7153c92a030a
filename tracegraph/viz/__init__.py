"""The page: an offline network map that hands on nobody's identity."""
