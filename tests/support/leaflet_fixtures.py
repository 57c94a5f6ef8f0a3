"""Fixtures: the leaflets, built once for all tests, in a temporary folder."""

from pathlib import Path

import pytest

from leaflet.build import Leaflet, build_all
from service_profile import Service, load
from tests.support.build_once import shared_folder


@pytest.fixture(scope="session")
def service() -> Service:
    return load()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of finished leaflets, which the processes of a test run share."""
    return shared_folder(tmp_path_factory) / "leaflets-cache"


@pytest.fixture(scope="session")
def leaflets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("leaflets")


@pytest.fixture(scope="session")
def leaflets(leaflets_folder: Path, cache: Path, service: Service) -> list[Leaflet]:
    return build_all(leaflets_folder, service, cache)


@pytest.fixture(scope="session")
def pdf_paths(leaflets_folder: Path, leaflets: list[Leaflet]) -> dict[str, Path]:
    """Return a dict from the file name of each PDF, without extension, to its path."""
    return {leaflet.file.removesuffix(".pdf"): leaflets_folder / leaflet.file for leaflet in leaflets}
