"""Add the editor's routes that preview and save changes. A change that causes a new problem is not saved."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, g, request

from tools.editor import front_matter, merge, pages, pictures, settings
from tools.editor.project import CONFIG, LEAFLETS, Changes, EditError, Project, edited_text, title_of
from tools.editor.workspace import BuildResult, ScratchCopy
from tools.publish.hosting import page_url_path

Json = dict[str, Any]


class ChangeRefused(Exception):
    """Raised if changes would cause new problems in the site. `build_result` contains these problems."""

    def __init__(self, build_result: BuildResult) -> None:
        self.build_result = build_result


class EditConflict(Exception):
    """Raised if someone else changed a page or setting after it was opened.

    `saved_data` is the saved version, as JSON for the browser.
    """

    def __init__(self, saved_data: Json) -> None:
        self.saved_data = saved_data


def request_json() -> Json:
    """Return the JSON object in the request's body. Raises EditError if there is none."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise EditError("The editor sent something that cannot be read.")
    return body


def problems_json(build_result: BuildResult) -> Json:
    """Return a build's new and older problems as JSON for the browser."""
    return {"problems": build_result.problems, "older": build_result.older_problems}


def url_path_of(path: str) -> str:
    """Return the URL path, without a leading slash, of the page or leaflet at `path`. Return "" for mkdocs.yml."""
    if path in LEAFLETS:
        return f"leaflets/{LEAFLETS[path][1]}"
    return "" if path == CONFIG else page_url_path(Path(path), Path("docs")).lstrip("/")


def publish(project: Project, scratch: ScratchCopy, prepare: Callable[[], tuple[str, Changes]], message: str) -> Json:
    """Publish the changes from `prepare`, unless they cause a new problem in the site.

    `prepare` also returns the path that the browser opens next. Return JSON with the status published, refused or
    conflict. Raises NotPublished if the Git host cannot be reached or refuses the change.
    """

    def prepare_and_build() -> tuple[tuple[str, BuildResult], Changes]:
        path, changes = prepare()
        build_result = scratch.build(changes)
        if build_result.problems:
            raise ChangeRefused(build_result)
        return (path, build_result), changes

    try:
        (path, build_result), changed_paths = project.save_changes(prepare_and_build, message, g.author)
    except ChangeRefused as refused:
        return {"status": "refused", **problems_json(refused.build_result)}
    except EditConflict as conflict:
        return {"status": "conflict", **conflict.saved_data}
    return {"status": "published", "path": path, "changed": changed_paths, **problems_json(build_result)}


def register_routes(app: Flask, project: Project, scratch: ScratchCopy) -> None:
    """Add to `app` the routes that preview and save changes."""
    _add_text_routes(app, project, scratch)
    _add_page_routes(app, project, scratch)
    _add_picture_routes(app, project)
    _add_setting_routes(app, project, scratch)


def _add_text_routes(app: Flask, project: Project, scratch: ScratchCopy) -> None:
    @app.post("/api/preview")
    def preview() -> Json:
        path, changes = _text_changes(project, request_json())
        leaflet = LEAFLETS[path][1] if path in LEAFLETS else ""
        build_result = scratch.build(changes, leaflet)
        return {
            **problems_json(build_result),
            "url": f"site/{build_result.site_number}/{url_path_of(path)}",
            "sheets": build_result.leaflet_page_count,
        }

    @app.post("/api/publish")
    def publish_text() -> Json:
        request_data = request_json()
        path = _text_path(request_data)

        def prepare() -> tuple[str, Changes]:
            changes = _text_changes(project, request_data)[1]
            saved_file = project.read(path)
            if saved_file.version != request_data.get("version") and saved_file.text != changes[path]:
                body = saved_file.text if path in LEAFLETS else front_matter.parse_page(saved_file.text).body
                merged_text = merge.merge_texts(
                    str(request_data.get("base") or ""), body, str(request_data.get("body"))
                )
                raise EditConflict({"body": body, "version": saved_file.version, "both": merged_text})
            return path, changes

        title = LEAFLETS[path][0] if path in LEAFLETS else title_of(path, project.read(path).text)
        with project.lock:
            response = publish(project, scratch, prepare, f"Change {title}")
            return response if response["status"] == "conflict" else {**response, "version": project.read(path).version}


