"""Accounts: who works where, in which role; for the administrator."""
