from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelzoo.tiny_nets import VALUE_RANGE, two_towers, write

from lucid_widgets.modelzoo.vision_models import GraphDefModel, from_graphdef


@pytest.fixture(scope="session")
def towers_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(two_towers(), tmp_path_factory.mktemp("models") / "towers.pb")


@pytest.fixture
def towers(towers_file: Path) -> GraphDefModel:
    return from_graphdef(towers_file, image_value_range=VALUE_RANGE, image_shape=(8, 8, 3))


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Writes a GraphDef to a file and loads it."""

    def load_graph(definition: Any, **settings: Any) -> GraphDefModel:
        return from_graphdef(write(definition, tmp_path / "net.pb"), **settings)

    return load_graph
