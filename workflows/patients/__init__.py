"""Patients: identity traits in, one person with an INS status and a sort key out."""
