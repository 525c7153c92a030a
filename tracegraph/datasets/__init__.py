"""Outbreaks to learn, test and measure with: a synthetic county and city, three published sets."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
