"""The facts: schemas, reading, validation, and the graph that holds them."""

from . import schemas as schemas
