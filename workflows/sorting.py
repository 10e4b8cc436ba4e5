"""Text that sorts the same on both databases: a normalised key in, byte order out."""

import sqlalchemy as sa

# PostgreSQL would otherwise sort by the server's language, which differs from place to place.
SORTED_TEXT = sa.String(220).with_variant(sa.String(220, collation="C"), "postgresql")
