"""Verdicts of one protocol as of one moment: tiers, evidence, itineraries."""
