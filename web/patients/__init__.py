"""Patients: find somebody, open a case."""
