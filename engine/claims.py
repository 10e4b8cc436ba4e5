"""A row due comes in, taken by one worker for a while; when that worker dies it is free again.

A claim is a moment in the row. One that lies farther ahead than any lease was written before the
clock jumped back: it counts for nothing.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.models import Job, Timer


def is_free(of: type[Timer] | type[Job], *, now: datetime, lease: timedelta) -> Any:
    """Nobody holds the row."""
    return past(of.claimed_until, now=now, horizon=now + lease)


def past(moment: Any, *, now: Any, horizon: Any) -> Any:
    """A moment that was never set, is over, or lies so far ahead that it cannot be true."""
    return sa.or_(moment.is_(None), moment <= now, moment > horizon)
