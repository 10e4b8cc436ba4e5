"""The demonstration: a fictional Breton region whose patients lived through the real engine."""

from workflows.demonstration.loading import (
    PATIENTS,
    beginning,
    careless,
    is_empty,
    load,
    may_be_erased,
)

__all__ = ["PATIENTS", "beginning", "careless", "is_empty", "load", "may_be_erased"]
