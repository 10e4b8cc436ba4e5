"""Who opened a record and did what in it: a page for those who watch over accesses."""