def _text_path(request_data: Json) -> str:
    """Return the path of the page or leaflet that a request edits. Raises EditError for any other file."""
    path = Project.check_path(str(request_data.get("path")))
    if path == CONFIG or not path.endswith(".md"):
        raise EditError("The editor can only change pages, leaflets, pictures and settings.")
    return path


def _text_changes(project: Project, request_data: Json) -> tuple[str, dict[str, str | bytes | None]]:
    """Return the path of the edited page or leaflet, and the new text, by path, of each file to change.

    These files are the edited one and the pages that link to its reworded headings. Raises EditError if the path cannot
    be edited.
    """
    path = _text_path(request_data)
    description = request_data.get("description")
    text = edited_text(project, path, str(request_data.get("body")), None if description is None else str(description))
    changes: dict[str, str | bytes | None] = {path: text}
    if path not in LEAFLETS and (project.root / path).is_file():
        changes |= pages.anchor_link_changes(project, path, text)
    return path, changes


def _add_page_routes(app: Flask, project: Project, scratch: ScratchCopy) -> None:
    @app.post("/api/pages")
    def add() -> Json:
        request_data = request_json()
        message = f"Add the page {str(request_data.get('title'))[:60]}"
        with project.lock:
            response = publish(project, scratch, lambda: pages.add(project, request_data), message)
            if response["status"] != "published":
                return response
            saved_file = project.read(response["path"])
            body = front_matter.parse_page(saved_file.text).body
            body_with_template = pages.body_with_template(body, str(request_data.get("template")))
            return {**response, "body": body, "template": body_with_template, "version": saved_file.version}

    @app.post("/api/pages/rename")
    def rename() -> Json:
        request_data = request_json()
        path = Project.check_path(str(request_data.get("path")))
        title, slug = str(request_data.get("title") or ""), str(request_data.get("slug") or "")
        message = f"Rename the page {Path(path).stem}"
        return publish(project, scratch, lambda: pages.rename(project, path, title, slug), message)

    @app.post("/api/pages/delete")
    def delete() -> Json:
        request_data = request_json()
        path = Project.check_path(str(request_data.get("path")))
        redirect_target = str(request_data.get("instead") or "")
        message = f"Delete the page {Path(path).stem}"
        return publish(project, scratch, lambda: ("", pages.delete(project, path, redirect_target)), message)

    @app.post("/api/menu")
    def reorder() -> Json:
        sections = request_json().get("sections")
        return publish(project, scratch, lambda: ("", pages.reorder(project, sections)), "Change the menu")


def _add_picture_routes(app: Flask, project: Project) -> None:
    @app.post("/api/pictures")
    def upload() -> Json:
        name = str(request.args.get("name") or "picture.png")
        return {"path": pictures.store_picture(project, name, request.get_data(cache=False), g.author)}

    @app.delete("/api/pictures")
    def remove() -> tuple[Json, int]:
        pictures.delete_picture(project, str(request.args.get("path")), g.author)
        return {"status": "deleted"}, HTTPStatus.OK


def _add_setting_routes(app: Flask, project: Project, scratch: ScratchCopy) -> None:
    @app.get("/api/settings")
    def groups() -> Json:
        return {"groups": settings.groups()}

    @app.get("/api/settings/<group>")
    def form(group: str) -> Json:
        return settings.form(project, group, str(request.args.get("version") or ""))

    @app.post("/api/settings/preview")
    def preview_settings() -> Json:
        request_data = request_json()
        build_result = scratch.build(settings.changes(project, request_data.get("values")))
        url = f"site/{build_result.site_number}/{settings.preview_path(project, str(request_data.get('group')))}"
        field_problems = settings.field_problems(request_data.get("values") or {})
        return {**problems_json(build_result), "url": url, "sheets": 0, "fields": field_problems}

    @app.post("/api/settings")
    def publish_settings() -> Json:
        request_data = request_json()

        def prepare() -> tuple[str, Changes]:
            if saved_values := settings.concurrent_changes(
                project, request_data.get("values"), request_data.get("seen")
            ):
                raise EditConflict({"now": saved_values})
            return CONFIG, settings.changes(project, request_data.get("values"))

        response = publish(
            project, scratch, prepare, f"Change the settings: {settings.form_titles(request_data.get('values'))}"
        )
        if response["status"] != "published":
            return response
        return {
            **response,
            "left": settings.leftover_value_messages(project, request_data.get("seen") or {}, request_data["values"]),
        }
