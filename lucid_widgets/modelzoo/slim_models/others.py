"""Lucid's NASNets from TF-Slim."""

from __future__ import annotations

from lucid_widgets.modelzoo.slim_models._slim import CLASSES, FOLDER, Slim

__all__ = ["NasnetLarge_slim", "NasnetMobile_slim", "PnasnetLarge_slim", "PnasnetMobile_slim"]


def _cells(
    first: int, stem: tuple[int, int], cells: int, channels: tuple[int, ...], reduced: tuple[int, ...] = ()
) -> dict[str, int]:
    """Layers of a NASNet: the stem, then three groups of cells, each with twice the channels of the previous one."""
    listed = {"conv0/Conv2D": first}
    listed.update({f"cell_stem_{number}/cell_output/concat": count for number, count in enumerate(stem)})
    for group, count in enumerate(channels):
        numbers = range(group * cells, (group + 1) * cells)
        listed.update({f"cell_{number}/cell_output/concat": count for number in numbers})
        if group < len(reduced):
            listed[f"reduction_cell_{group}/cell_output/concat"] = reduced[group]
    return {**listed, "final_layer/predictions": CLASSES}


class NasnetMobile_slim(Slim):
    """NASNet-A Mobile."""

    source = f"{FOLDER}/NasnetMobile.pb"
    alternative = "keras.applications.NASNetMobile()"
    listed = _cells(32, (44, 88), 4, (264, 528, 1056), (352, 704))


class NasnetLarge_slim(Slim):
    """NASNet-A Large."""

    source = f"{FOLDER}/NasnetLarge.pb"
    alternative = "keras.applications.NASNetLarge()"
    image_shape = (331, 331, 3)
    listed = _cells(96, (168, 336), 6, (1008, 2016, 4032), (1344, 2688))


class PnasnetMobile_slim(Slim):
    """PNASNet-5 Mobile."""

    source = f"{FOLDER}/PnasnetMobile.pb"
    listed = _cells(32, (65, 135), 3, (270, 540, 1080))


class PnasnetLarge_slim(Slim):
    """PNASNet-5 Large."""

    source = f"{FOLDER}/PnasnetLarge.pb"
    image_shape = (331, 331, 3)
    listed = _cells(96, (270, 540), 4, (1080, 2160, 4320))
