"""./hent, the one door: what it lists exists, what travels with it names no machine."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_hent_alone_lists_its_commands_without_setting_anything_up() -> None:
    result = subprocess.run(["./hent"], cwd=ROOT, capture_output=True, text=True, check=True)

    for command in (
        "run",
        "test",
        "serve",
        "work",
        "scenario",
        "check",
        "bench",
        "export-revision",
    ):
        assert f"./hent {command}" in result.stdout


def test_an_unknown_command_is_refused_with_the_list() -> None:
    result = subprocess.run(
        ["./hent", "dance"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "unknown command: dance" in result.stderr
    assert "./hent run" in result.stderr


def test_hent_is_plain_posix_shell() -> None:
    result = subprocess.run(
        ["/bin/sh", "-n", "hent"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    assert "[[" not in (ROOT / "hent").read_text("utf-8")


def test_lock_files_hold_public_addresses_only() -> None:
    hosts = set(re.findall(r'https?://([^/"\s]+)', (ROOT / "uv.lock").read_text("utf-8")))
    npm = json.loads((ROOT / "package-lock.json").read_text("utf-8"))

    assert hosts <= {"files.pythonhosted.org", "pypi.org"}
    resolved = {package.get("resolved", "") for package in npm["packages"].values()}
    assert all(
        not address or address.startswith("https://registry.npmjs.org/") for address in resolved
    )


def test_ci_runs_the_command_of_the_readme() -> None:
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("exec ./hent test")
