"""A release becomes a frozen revision, or is refused with every reason."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import publishing
from engine.artifacts import Artifact, Finding
from engine.blobs import Blob
from engine.errors import NotFound, NotPublishable
from engine.models import AuditEntry, Revision
from tests.engine.sketches import DEADLINES, VOCABULARY, sketch

FORM = Artifact("form", "ask", b"titre: Demande\n" * 50)
LOOP = sketch(
    "start -> merge -> ask -> gate", "gate -> merge if again == True", "gate -> end default"
)
RELEASE = [LOOP, DEADLINES, FORM]


def publish(db, now, artifacts=RELEASE, **more):
    return publishing.publish(
        db, artifacts=artifacts, vocabulary=VOCABULARY, actor="user:1", now=now, **more
    )


def test_a_published_release_is_frozen_and_comes_back_whole(db, now):
    revision = publish(db, now, note="Première")

    assert publishing.artifacts_of(db, revision.id) == sorted(
        RELEASE, key=lambda a: (a.kind, a.name)
    )
    assert (revision.note, revision.published_by, revision.published_at) == (
        "Première",
        "user:1",
        now,
    )
    assert publishing.revision_in_service(db) is revision


def test_a_revision_remembers_what_its_diagrams_read_and_where_names_live(db, now):
    revision = publish(db, now)

    assert revision.reads == ["again", "deadline"]
    assert revision.scopes == VOCABULARY.data


def test_the_last_published_revision_is_in_service(db, now):
    publish(db, now)
    second = publish(db, now + timedelta(hours=1), [LOOP, DEADLINES])

    assert publishing.revision_in_service(db) is second


def test_the_same_content_is_the_same_revision_put_back_in_service(db, now):
    first = publish(db, now)
    publish(db, now + timedelta(hours=1), [LOOP, DEADLINES])

    again = publish(db, now + timedelta(hours=2), list(reversed(RELEASE)))

    assert again is first
    assert publishing.revision_in_service(db) is first
    assert again.published_at == now
    assert db.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all() == [
        "revision.published", "revision.published", "revision.reinstated",
    ]  # fmt: skip


def test_the_same_file_in_two_revisions_is_kept_once(db, now):
    publish(db, now)
    publish(db, now, [LOOP, DEADLINES])

    assert db.scalar(sa.select(sa.func.count()).select_from(Blob)) == 3


def test_a_release_with_errors_is_refused_with_all_of_them_and_writes_nothing(db, now):
    wrong = sketch("start -> ask -> end", ask={"properties": {"form": "gone", "deadline": ""}})

    with pytest.raises(NotPublishable) as refused:
        publish(db, now, [wrong, DEADLINES])

    assert refused.value.message == "2 erreurs à corriger avant de publier."
    assert {finding.element for finding in refused.value.findings} == {"ask"}
    assert publishing.revision_in_service(db) is None
    assert db.scalar(sa.select(sa.func.count()).select_from(Revision)) == 0


def test_an_error_found_by_another_room_refuses_the_release_too(db, now):
    finding = Finding("error", "ask", "", "Ce formulaire n’a pas de titre.")

    with pytest.raises(NotPublishable) as refused:
        publish(db, now, findings=[finding])

    assert refused.value.findings == [finding]


def test_warnings_do_not_keep_a_release_from_being_published(db, now):
    warning = Finding("warning", "ask", "", "Ce formulaire est long.")

    assert publish(db, now, findings=[warning]).id


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (Artifact("music", "song", b""), "n’existe pas"),
        (Artifact("form", "ask", b"other"), "donné deux fois"),
        (Artifact("form", "x" * 101, b""), "de 1 à 100 caractères"),
    ],
)
def test_a_file_has_a_known_kind_and_a_name_of_its_own(db, now, extra, said):
    with pytest.raises(NotPublishable) as refused:
        publish(db, now, [*RELEASE, extra])

    assert said in refused.value.findings[0].message


def test_an_unknown_revision_has_no_files(db):
    with pytest.raises(NotFound):
        publishing.artifacts_of(db, 7)
