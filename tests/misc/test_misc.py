"""The other modules of `misc`: channel reduction, resizing, nested sequences, stimuli, meshes."""

from __future__ import annotations

import copy
import importlib
import io
import math
from typing import Any

import numpy as np
import pytest

from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.misc import _optional
from lucid_widgets.misc.channel_reducer import ChannelReducer
from lucid_widgets.misc.convert_matplotlib import matplotlib_to_numpy
from lucid_widgets.misc.environment import is_notebook_environment
from lucid_widgets.misc.gl import glcontext, glrenderer, meshutil
from lucid_widgets.misc.gl.mesh_image import _pixels, mesh_image
from lucid_widgets.misc.graph_analysis.overlay_graph import OverlayGraph
from lucid_widgets.misc.iter_nd_utils import batch_iter, dict_to_ndarray, recursive_enumerate_nd
from lucid_widgets.misc.ndimage_utils import composite, resize, soft_alpha_blend
from lucid_widgets.misc.stimuli import rmin, rounded_corner, sample_binary_image
from lucid_widgets.optvis import overrides

RNG = np.random.default_rng(1)


class TestChannelReducer:
    acts = RNG.random((4, 5, 6))

    def test_inverts_the_reduction_of_low_rank_activations(self) -> None:
        # Two directions are all there is, so nothing is lost.
        directions = np.asarray([[1.0, 0, 2, 0], [0, 3, 0, 1]])
        acts = RNG.random((4, 5, 2)) @ directions
        reducer = ChannelReducer(np.int64(2), max_iter=2000, tol=1e-6, init="nndsvda")  # type: ignore[arg-type]
        reduced = reducer.fit_transform(acts)
        assert reduced.shape == (4, 5, 2)
        assert reducer.components.shape == (2, 4)
        np.testing.assert_allclose(reducer.inverse_transform(reduced), acts, atol=0.02)
        np.testing.assert_allclose(reducer(acts), reducer.transform(acts))

    def test_accepts_any_decomposition_of_scikit_learn(self) -> None:
        reducer = ChannelReducer(3, "PCA").fit(self.acts)
        flat = self.acts.reshape(-1, 6)
        _, _, axes = np.linalg.svd(flat - flat.mean(0))
        np.testing.assert_allclose(np.abs(reducer.components @ axes[:3].T), np.eye(3), atol=1e-6)
        with pytest.raises(ArgumentError, match=r"no decomposition 'NFM'.*Did you mean 'NMF'"):
            ChannelReducer(3, "NFM")
        with pytest.raises(OutOfRangeError):
            ChannelReducer(0)

    def test_can_be_copied_and_has_no_other_attributes(self) -> None:
        reducer = ChannelReducer(2, "PCA")
        assert not hasattr(reducer, "components")
        assert not hasattr(reducer, "nonsense")
        copied = copy.copy(reducer.fit(self.acts))
        np.testing.assert_array_equal(copied.components, reducer.components)

    def test_says_how_to_install_scikit_learn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> Any:
            raise ModuleNotFoundError(name=name.partition(".")[0])

        monkeypatch.setattr(_optional.importlib, "import_module", missing)
        with pytest.raises(ArgumentError, match=r'needs sklearn.*pip install "lucid-widgets\[misc\]"'):
            ChannelReducer()


