"""Incidents: what did not happen by itself, for those who keep Hent running; nothing clinical."""
