"""The commands `python -m lucid_widgets render-model` and `python -m lucid_widgets site`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import Any

from lucid_widgets.errors import LucidError
from lucid_widgets.microscope.progress import Progress
from lucid_widgets.microscope.publishing import site
from lucid_widgets.microscope.rendering import ModelRendering
from lucid_widgets.misc._optional import needed
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.outside import in_log

INTERRUPTED = 130
"""Exit status after Ctrl-C."""


def add_to(commands: Any) -> None:
    """Add the commands to those of `argparse`."""
    command = commands.add_parser(
        "render-model",
        help="render every unit of a network into a store",
        description="Render every channel of some layers of a network into a store. The same command goes on where an "
        "earlier one was interrupted. Ctrl-C ends it after the tasks under way; twice ends it at once.",
    )
    command.add_argument("model", help="name of a network of the zoo, such as EmojiNet, or the path of a network")
    command.add_argument("--layers", nargs="+", metavar="LAYER", help="the layers; default: all with channels")
    command.add_argument("--out", default="my_microscope", help="folder or URL of the store; default: %(default)s")
    command.add_argument("--steps", type=int, default=64, help="steps per image; default: %(default)s")
    command.add_argument("--image-size", type=int, help="longer side of the images in pixels")
    command.add_argument("--seeds", type=int, nargs="+", default=[0], help="seeds, one image each; default: 0")
    command.add_argument("--negative", action="store_true", help="render also what inhibits each unit")
    command.add_argument("--neurons", action="store_true", help="render also the neuron in the center of each channel")
    command.add_argument("--images", metavar="PATH", help="folder or zip of real images that excite the units")
    command.add_argument("--transforms", help="affine, standard, crops, tokens or nothing; default: by network")
    command.add_argument("--batch", type=int, help="images per task")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, help="number of processes on this machine")
    where.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://10.0.0.1:8786")
    command.add_argument("--verify", action="store_true", help="render images again that differ from their checksums")
    command.set_defaults(run=run)
    command = commands.add_parser(
        "site",
        help="write a store as pages that open from a folder",
        description="Write a store of `render-model` as pages that open from a folder, without a server.",
    )
    command.add_argument("store", help="folder or URL of the store")
    command.add_argument("out", nargs="?", default="site", help="folder of the site; default: %(default)s")
    command.add_argument("--evidence", metavar="FOLDER", help="an ActivationIndex, whose real images the pages show")
    command.set_defaults(run=run_site)


def run(arguments: argparse.Namespace) -> int:
    """Run the command `render-model`, and return the exit status."""
    client = None
    if arguments.scheduler:
        distributed = needed("distributed", "--scheduler", "microscope")
        client = distributed.Client(arguments.scheduler)
    try:
        return _render(arguments, client)
    except LucidError as error:
        print(in_log(error), file=sys.stderr)
        return 1
    finally:
        if client is not None:
            client.close()


def run_site(arguments: argparse.Namespace) -> int:
    """Run the command `site`, and return the exit status."""
    try:
        print(in_log(site(arguments.store, arguments.out, evidence=arguments.evidence)))
    except LucidError as error:
        print(in_log(error), file=sys.stderr)
        return 1
    return 0


def _render(arguments: argparse.Namespace, client: Any) -> int:
    rendering = ModelRendering(
        arguments.model,
        arguments.layers,
        arguments.out,
        steps=arguments.steps,
        image_size=arguments.image_size,
        seeds=arguments.seeds,
        negative=arguments.negative,
        neurons=arguments.neurons,
        images=arguments.images,
        transforms=arguments.transforms,
        batch=arguments.batch,
        workers=arguments.workers,
        client=client,
        verify=arguments.verify,
    )

    def stop(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
        rendering.cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        found = rendering.run(on_progress=None if shows_progress() else _print)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for unit, reason in rendering.failures.items():
        print(f"{in_log(unit)}: {in_log(reason)}", file=sys.stderr)
    print(in_log(found))
    unfinished = rendering.progress.done < rendering.progress.total
    if unfinished:
        print("Stopped. The same command goes on where it was.")
    return INTERRUPTED if unfinished else 0


def _print(progress: Progress) -> None:
    print(progress, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that some words name, and return the exit status.

    Args:
        words: The words; default: those of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m lucid_widgets")
    add_to(parser.add_subparsers(required=True, metavar="command"))
    arguments = parser.parse_args(words)
    status: int = arguments.run(arguments)
    return status


__all__ = ["add_to", "main", "run", "run_site"]
