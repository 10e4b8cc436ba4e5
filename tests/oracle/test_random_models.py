"""Random models, played at random beside the judge: same open tasks, same data, same end.

`./hent torture MODELS` plays thousands; here a hundred is enough to notice a break.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine import queries, runtime
from engine.artifacts import Artifact
from engine.db import Base, connect, transaction
from engine.models import Instance, Subscription, Timer
from tests.engine.playing import MORNING, Play, publish_unchecked
from tests.oracle.game import Game
from tests.oracle.generate import VALUES, models
from tests.oracle.model import Process, every_node, every_process, to_xml

MODELS = int(os.environ.get("HENT_MODELS", "120"))
MOST_STEPS = 45


@pytest.fixture(scope="module")
def quick_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """One database for all models; nothing here needs to survive a power cut."""
    path: Path = tmp_path_factory.mktemp("oracle") / "oracle.sqlite3"
    database = connect(f"sqlite:///{path}")
    sa.event.listen(
        database, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
    )
    Base.metadata.create_all(database)
    yield database
    database.dispose()


@settings(
    max_examples=MODELS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    database=None,
    report_multiple_bugs=False,
    print_blob=False,
)
@given(model=models(), data=st.data())
def test_the_engine_agrees_with_the_judge(
    quick_database: sa.Engine, model: Process, data: st.DataObject
) -> None:
    game, play = Game(model), _start(quick_database, model)
    messages = {n.message for p in every_process(model) for n in every_node(p) if n.message}
    try:
        for turn in range(MOST_STEPS):
            _compare(game, play)
            tired = turn > MOST_STEPS // 2
            early = set() if tired else messages - set(game.messages())
            if game.ended or not _one_move(game, play, data, tired=tired, early=early):
                break
    finally:
        _sweep(quick_database, play)


def _start(database: sa.Engine, model: Process) -> Play:
    artifacts = [Artifact("diagram", one.id, to_xml(one)) for one in every_process(model)]
    publish_unchecked(database, *artifacts)
    play = Play(database)
    with transaction(database) as db:
        revision = publish_revision(db, artifacts)
        play.case_id = runtime.start_case(
            db, pathway=model.id, subject="p", actor="user:1", now=play.now, revision_id=revision
        ).id
    return play


def publish_revision(db: sa.orm.Session, artifacts: list[Artifact]) -> int:
    from engine import publishing
    from engine.models import Revision

    digest = publishing.content_hash(artifacts)
    return db.scalars(sa.select(Revision.id).where(Revision.content_hash == digest)).one()


def _one_move(
    game: Game, play: Play, data: st.DataObject, *, tired: bool, early: set[str]
) -> bool:
    """Something that may happen now happens to both; False when only the end is left."""
    moment = game.next_moment()
    moves = [("do", name) for name in sorted(set(game.tasks()))]
    moves += [("send", name) for name in game.messages()]
    moves += [("send", name) for name in sorted(early)[:1]]
    moves += [("wait", "")] if moment is not None else []
    if not moves:
        return False
    if [move for move in moves if move[0] != "send" or move[1] in game.messages()] == []:
        return False
    what, name = moves[data.draw(st.integers(0, len(moves) - 1), label="move")]
    if what == "do":
        value = 0 if tired else data.draw(st.sampled_from(VALUES), label="answer")
        game.complete(name, value)
        play.do(name, **{f"v_{name}": value})
    elif what == "send":
        game.send(name)
        play.send(name)
    else:
        assert moment is not None
        game.wait_until(moment)
        play.later(seconds=(MORNING + timedelta(hours=moment) - play.now).total_seconds())
    return True


def _compare(game: Game, play: Play) -> None:
    assert sorted(play.open()) == game.tasks()
    with transaction(play.database) as db:
        awaited = set(
            db.scalars(sa.select(Subscription.message).where(Subscription.case_id == play.case_id))
        )
        due = db.scalar(
            sa.select(sa.func.min(Timer.due_at)).where(
                Timer.case_id == play.case_id, Timer.kind == "event"
            )
        )
        main = db.scalars(
            sa.select(Instance)
            .where(Instance.case_id == play.case_id, Instance.parent_id.is_(None))
            .order_by(Instance.id)
        ).first()
        assert main is not None
        known = queries.instance_data(db, main.id)
    moment = game.next_moment()
    assert sorted(awaited) == sorted({*game.messages(), *game.signals()})
    assert due == (MORNING + timedelta(hours=moment) if moment is not None else None)
    assert _answered(known) == _answered(game.root.run.data)
    assert (main.state == "completed") == game.ended


def _sweep(database: sa.Engine, play: Play) -> None:
    """Nothing of this case wakes while the next one is played."""
    with transaction(database) as db:
        for table in (Timer, Subscription):
            db.execute(sa.delete(table).where(table.case_id == play.case_id))


def _answered(data: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in data.items() if value is not None}