class TestImages:
    def test_resizes_by_size_or_ratio(self) -> None:
        image = RNG.random((2, 4, 6, 3))
        assert resize(image, target_size=[8, 3]).shape == (2, 8, 3, 3)
        assert resize(image, ratios=0.5).shape == (2, 2, 3, 3)
        assert resize(image, [4, 6]) is image
        ramp = np.linspace(0, 1, 5)[None, :, None] * np.ones((3, 1, 1))
        np.testing.assert_allclose(resize(ramp, (3, 9), order=1)[0, :, 0], np.linspace(0, 1, 9))
        for sizes in ({}, {"target_size": (2, 2), "ratios": 1}):
            with pytest.raises(ArgumentError, match="neither or both"):
                resize(image, **sizes)  # type: ignore[arg-type]

    def test_composite_pastes_within_the_background(self) -> None:
        # The position is a share of the free space: 8 - 2 = 6 rows and columns.
        pasted = composite(np.zeros((8, 8, 3)), np.ones((2, 2, 3)), 0.25, (0.5, 0.875))
        expected = np.zeros((8, 8, 3))
        expected[3:5, 5:7] = 1
        np.testing.assert_allclose(pasted, expected)
        assert composite(np.zeros((10, 10, 1)), np.ones((2, 2, 1)), 0.2, (1, 1)).sum() == 4
        assert composite(np.zeros((8, 8, 1)), np.ones((2, 2, 1)), 0).sum() == 0
        assert composite(np.zeros((8, 8, 1)), np.ones((2, 2, 1)), 0.25, (1.2, -0.2))[7, 0] == 1

    def test_soft_alpha_blend_fades_transparent_pixels(self) -> None:
        image = np.asarray([[0.5, 0.2, 0.1, 1.0], [0.5, 0.2, 0.1, 0.0], [0.0, 0, 0, 0.5]])
        blended = soft_alpha_blend(image)
        np.testing.assert_allclose(blended[0], image[0, :3])
        np.testing.assert_allclose(blended[1], 0.333 * image[1, :3] + 0.667)
        np.testing.assert_allclose(blended[2], (0.5 * 0.667**2.2) ** (1 / 2.2))
        with pytest.raises(ArgumentError, match="four channels"):
            soft_alpha_blend(image[:, :3])


