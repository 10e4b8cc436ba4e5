"""Meetings: sessions prepared, sat and closed; a shared screen where each case gets its opinion."""
