"""The name of a bundle comes in; the hashed addresses that Vite gave its files go out."""

import gzip
import json
import mimetypes
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"
COMPRESSED = (".js", ".css", ".svg", ".json")
FOR_EVER = "public, max-age=31536000, immutable"


def serve(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, bundle=bundle, icon_href=icon_href)
    app.add_url_rule("/static/<path:filename>", "static", static_file)
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


def static_file(filename: str) -> Response:
    """From memory, compressed once: there are few, and they are asked for again and again."""
    path = safe_join(str(STATIC), filename)
    if path is None or not Path(path).is_file():
        raise NotFound
    file = Path(path)
    content, compressed = _content(file, file.stat().st_mtime_ns)
    gzip_it = compressed is not None and request.accept_encodings.quality("gzip") > 0
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    response = Response(compressed if gzip_it else content, mimetype=kind)
    if gzip_it:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.add_etag()
    response.make_conditional(request)
    return response


@lru_cache(maxsize=200)
def _content(file: Path, _modified: int) -> tuple[bytes, bytes | None]:
    content = file.read_bytes()
    return content, gzip.compress(content, mtime=0) if file.suffix in COMPRESSED else None


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
