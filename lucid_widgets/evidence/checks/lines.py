"""The checks. Each takes the subjects and returns one line: figures, a verdict, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lucid_widgets.evidence.checks.similarity import (
    among,
    area_under_curve,
    features,
    in_common,
    layers_from,
    median,
    path_similarity,
    share_less_like,
    spearman,
)
from lucid_widgets.evidence.checks.subjects import ALIKE, FOUND, LEAST_SEEDS, Subjects, ordinary_values
from lucid_widgets.evidence.report import Line, Verdict
from lucid_widgets.frames import FloatArray

Values = Mapping[str, Mapping[str, FloatArray]]
"""Values of all units: by the name of the images, then by layer."""

CLEAR_GAP = 0.1
"""Least difference of two rank correlations that counts."""

LEAST_GAP = 0.03
"""Difference up to which they count as equal."""

SEPARATE = 0.9
"""Area under the curve from which two groups of images are kept apart."""

LIKE_REAL = 0.95
"""Least share of ordinary images that are less like the unit's real images: the usual level of significance."""


def data_line(subjects: Subjects, own: FloatArray) -> Line:
    """Compare the visualization's activation with those of real images."""
    unit, value = subjects.unit, float(np.max(own))
    highest, percentile = unit.max, unit.percentile(value)
    figures = {"value": value, "highest": highest, "percentile": percentile, "mean": unit.mean, "zeros": unit.zeros}
    count = f"{len(unit.index):,} images"
    if highest <= 0:
        what = "only the visualization does" if value > 0 else "neither does the visualization"
        return Line("Data", "do not rely on it", f"None of {count} activates the unit; {what}.", figures)
    words = unit.in_words(value)
    verdict: Verdict = (
        "consistent" if percentile >= 100 * FOUND else "mixed" if percentile >= 50 else "do not rely on it"
    )
    meaning = {
        "consistent": "so the optimization found what excites the unit",
        "mixed": "so real images excite the unit more than the visualization",
        "do not rely on it": "so the visualization does not excite the unit",
    }[verdict]
    return Line("Data", verdict, f"Its activation, {value:.3g}, is {words}, {meaning}.", figures)


def seeds_line(subjects: Subjects, values: Values) -> Line:
    """Compare visualizations from different seeds with each other, and with those of other units."""
    layer, without = _meeting(subjects)
    own, others = (features(subjects.index, layer, values[name][layer], without) for name in ("own", "others"))
    facets, ratio = _facets(subjects, values, layer, without)
    differing: dict[str, Any] = {"diverse": facets, "diverse_activation": ratio, "steps": subjects.steps}
    if len(own) < LEAST_SEEDS:
        text = f"Only one of {subjects.stuck + 1} seeds excites the unit, and the others got stuck. Try more steps."
        unknown = {"same": None, "other": None, "area": None}
        figures = differing | {"layer": layer, **unknown, "seeds": len(own), "stuck": subjects.stuck}
        return Line("Seeds", "mixed", text, figures)
    same, other = among(own), spearman(own, others).ravel()
    area = area_under_curve(same, other)
    figures = {
        "layer": layer,
        "same": float(same.mean()),
        "other": float(other.mean()),
        "area": area,
        "seeds": len(own),
        "stuck": subjects.stuck,
        **differing,
    }
    gap = float(same.mean() - other.mean())
    verdict: Verdict = (
        "consistent" if gap >= CLEAR_GAP and area >= SEPARATE else "mixed" if gap > LEAST_GAP else "do not rely on it"
    )
    meaning = (
        "seeds show one thing"
        if verdict == "consistent"
        else "not all seeds show the same"
        if gap >= CLEAR_GAP
        else "seeds hardly agree more than different units do"
    )
    text = (
        f"{len(own)} seeds agree to {same.mean():.2f} in {layer}, and to {other.mean():.2f} with other units: "
        f"{meaning}"
        f"{f' ({subjects.stuck} more got stuck)' if subjects.stuck else ''}. "
        f"Images made to differ agree to {facets:.2f}, and excite it {ratio:.2f} times as much"
        f"{': it has several facets' if facets < float(same.mean()) - CLEAR_GAP and ratio >= ALIKE else ''}."
    )
    return Line("Seeds", verdict, text, figures)


def method_line(fourier: tuple[FloatArray, FloatArray], pixels: tuple[FloatArray, FloatArray]) -> Line:
    """Compare parameterizations by one evaluator: untransformed, and under fixed transforms."""
    best = int(np.argmax(fourier[1]))
    plain, robust = float(fourier[0][best]), float(fourier[1][best])
    plain_pixels, robust_pixels = float(pixels[0][0]), float(pixels[1][0])
    figures = {
        "fourier": {"plain": plain, "transformed": robust},
        "pixels": {"plain": plain_pixels, "transformed": robust_pixels},
    }
    higher = max(robust, robust_pixels)
    ratio = min(robust, robust_pixels) / higher if higher > 0 else 0.0
    figures["ratio"] = {"transformed": ratio}
    verdict: Verdict = "consistent" if ratio >= ALIKE else "mixed"
    text = (
        f"Fourier and pixels excite the unit {'alike' if verdict == 'consistent' else 'differently'} "
        f"({robust:.3g} and {robust_pixels:.3g} under fixed transforms, {plain:.3g} and {plain_pixels:.3g} without)."
    )
    return Line("Method", verdict, text, figures)


