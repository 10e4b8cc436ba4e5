"""A release is published whole or refused whole; a draft changes it without touching running cases."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import publishing, runtime
from engine.artifacts import Artifact, Finding
from engine.blobs import Blob
from engine.db import transaction
from engine.errors import Conflict, Invalid, NotFound, NotPublishable
from engine.models import AuditEntry, Case, Revision
from tests.workflows.pathway import Region
from workflows.revisions import operations, queries, release
from workflows.revisions.models import Draft

AUTHOR = "user:7"
SHIPPED = release.gather()


def shipped(kind: str, name: str) -> bytes:
    return next(a.content for a in SHIPPED if (a.kind, a.name) == (kind, name))


def changed(kind: str, name: str, change: Callable[[str], str]) -> list[Artifact]:
    """The shipped release with one file written otherwise."""
    before = shipped(kind, name).decode()
    after = change(before)
    assert after != before
    return [
        Artifact(kind, name, after.encode()) if (a.kind, a.name) == (kind, name) else a
        for a in SHIPPED
    ]


def only_error(artifacts: list[Artifact]) -> Finding:
    errors = [one for one in operations.check(artifacts) if one.severity == "error"]
    assert len(errors) == 1, [str(one) for one in errors]
    return errors[0]


def start(region: Region, now=None) -> int:
    with transaction(region.database) as db:
        return operations.start_draft(db, actor=AUTHOR, now=now or region.now).id


def save(
    region: Region, draft_id: int, kind: str, name: str, content: bytes | None, **more
) -> None:
    with transaction(region.database) as db:
        operations.edit(
            db, draft_id=draft_id, kind=kind, name=name, content=content,
            actor=AUTHOR, now=region.now, **more,
        )  # fmt: skip


def publish(region: Region, draft_id: int) -> int:
    with transaction(region.database) as db:
        return operations.publish_draft(db, draft_id=draft_id, actor=AUTHOR, now=region.now).id


def longer_identity_check(content: bytes) -> bytes:
    """Five days instead of the same day to check an identity."""
    zero = b'<outputEntry id="deadline_check_identity_amount"><text>0</text>'
    assert zero in content
    return content.replace(zero, zero.replace(b">0<", b">5<"))


# What ships


def test_the_release_that_ships_has_nothing_to_say() -> None:
    assert operations.check(SHIPPED) == []


def test_a_new_database_is_seeded_once(db, now) -> None:
    first = operations.seed(db, actor="system", now=now)
    again = operations.seed(db, actor="system", now=now + timedelta(days=1))

    assert again is first
    assert publishing.artifacts_of(db, first.id) == SHIPPED


def test_an_exported_revision_is_the_tree_it_came_from(db, now, tmp_path: Path) -> None:
    revision = operations.seed(db, actor="system", now=now)

    written = operations.export_revision(db, number=revision.id, folder=tmp_path)

    assert release.gather(tmp_path) == SHIPPED
    assert {path.relative_to(tmp_path) for path in written} == {
        release.place_of(artifact) for artifact in SHIPPED
    }
    assert all((release.ROOT / path.relative_to(tmp_path)).exists() for path in written)


def test_a_revision_that_does_not_exist_is_not_exported(db, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="révision 12 n’existe pas"):
        operations.export_revision(db, number=12, folder=tmp_path / "out")

    assert not (tmp_path / "out").exists()


# What is refused, each time with its file, its element and a sentence


def test_a_lane_that_is_no_role_is_refused() -> None:
    finding = only_error(
        changed("diagram", "frailty", lambda xml: xml.replace('name="IDEC"', 'name="Druide"'))
    )

    assert finding.artifact == "frailty"
    assert finding.element
    assert "Druide" in finding.message


def test_a_form_nobody_wrote_is_refused() -> None:
    finding = only_error(
        changed("diagram", "frailty", lambda xml: xml.replace('value="g8_score"', 'value="g9"', 1))
    )

    assert (finding.artifact, finding.element) == ("frailty", "g8_score")
    assert "g9" in finding.message


def test_a_task_without_delay_is_refused() -> None:
    line = '<spiffworkflow:property name="deadline" value="g8_score"/>'
    finding = only_error(changed("diagram", "frailty", lambda xml: xml.replace(line, "")))

    assert (finding.artifact, finding.element) == ("frailty", "g8_score")
    assert "délai" in f"{finding.message} {finding.remedy}"


def test_a_condition_that_does_not_read_is_refused() -> None:
    finding = only_error(
        changed(
            "diagram",
            "frailty",
            lambda xml: xml.replace("geriatric_needed == True", "geriatric_needed == ("),
        )
    )

    assert finding.artifact == "frailty"
    assert finding.element
    assert finding.remedy


def test_a_file_that_is_not_bpmn_is_refused() -> None:
    finding = only_error(changed("diagram", "frailty", lambda _: "Chère collègue,"))

    assert finding.artifact == "frailty"
    assert finding.message.endswith(".")


def test_a_refused_release_writes_nothing(db, now) -> None:
    wrong = changed("diagram", "frailty", lambda _: "<html/>")

    with pytest.raises(NotPublishable) as refused:
        operations.publish_release(db, artifacts=wrong, actor=AUTHOR, now=now)

    assert refused.value.message == "1 erreur à corriger avant de publier."
    assert refused.value.findings[0].artifact == "frailty"
    assert [db.scalar(sa.select(sa.func.count()).select_from(t)) for t in (Revision, Blob)] == [
        0,
        0,
    ]


# A draft


def test_a_draft_needs_a_revision_to_start_from(db, now) -> None:
    with pytest.raises(Conflict, match="Aucune révision n’est en service"):
        operations.start_draft(db, actor=AUTHOR, now=now)


def test_a_draft_says_what_it_changes(region: Region) -> None:
    draft_id = start(region)
    table = shipped("table", "deadlines")

    save(region, draft_id, "table", "deadlines", longer_identity_check(table))
    save(region, draft_id, "scenario", "new_story", b"title: Une histoire\n")
    save(region, draft_id, "diagram", "frailty", None)
    save(region, draft_id, "diagram", "rcp", shipped("diagram", "rcp"))  # as it was

    with transaction(region.database) as db:
        assert [(one.name, one.what) for one in queries.changes(db, draft_id)] == [
            ("frailty", "removed"), ("new_story", "added"), ("deadlines", "changed"),
        ]  # fmt: skip
        assert publishing.artifacts_of(db, 1) == SHIPPED  # what is published never moves


def test_a_draft_with_an_error_is_kept_and_told_but_not_published(region: Region) -> None:
    draft_id = start(region)
    save(region, draft_id, "diagram", "frailty", b"<html/>")

    with pytest.raises(NotPublishable):
        publish(region, draft_id)

    with transaction(region.database) as db:
        findings = operations.check_draft(db, draft_id=draft_id)
        assert {one.artifact for one in findings if one.severity == "error"} >= {"frailty"}
        assert queries.draft(db, draft_id).state == "open"
        serving = publishing.revision_in_service(db)
        assert serving is not None
        assert serving.id == 1


def test_a_draft_that_changes_nothing_is_not_published(region: Region) -> None:
    draft_id = start(region)
    save(region, draft_id, "table", "deadlines", shipped("table", "deadlines"))

    with pytest.raises(Conflict, match="ne change rien"):
        publish(region, draft_id)


def test_a_file_saved_by_a_colleague_meanwhile_is_not_overwritten(region: Region) -> None:
    draft_id = start(region)
    seen = shipped("table", "deadlines")
    save(
        region,
        draft_id,
        "table",
        "deadlines",
        longer_identity_check(seen),
        seen=operations.digest(seen),
    )

    with pytest.raises(Conflict, match="modifié entre-temps"):
        save(region, draft_id, "table", "deadlines", seen + b"\n", seen=operations.digest(seen))

    with transaction(region.database) as db:
        kept = queries.draft_artifact(db, draft_id=draft_id, kind="table", name="deadlines")
        assert kept.content == longer_identity_check(seen)


def test_a_draft_behind_the_revision_in_service_is_not_published(region: Region) -> None:
    """Publishing it would undo what a colleague has put in service meanwhile."""
    late, early = start(region), start(region)
    table = shipped("table", "deadlines")
    save(region, late, "table", "deadlines", table.replace(b"<text>30</text>", b"<text>31</text>"))
    save(region, early, "table", "deadlines", longer_identity_check(table))
    publish(region, early)

    with pytest.raises(Conflict, match="La révision 2 a été publiée depuis"):
        publish(region, late)


def test_a_template_of_documents_is_not_edited_in_a_draft(region: Region) -> None:
    with pytest.raises(Invalid, match="template"):
        save(region, start(region), "template", "pps.html", b"")


def test_a_discarded_draft_is_closed_for_good(region: Region) -> None:
    draft_id = start(region)
    with transaction(region.database) as db:
        operations.discard(db, draft_id=draft_id, actor=AUTHOR, now=region.now)

    with pytest.raises(Conflict, match="déjà publié ou abandonné"):
        save(region, draft_id, "table", "deadlines", b"")
    with transaction(region.database) as db:
        assert queries.open_drafts(db) == []


def test_what_happens_to_a_draft_is_in_the_audit_trail(region: Region) -> None:
    draft_id = start(region)
    save(
        region,
        draft_id,
        "table",
        "deadlines",
        longer_identity_check(shipped("table", "deadlines")),
    )
    publish(region, draft_id)

    with transaction(region.database) as db:
        lines = db.execute(
            sa.select(AuditEntry.action, AuditEntry.actor).where(
                AuditEntry.object == f"draft:{draft_id}"
            )
        ).all()
        assert lines == [
            ("draft.started", AUTHOR), ("draft.edited", AUTHOR), ("draft.published", AUTHOR),
        ]  # fmt: skip
        assert db.get_one(Draft, draft_id).revision_id == 2


# Cases


def test_running_cases_stay_on_their_revision_and_new_ones_take_the_new(region: Region) -> None:
    region.open_case()
    before, first = region.due("check_identity"), region.case_id
    draft_id = start(region)
    save(
        region,
        draft_id,
        "table",
        "deadlines",
        longer_identity_check(shipped("table", "deadlines")),
    )

    revision = publish(region, draft_id)
    region.open_case(born=region.now.date().replace(year=1961))

    assert (region.due("check_identity") - before).days == 5
    with transaction(region.database) as db:
        assert db.get_one(Case, region.case_id).revision_id == revision == 2
        assert db.get_one(Case, first).revision_id == 1
    region.case_id = first
    assert region.due("check_identity") == before
    region.do("check_identity")  # it goes on, on its own diagrams
    assert region.open() == ["inform_patient"]


def test_a_case_can_still_be_started_on_the_revision_it_names(region: Region) -> None:
    draft_id = start(region)
    save(
        region,
        draft_id,
        "table",
        "deadlines",
        longer_identity_check(shipped("table", "deadlines")),
    )
    publish(region, draft_id)

    with transaction(region.database) as db:
        case = runtime.start_case(
            db, pathway="cancer", subject="patient:9", actor=AUTHOR, now=region.now, revision_id=1
        )
        assert case.revision_id == 1
