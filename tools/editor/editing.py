"""The editor's writing routes: each change is built first, and written only if it causes no new problem."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, request

from tools.editor import front_matter, pages, pictures, settings
from tools.editor.project import CONFIG, LEAFLETS, Changes, EditError, Project, text_from, title_of
from tools.editor.workspace import Built, Scratch
from tools.publish.hosting import page_address

Answer = dict[str, Any] | tuple[dict[str, Any], int]


def _asked() -> dict[str, Any]:
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise EditError("The editor sent something that cannot be read.")
    return found


def _text_changes(project: Project, asked: dict[str, Any]) -> tuple[str, dict[str, str | bytes | None]]:
    """Return the path of the page or leaflet that was edited, and all changes that follow."""
    path = Project.check(str(asked.get("path")))
    if path == CONFIG or not path.endswith(".md"):
        raise EditError("The editor changes pages, leaflets, pictures and settings only.")
    description = asked.get("description")
    text = text_from(project, path, str(asked.get("body")), None if description is None else str(description))
    changes: dict[str, str | bytes | None] = {path: text}
    if path not in LEAFLETS and (project.root / path).is_file():
        changes |= pages.anchors_follow(project, path, text)
    return path, changes


def shown(path: str) -> str:
    """Return the URL path of the page or leaflet that shows the file best."""
    if path in LEAFLETS:
        return f"leaflets/{LEAFLETS[path][1]}"
    return "" if path == CONFIG else page_address(Path(path), Path("docs")).lstrip("/")


def _told(built: Built) -> dict[str, Any]:
    return {"problems": built.problems, "older": built.older}


def publish(project: Project, scratch: Scratch, changes: Changes, message: str) -> Answer:
    """Write `changes` unless they cause a problem that would stop the build."""
    with project.lock:
        built = scratch.build(changes)
        if built.problems:
            return {"status": "refused", **_told(built)}
        changed = project.write(changes, message)
    return {"status": "published", "changed": changed, **_told(built)}


def register(app: Flask, project: Project, scratch: Scratch) -> None:
    """Add the routes to `app`."""
    _words(app, project, scratch)
    _pages(app, project, scratch)
    _pictures(app, project)
    _settings(app, project, scratch)


def _words(app: Flask, project: Project, scratch: Scratch) -> None:
    @app.post("/api/preview")
    def preview() -> Answer:
        path, changes = _text_changes(project, _asked())
        leaflet = LEAFLETS[path][1] if path in LEAFLETS else ""
        built = scratch.build(changes, leaflet)
        return {**_told(built), "url": f"site/{built.number}/{shown(path)}", "sheets": built.sheets}

    @app.post("/api/publish")
    def publish_words() -> Answer:
        asked = _asked()
        with project.lock:
            path, changes = _text_changes(project, asked)
            saved = project.read(path)
            if saved.version != asked.get("version"):
                body = saved.text if path in LEAFLETS else front_matter.parse(saved.text).body
                return {"status": "conflict", "body": body, "version": saved.version}
            title = LEAFLETS[path][0] if path in LEAFLETS else title_of(path, saved.text)
            answer = publish(project, scratch, changes, f"Change {title}")
            if isinstance(answer, dict):
                answer["version"] = project.read(path).version
            return answer


def _pages(app: Flask, project: Project, scratch: Scratch) -> None:
    @app.post("/api/pages")
    def add() -> Answer:
        with project.lock:
            path, changes = pages.add(project, _asked())
            return _with_path(publish(project, scratch, changes, f"Add the page {Path(path).stem}"), path)

    @app.post("/api/pages/rename")
    def rename() -> Answer:
        asked = _asked()
        with project.lock:
            old = Project.check(str(asked.get("path")))
            path, changes = pages.rename(project, old, str(asked.get("title") or ""), str(asked.get("slug") or ""))
            return _with_path(publish(project, scratch, changes, f"Rename the page {Path(old).stem}"), path)

    @app.post("/api/pages/delete")
    def delete() -> Answer:
        asked = _asked()
        with project.lock:
            path = Project.check(str(asked.get("path")))
            changes = pages.delete(project, path, str(asked.get("instead") or ""))
            return publish(project, scratch, changes, f"Delete the page {Path(path).stem}")

    @app.post("/api/menu")
    def order() -> Answer:
        with project.lock:
            changes = pages.reorder(project, _asked().get("sections"))
            return publish(project, scratch, changes, "Change the menu")


def _with_path(answer: Answer, path: str) -> Answer:
    return {**answer, "path": path} if isinstance(answer, dict) else answer


def _pictures(app: Flask, project: Project) -> None:
    @app.post("/api/pictures")
    def send() -> Answer:
        name = str(request.args.get("name") or "picture.png")
        return {"path": pictures.store(project, name, request.get_data(cache=False))}

    @app.delete("/api/pictures")
    def remove() -> Answer:
        pictures.delete(project, str(request.args.get("path")))
        return {"status": "deleted"}, HTTPStatus.OK


def _settings(app: Flask, project: Project, scratch: Scratch) -> None:
    @app.get("/api/settings")
    def groups() -> Answer:
        return {"groups": settings.groups()}

    @app.get("/api/settings/<group>")
    def form(group: str) -> Answer:
        return settings.form(project, group)

    @app.post("/api/settings/preview")
    def preview_settings() -> Answer:
        asked = _asked()
        built = scratch.build(settings.changes(project, asked.get("values")))
        url = f"site/{built.number}/{settings.shown(project, str(asked.get('group')))}"
        return {**_told(built), "url": url, "sheets": 0, "fields": settings.wrong_fields(asked.get("values") or {})}

    @app.post("/api/settings")
    def publish_settings() -> Answer:
        asked = _asked()
        with project.lock:
            saved = project.read(CONFIG)
            if saved.version != asked.get("version") and not asked.get("anyway"):
                return {"status": "conflict", "version": saved.version}
            answer = publish(project, scratch, settings.changes(project, asked.get("values")), "Change the settings")
            if isinstance(answer, dict):
                answer["version"] = project.read(CONFIG).version
            return answer