def path_line(subjects: Subjects, values: Values, layers: Sequence[str]) -> Line:
    """Compare how the network processes the visualization and the unit's real images, layer by layer."""
    curves: dict[str, list[float | None]] = {"own": [], "others": [], "noise": []}
    shares: list[float | None] = []
    unit, count = subjects.unit, 0
    for layer in layers:
        without = unit.channel if layer == unit.layer else None
        top = features(subjects.index, layer, values["top"][layer], without)
        others = ordinary_values(unit, layer)
        count = len(others)
        ordinary = features(subjects.index, layer, others, without)
        for name, curve in curves.items():
            images = features(subjects.index, layer, values[name][layer], without)
            curve.append(path_similarity(images, top, ordinary) if count else None)
        own_images = features(subjects.index, layer, values["own"][layer], without)
        shares.append(None if curves["own"][-1] is None else share_less_like(own_images, top, ordinary))
    late = layers_from(subjects.index, unit.layer)
    places = [layers.index(layer) for layer in late if layer in layers] or [len(layers) - 1]
    own, other, noise, share = (median([curve[place] for place in places]) for curve in (*curves.values(), shares))
    figures = {
        "layers": list(layers),
        **curves,
        "shares": shares,
        "ordinary": count,
        "from": layers[places[0]],
        "late": {"own": own, "others": other, "noise": noise, "share": share},
    }
    since = f"From {layers[places[0]]} on" if len(places) > 1 else f"In {layers[places[0]]}"
    if own is None or other is None or share is None:
        text = (
            f"{since}, the images that excite the unit most have no more in common than ordinary ones, "
            "so there is nothing to compare with."
        )
        return Line("Path", "do not rely on it", text, figures)
    ahead = own - other
    verdict: Verdict = (
        "do not rely on it" if share < LIKE_REAL or ahead <= 0 else "consistent" if ahead >= CLEAR_GAP else "mixed"
    )
    how = {
        "consistent": "it is processed like the unit's real images",
        "mixed": "it is processed somewhat like the unit's real images",
        "do not rely on it": "it is not processed like the unit's real images",
    }[verdict]
    text = (
        f"{since}, {how}: more like them than {100 * share:.0f} % of {count} images that hardly excite it "
        f"({own:.2f}; other units' images {other:.2f})."
    )
    return Line("Path", verdict, text, figures)


def control_line(subjects: Subjects, values: Values) -> Line:
    """Compare with the same objective on a network whose weights were shuffled."""
    if "control" not in values:
        return Line(
            "Control", "mixed", "The weights of this kind of network cannot be shuffled, so there is no control."
        )
    layer, without = _meeting(subjects)
    own, control = (features(subjects.index, layer, values[name][layer], without) for name in ("own", "control"))
    if len(own) < LEAST_SEEDS:
        return Line("Control", "mixed", "Only one seed excites the unit, so there is nothing to compare.")
    same, similar = float(among(own).mean()), float(spearman(own, control).mean())
    real, ordinary = (
        features(subjects.index, layer, each, without)
        for each in (values["top"][layer], ordinary_values(subjects.unit, layer))
    )
    common = in_common(real, ordinary)
    chance = (
        0.0 if common is None or not len(subjects.chance) else area_under_curve(np.array([common]), subjects.chance)
    )
    figures = {"layer": layer, "same": same, "control": similar, "common": common, "chance": chance}
    gap = same - similar
    learned = chance >= LIKE_REAL
    verdict: Verdict = (
        "do not rely on it" if gap <= LEAST_GAP or not learned else "consistent" if gap >= CLEAR_GAP else "mixed"
    )
    what = "nothing similar" if gap >= CLEAR_GAP else "something similar"
    meaning = (
        "so it shows what was learned" if verdict == "consistent" else "so it may show the method, not what was learned"
    )
    text = (
        f"A network with shuffled weights gives {what} ({similar:.2f}; seeds of this one {same:.2f}), and the unit's "
        f"real images have more in common than those of {100 * chance:.0f} % of its units, {meaning}."
    )
    return Line("Control", verdict, text, figures)


def _facets(subjects: Subjects, values: Values, layer: str, without: int | None) -> tuple[float, float]:
    """How far images that were made to differ agree, and how strongly they excite the unit, relative to others."""
    agreement = float(among(features(subjects.index, layer, values["diverse"][layer], without)).mean())
    plain, apart = (
        float(np.mean(values[name][subjects.unit.layer][:, subjects.unit.channel])) for name in ("own", "diverse")
    )
    return agreement, apart / plain if plain > 0 else 0.0


def _meeting(subjects: Subjects) -> tuple[str, int | None]:
    """The layer at which visualizations are compared, and the unit's channel if it is the unit's own layer."""
    layer = layers_from(subjects.index, subjects.unit.layer)[0]
    return layer, subjects.unit.channel if layer == subjects.unit.layer else None


__all__ = ["control_line", "data_line", "method_line", "path_line", "seeds_line"]
