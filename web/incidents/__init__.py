"""« Incidents »: given-up work, stuck timers, messages nobody awaits."""
