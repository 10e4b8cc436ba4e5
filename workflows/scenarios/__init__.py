"""Scenarios: a patient's story, written down as data, is played in virtual time and checked."""
