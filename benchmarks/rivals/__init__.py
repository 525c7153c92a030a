"""The same trace by other means: what tracegraph is measured against."""
