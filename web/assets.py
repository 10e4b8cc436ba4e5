"""The name of a bundle comes in; the hashed addresses that Vite gave its files go out."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from markupsafe import Markup, escape

DIST = Path(__file__).parent / "static" / "dist"
FOR_EVER = "public, max-age=31536000, immutable"


def serve(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, bundle=bundle, icon_href=icon_href)
    app.after_request(_cache)


def asset(name: str) -> str:
    """The address of a bundle's script: `asset("entries/hent.js")`."""
    found = _manifest().get(name)
    return _url(found["file"]) if found else _url(f"missing/{name}")


def bundle(name: str) -> Markup:
    """The links and the script of a bundle, for the head of a page."""
    found = _manifest().get(name)
    if found is None:
        return Markup("<!-- {} was not built -->").format(name)
    tags = [
        Markup('<link rel="stylesheet" href="{}">').format(_url(sheet)) for sheet in _sheets(name)
    ]
    tags.append(Markup('<script type="module" src="{}"></script>').format(_url(found["file"])))
    return Markup("\n").join(tags)


def icon_href(name: str) -> str:
    """Where an icon lies in the sprite."""
    return f"{escape(_sprite())}#{name}"


def _sheets(name: str) -> list[str]:
    """A bundle's own sheets, then those of what it imports, each once."""
    manifest = _manifest()
    found: list[str] = []
    seen: set[str] = set()

    def walk(key: str) -> None:
        if key in seen or key not in manifest:
            return
        seen.add(key)
        for imported in manifest[key].get("imports", ()):
            walk(imported)
        found.extend(sheet for sheet in manifest[key].get("css", ()) if sheet not in found)

    walk(name)
    return found


@cache
def _read(modified: int) -> dict[str, Any]:
    path = DIST / "manifest.json"
    return dict(json.loads(path.read_text("utf-8"))) if modified else {}


def _manifest() -> dict[str, Any]:
    """Read again when the front end was built again."""
    path = DIST / "manifest.json"
    return _read(path.stat().st_mtime_ns if path.exists() else 0)


def _sprite() -> str:
    return _url(_manifest().get("icons.svg", {}).get("file", "missing/icons.svg"))


def _url(file: str) -> str:
    return url_for("static", filename=f"dist/{file}")


def _cache(response: Response) -> Response:
    """Hashed files never change; every page may hold a patient and is kept nowhere."""
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    elif response.status_code in (200, 206, 304):
        hashed = request.path.startswith("/static/dist/assets/")
        response.headers["Cache-Control"] = FOR_EVER if hashed else "no-cache"
    return response
