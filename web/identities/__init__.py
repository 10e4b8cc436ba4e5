"""Identities: look them up, compare them, settle what is doubted."""