class TestNested:
    def test_enumerates_nested_sequences(self) -> None:
        nested = [["ab", np.float32(1)], [[np.asarray(2)]], 3]
        assert list(recursive_enumerate_nd(nested)) == [((0, 0), "ab"), ((0, 1), 1), ((1, 0, 0), 2), ((2,), 3)]
        by_pairs = recursive_enumerate_nd([[[1, 2], [3, 4]]], stop_iter=lambda each: each[0] in (1, 3))
        assert list(by_pairs) == [((0, 0), [1, 2]), ((0, 1), [3, 4])]

    def test_dict_to_ndarray_fills_gaps_with_zeros(self) -> None:
        array = dict_to_ndarray({(0, 1): [1, 2], (2, 0): [3.5, 4]})
        assert array.shape == (3, 2, 2)
        assert array[0, 1].tolist() == [1, 2]
        assert array[2, 0].tolist() == [3.5, 4]
        assert array.sum() == 10.5
        for bad in ({}, {(0,): [1], (1,): [1, 2]}, {(0,): 1, (1, 1): 1}):
            with pytest.raises(ArgumentError, match="dict_to_ndarray"):
                dict_to_ndarray(bad)  # type: ignore[arg-type]

    def test_batch_iter_ends_with_a_shorter_batch(self) -> None:
        assert list(batch_iter([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
        assert list(batch_iter(iter("ab"))) == [["a", "b"]]
        with pytest.raises(OutOfRangeError):
            list(batch_iter([1], 0))


class TestStimuli:
    def test_a_disk_has_its_area_and_colors(self) -> None:
        @sample_binary_image(40, color_a=(0, 0, 1), color_b=(1, 0, 0))
        def disk(X: Any, Y: Any) -> Any:
            return X**2 + Y**2 - 12**2

        assert disk.shape == (40, 40, 3)
        assert disk[20, 20].tolist() == [1, 0, 0]
        assert disk[0, 0].tolist() == [0, 0, 1]
        assert disk[..., 0].sum() == pytest.approx(math.pi * 12**2, rel=0.01)

    def test_y_points_down_and_the_center_is_half_the_size(self) -> None:
        half = sample_binary_image(10)(lambda X, Y: Y)
        assert half[:5, 0].max() == 0
        assert half[6:, 0].min() == 1
        assert 0.1 < half[5, 0, 0] < 0.9

    def test_draws_only_the_boundary(self) -> None:
        line = sample_binary_image(21, boundary_line=True, boundary_width=2, unknown=3)(lambda X, Y: X)
        assert line[0, 10].tolist() == [0, 0, 0]
        assert line[:, :7].min() == line[:, 14:].min() == 1
        assert (1 - line[0, :, 0]).sum() == pytest.approx(4, abs=0.5)

    def test_blurs_and_fades_with_distance(self) -> None:
        sharp, blurred, faded = (
            sample_binary_image(61, **more)(lambda X, Y: X)
            for more in ({}, {"blur_beyond_radius": 10}, {"fade_beyond_radius": 10, "fade_over_distance": 10})
        )
        np.testing.assert_array_equal(faded[0, 0], [0.5, 0.5, 0.5])
        np.testing.assert_array_equal(faded[30, 22:38], sharp[30, 22:38])
        np.testing.assert_array_equal(blurred[30, 22:38], sharp[30, 22:38])
        assert 0.1 < blurred[0, 31, 0] < 0.9
        assert sharp[0, 32, 0] == 1

    def test_corners_have_their_angle_and_orientation(self) -> None:
        assert rmin(5, 9, 3) == 5
        assert rmin(1, 1, 3) == pytest.approx(1 - 3 * (1 - math.sqrt(0.5)))
        assert rmin(3, 0, 3) == pytest.approx(0)
        right = rounded_corner(0, r=0, size=41)
        # White, opening to the right from the center, its sides at 45 degrees.
        assert right[20, 35, 0] == right[28, 32, 0] == 1
        assert right[20, 5, 0] == right[5, 20, 0] == right[35, 20, 0] == right[12, 10, 0] == 0
        # 90 degrees are clockwise, and the rounded tip stays in the center.
        assert rounded_corner(90, r=0, size=41)[35, 20, 0] == 1
        rounded = rounded_corner(0, r=12, size=41)
        assert rounded[20, 18, 0] == 0
        assert rounded[20, 22, 0] == 1
        assert rounded[27, 24, 0] == 1
        assert right[27, 24, 0] == 0
        with pytest.raises(ArgumentError, match="angular_width is 180"):
            rounded_corner(0, 1, angular_width=180)


class TestMeshes:
    def test_projections_match_opengl(self) -> None:
        projection = meshutil.perspective(90, 2, 1, 3)
        assert projection[2, 3] == -1  # for points in rows, as in Lucid: p @ modelview.T @ projection
        # The corners of what is seen are the corners of a cube.
        np.testing.assert_allclose(meshutil.homotrans(projection.T, [2, 1, -1]), [1, 1, -1], atol=1e-6)
        np.testing.assert_allclose(meshutil.homotrans(projection.T, [-6, -3, -3]), [-1, -1, 1], atol=1e-6)
        corner = meshutil.frustum(-1, 3, -2, 1, 1, 3)  # Lucid's is wrong where bottom differs from -top
        np.testing.assert_allclose(meshutil.homotrans(corner.T, [3, -2, -1]), [1, -1, -1], atol=1e-6)
        with pytest.raises(ArgumentError, match="frustum is empty"):
            meshutil.frustum(1, 1, 0, 1, 1, 2)

    def test_views_look_at_the_target(self) -> None:
        view = meshutil.lookat((0, 0, 5))
        np.testing.assert_allclose(
            meshutil.homotrans(view, [[0, 0, 0], [1, 2, 0]]), [[0, 0, -5], [1, 2, -5]], atol=1e-6
        )
        for _ in range(5):
            sampled = meshutil.sample_view(2, 3)
            assert 2 <= -meshutil.homotrans(sampled, [0, 0, 0])[2] <= 3.001
            np.testing.assert_allclose(sampled[:3, :3] @ sampled[:3, :3].T, np.eye(3), atol=1e-5)
        np.testing.assert_allclose(meshutil.normalize([[3.0, 4], [0, 0]], axis=1), [[0.6, 0.8], [0, 0]])

    def test_a_picture_has_the_texture_where_the_mesh_is(self) -> None:
        texture = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], np.uint8)
        square = {
            "position": [[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]],
            "uv": [[0, 0], [1, 0], [1, 1], [0, 1]],
            "face": [0, 1, 2, 0, 2, 3],
        }
        image = mesh_image(square, texture, (1, 2, 3), size=101)
        assert image.shape == (101, 101, 3)
        # The sphere around the square touches the edges of the view, which are 42° apart.
        shown = (image != (1, 2, 3)).any(2)
        assert abs(shown[50].sum() - 101 * np.cos(np.radians(21)) / np.sqrt(2)) < 2
        assert image[40, 40].tolist() == [255, 0, 0]  # the first row of a texture is at v = 1, above
        assert image[40, 60].tolist() == [0, 255, 0]
        assert image[60, 40].tolist() == [0, 0, 255]
        assert image[60, 60].tolist() == [9, 9, 9]
        far = {**square, "position": 100 * np.array(square["position"]) + 1000}
        assert np.mean(mesh_image(far, texture, (1, 2, 3), size=101) != image) < 0.01  # rounding, at the edges

    def test_a_picture_shows_the_nearest_triangles(self) -> None:
        both = {
            "position": [[x, y, z] for z in (1, -1) for x, y in ((-1, -1), (1, -1), (0, 1))],
            "uv": [[0.1, 0.5]] * 3 + [[0.9, 0.5]] * 3,
        }
        texture = np.array([[[200, 0, 0], [0, 200, 0]]], np.uint8)
        for face in ([0, 1, 2, 3, 4, 5], [3, 4, 5, 0, 1, 2]):
            assert mesh_image({**both, "face": face}, texture, size=64)[32, 32].tolist() == [200, 0, 0]
        edge_on = {**both, "face": [0, 0, 1]}  # a triangle without area
        assert (mesh_image(edge_on, texture, size=8) == 255).all()
        assert (mesh_image({**both, "face": []}, texture, size=8) == 255).all()

    def test_many_large_triangles_make_the_picture_smaller(self, monkeypatch: pytest.MonkeyPatch) -> None:
        most = 100_000
        looked_at: list[int] = []

        def pixels(*args: Any) -> Any:
            found = _pixels(*args)
            looked_at.append(len(found[0]))
            return found

        monkeypatch.setattr("lucid_widgets.misc.gl.mesh_image._MOST_PIXELS", most)
        monkeypatch.setattr("lucid_widgets.misc.gl.mesh_image._pixels", pixels)
        corners = np.random.default_rng(0).normal(size=(900, 3))
        soup = {"position": corners, "uv": np.full((900, 2), 0.5), "face": np.arange(900)}
        image = mesh_image(soup, np.zeros((1, 1, 3), np.uint8))
        assert 30 < len(image) < 360
        assert most / 2 < looked_at[0] < 1.5 * most
        assert not image[len(image) // 2, len(image) // 2].any()

    def test_reads_obj_files(self) -> None:
        text = "# cube side\nv 0 0 0\nv 2 0 0\nv 2 2 0\nv 0 2 0\nvt 0 0\nvt 1 1\nf 1/1 2/1 3/2 -1/2\n"
        for file in (io.StringIO(text), io.BytesIO(text.encode())):
            mesh = meshutil.load_obj(file)
        assert mesh["face"].tolist() == [0, 1, 2, 0, 2, 3]
        assert mesh["face"].dtype == np.int32
        assert mesh["position"].tolist() == [[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]]
        assert mesh["uv"].tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
        assert "normal" not in mesh
        centred = meshutil.normalize_mesh(mesh)["position"]
        np.testing.assert_allclose(np.abs(centred[:, :2]), 1)  # the corners of the square, in a cube of -1 to 1
        mixed = meshutil.load_obj(io.StringIO("v 0 0 0\nv 1 0 0\nv 0 1 0\nvn 0 0 1\nf 1//1 2 3"))
        assert mixed["normal"].tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
        with pytest.raises(ArgumentError, match="Line 2 of the mesh"):
            meshutil.load_obj(io.StringIO("v 0 0 0\nf 1 2 3"))
        with pytest.raises(ArgumentError, match="no faces"):
            meshutil.load_obj(io.StringIO("v 0 0 0"))


def test_converts_matplotlib_figures() -> None:
    class Figure:
        def savefig(self, file: Any, format: str) -> None:
            from_pillow = importlib.import_module("PIL.Image").new("RGB", (3, 2), (255, 0, 51))
            from_pillow.save(file, format)

    image = matplotlib_to_numpy(Figure())
    assert image.shape == (2, 3, 4)
    np.testing.assert_allclose(image[0, 0], [1, 0, 0.2, 1])


def test_detects_that_this_is_not_a_notebook() -> None:
    assert not is_notebook_environment()


def test_facades_export_the_same_objects() -> None:
    for module, name in [
        ("gradient_override", "gradient_override_map"),
        ("gradient_override", "use_gradient"),
        ("redirected_relu_grad", "redirected_relu_grad"),
    ]:
        assert getattr(importlib.import_module(f"lucid_widgets.misc.{module}"), name) is getattr(overrides, name)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda: glcontext.create_opengl_context((640, 480)), "meshutil"),
        (lambda: glrenderer.MeshRenderer((640, 480)), "meshutil"),
        (lambda: OverlayGraph("a graph"), r"model\.layers"),
    ],
)
def test_removed_functions_say_what_to_use(call: Any, advice: str) -> None:
    with pytest.raises(ArgumentError, match=advice):
        call()
