"""Whoever can write to the database cannot change the trail unseen: each way to try is played."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from engine import anchors, audit
from engine.db import transaction
from engine.models import AuditChain, AuditEntry
from tests.conftest import MORNING

KEY = Ed25519PrivateKey.generate()
Tamper = Callable[[Session], None]


def write(db: Session, case_id: int, lines: int) -> None:
    for number in range(lines):
        audit.record(db, actor="user:1", action=f"did.{number}", now=MORNING, case_id=case_id)


def anchor(db: Session, key: Ed25519PrivateKey = KEY, hours: int = 1) -> None:
    anchors.set_anchor(db, key=key, now=MORNING + timedelta(hours=hours))


@pytest.fixture
def anchored(any_database: sa.Engine) -> sa.Engine:
    """Three cases and what belongs to none, two anchors, and lines since the last."""
    with transaction(any_database) as db:
        for case_id in (0, 1, 2, 3):
            write(db, case_id, 4)
        anchor(db)
        write(db, 1, 3)
        anchor(db, hours=2)
        write(db, 2, 1)
    return any_database


def faults(db: Session, **given: object) -> list[tuple[int, int | None, str]]:
    trusted = {anchors.public_key(KEY)}
    found = anchors.verify(db, trusted=trusted, **given)  # type: ignore[arg-type]
    return [(one.position, one.case_id, one.reason) for one in found]


def rewrite(db: Session, case_id: int, keep: int) -> None:
    """What somebody who knows the code would do: a chain of his own that holds in itself."""
    db.execute(sa.delete(AuditEntry).where(AuditEntry.case_id == case_id, AuditEntry.position > keep))  # fmt: skip
    last = db.scalar(
        sa.select(AuditEntry.seal).where(
            AuditEntry.case_id == case_id, AuditEntry.position == keep
        )
    )
    db.execute(
        sa.update(AuditChain)
        .where(AuditChain.case_id == case_id)
        .values(length=keep, head=last or "0" * 64)
    )
    db.expire_all()


def shorten(db: Session) -> None:
    rewrite(db, 1, 5)


def write_anew(db: Session) -> None:
    rewrite(db, 1, 2)
    write(db, 1, 8)


def remove_case(db: Session) -> None:
    db.execute(sa.delete(AuditEntry).where(AuditEntry.case_id == 3))
    db.execute(sa.delete(AuditChain).where(AuditChain.case_id == 3))


def replace_anchor(db: Session) -> None:
    """The chain written anew, and the anchors with another key."""
    write_anew(db)
    db.execute(sa.delete(anchors.AnchoredChain))
    db.execute(sa.delete(anchors.AuditAnchor))
    anchor(db, Ed25519PrivateKey.generate())


def date_back(db: Session) -> None:
    db.execute(
        sa.update(anchors.AuditAnchor)
        .where(anchors.AuditAnchor.position == 2)
        .values(at=MORNING - timedelta(days=3))
    )


def forge_signature(db: Session) -> None:
    db.execute(sa.update(anchors.AuditAnchor).values(signature="00" * 64))


def take_out_first(db: Session) -> None:
    db.execute(sa.delete(anchors.AnchoredChain).where(anchors.AnchoredChain.position == 1))
    db.execute(sa.delete(anchors.AuditAnchor).where(anchors.AuditAnchor.position == 1))


def loosen(db: Session) -> None:
    """Make an anchor forget a chain, so that the chain may be changed."""
    db.execute(
        sa.delete(anchors.AnchoredChain).where(
            anchors.AnchoredChain.position == 1, anchors.AnchoredChain.case_id == 3
        )
    )


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (shorten, (2, 1, "son journal a été raccourci, il comptait 7 lignes")),
        (write_anew, (1, 1, "son journal a été réécrit avant la ligne 4")),
        (remove_case, (1, 3, "son journal a été retiré, il comptait 4 lignes")),
        (replace_anchor, (1, None, "elle est signée par une clé inconnue")),
        (date_back, (2, None, "elle a été modifiée")),
        (forge_signature, (1, None, "sa signature est fausse")),
        (take_out_first, (2, None, "l’ancre 1 a été retirée")),
        (loosen, (1, None, "les chaînes qu’elle fixait ont été modifiées")),
    ],
)
def test_what_chains_alone_do_not_see_is_told(
    anchored: sa.Engine, tamper: Tamper, told: tuple[int, int | None, str]
) -> None:
    with transaction(anchored) as db:
        assert faults(db) == []
        tamper(db)

    with transaction(anchored) as db:
        assert list(audit.verify(db)) == []  # the chains hold in themselves
        assert faults(db)[0] == told

    with transaction(anchored) as db:  # and the page of that case says the same
        page = anchors.of_case(db, told[1] or 1, trusted={anchors.public_key(KEY)})
        assert page.fault is not None
        assert (page.fault.position, page.fault.reason) == (told[0], told[2])


def test_a_page_says_how_far_its_chain_is_signed(anchored: sa.Engine) -> None:
    trusted = {anchors.public_key(KEY)}
    with transaction(anchored) as db:
        write(db, 9, 2)
        covered = {one: anchors.of_case(db, one, trusted=trusted) for one in (1, 2, 9)}

    assert [(one.anchor, one.lines, one.fault) for one in covered.values()] == [
        (2, 7, None),
        (1, 4, None),  # its fifth line came after the last anchor
        (None, 0, None),
    ]


def test_another_cases_broken_chain_is_not_told_on_this_page(anchored: sa.Engine) -> None:
    with transaction(anchored) as db:
        shorten(db)
        assert anchors.of_case(db, 3, trusted={anchors.public_key(KEY)}).fault is None


def test_a_changed_line_is_told_by_its_chain(anchored: sa.Engine) -> None:
    with transaction(anchored) as db:
        where = (AuditEntry.case_id == 2, AuditEntry.position == 3)
        db.execute(sa.update(AuditEntry).where(*where).values(actor="user:9"))

    with transaction(anchored) as db:
        assert list(audit.verify(db)) == [audit.Break(2, 3)]


def test_the_last_anchor_taken_away_is_seen_beside_a_copy_kept_elsewhere(
    anchored: sa.Engine,
) -> None:
    with transaction(anchored) as db:
        copy = anchors.read(anchors.write(anchors.told(db)))
        assert faults(db, elsewhere=copy) == []
        shorten(db)
        for table in (anchors.AnchoredChain, anchors.AuditAnchor):
            db.execute(sa.delete(table).where(table.position == 2))

    with transaction(anchored) as db:
        assert faults(db) == []  # nothing left here to see it by
        assert faults(db, elsewhere=copy) == [
            (2, None, "elle est dans la copie et plus dans la base")
        ]


def test_nothing_new_needs_no_anchor(anchored: sa.Engine) -> None:
    with transaction(anchored) as db:
        assert anchors.set_anchor(db, key=KEY, now=MORNING) is not None
        assert anchors.set_anchor(db, key=KEY, now=MORNING) is None


def test_the_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "audit-key"
    first = anchors.kept_key(file)

    assert file.stat().st_mode & 0o777 == 0o600
    assert anchors.public_key(anchors.kept_key(file)) == anchors.public_key(first)
