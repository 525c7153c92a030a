"""The rule as data: protocols, and the presets with their sources."""
