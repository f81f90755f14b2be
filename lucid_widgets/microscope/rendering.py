"""`render_model`: images of every unit of some layers, on this machine or on the workers of a Dask cluster."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.microscope.examples import Examples, refuse_remote
from lucid_widgets.microscope.opened import Microscope
from lucid_widgets.microscope.plan import Plan, make_plan
from lucid_widgets.microscope.progress import Progress, Tracker
from lucid_widgets.microscope.running import Control, Outcome, local_cluster, run_here, run_on
from lucid_widgets.microscope.store import Store, checksum
from lucid_widgets.microscope.tasks import Task, variants_of
from lucid_widgets.misc.environment import shows_progress
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.misc.waiting import ProgressBar, ticking
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis.arguments import as_flag

_log = logging.getLogger(__name__)


@suggest_keywords
def render_model(
    model: Any,
    layers: Any = None,
    out: str | os.PathLike[str] = "my_microscope",
    *,
    steps: int = 64,
    image_size: int | None = None,
    seeds: Sequence[int] | int = 0,
    negative: bool = False,
    neurons: bool = False,
    images: Any = None,
    transforms: Any = None,
    batch: int | None = None,
    workers: int | None = None,
    client: Any = None,
    resources: Mapping[str, float] | None = None,
    verify: bool = False,
    verbose: bool = True,
    on_progress: Callable[[Progress], object] | None = None,
) -> Microscope:
    """Render every channel of some layers into a store, which needs neither the network nor TensorFlow to be read.

    The work is cut into small tasks, each of which renders a few units and writes them as a whole. Running again with
    the same arguments makes only what is missing or has changed: after an interrupt, a crash, or a change of the
    network or of a setting. The images are the same bytes on one worker and on many of the same kind.

    A unit that cannot be rendered is tried once more, and is then listed in `failures` of the result. It does not end
    the run. An error of the disk does, because each further task would fail too.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        layers: The layers, or their names. Default: all listed layers with channels, after their activation functions.
        out: Folder of the store, or a URL that fsspec knows, such as `s3://bucket/name`. Other layers in it stay.
            Default: "my_microscope".
        steps: Number of steps (updates of the optimizer) per image. Default: 64.
        image_size: Longer side of the images in pixels. Default: 64, or what the network asks for.
        seeds: One seed, or several for as many images per unit. Default: 0.
        negative: Whether to render also what inhibits each unit. Default: False.
        neurons: Whether to render also the neuron of each channel in the center of the layer. Default: False.
        images: Real images, of which the store then keeps those that excite each unit most, least, and in between: what
            `ImageSet.of` accepts, or an `ActivationIndex` of this network. Looking at them is done in this process, and
            needs a store on this machine. Default: None.
        transforms: Transforms of this package that the images should be robust to, or "affine", "standard", "crops",
            "tokens" or "nothing". Default: "affine". For a model with a token grid, the default is "tokens" with rolls
            of at most half a patch, and the learning rate falls from 0.08 along a cosine.
        batch: Number of images per task. Default: the fastest number for each layer.
        workers: Number of processes on this machine. They share its cores. A script that passes it must begin its work
            below `if __name__ == "__main__":`. Default: None, no further process.
        client: A `distributed.Client` of a Dask cluster, in place of `workers`. Default: None.
        resources: What a worker must have, such as `{"GPU": 1}`, if the workers declare resources. Default: None.
        verify: Whether to compare the images in the store with their checksums, and to render those again that differ.
            Default: False.
        verbose: Whether a notebook or a terminal shows a progress bar. Default: True.
        on_progress: Called after each task with a `Progress`. Default: None.

    Returns:
        The store, opened.

    Raises:
        ArgumentError: An argument is invalid, or the store belongs to another model.
        UnknownNameError: The model has no such layer.
        ModelError: A layer cannot be rendered.

    Example:
        >>> found = render_model(models.EmojiNet(), ["conv2d0"], steps=2, image_size=32)
        >>> found.channels("conv2d0")
        24
    """
    run = ModelRendering(
        model,
        layers,
        out,
        steps=steps,
        image_size=image_size,
        seeds=seeds,
        negative=negative,
        neurons=neurons,
        images=images,
        transforms=transforms,
        batch=batch,
        workers=workers,
        client=client,
        resources=resources,
        verify=verify,
    )
    return run.run(verbose=verbose, on_progress=on_progress)


class Rendering:
    """The work of a plan, which can be paused and cancelled. `run` does it; `start` does it on a background thread.

    Args:
        plan: What to render.
        store: Where to. The arrays are made now.
        images: As for `render_model`.
        workers: As for `render_model`; so are the arguments that follow.
        client: A `distributed.Client`.
        resources: What a worker must have.
        verify: Whether to compare the images in the store with their checksums.
    """

    def __init__(
        self,
        plan: Plan,
        store: Store,
        *,
        images: Any = None,
        workers: int | None = None,
        client: Any = None,
        resources: Mapping[str, float] | None = None,
        verify: bool = False,
    ) -> None:
        self._workers = checked_workers(workers, client)
        self._client, self._resources = client, resources
        self.plan, self._store = plan, store
        if images is not None:
            refuse_remote(store.folder)
        self._url = store.folder.url
        store.prepare(plan.about, plan.layers, plan.variants, plan.order, len(plan.recipe.points))
        self._examples = None if images is None else Examples(plan.model, images, plan.layers, store)
        self._tracker = Tracker(plan.layers, len(plan.variants))
        self._control = Control()
        self._failures: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._verify = verify
        self.tasks = self._missing()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.plan.model.name} into {self._url}: {self.progress}>"

    @property
    def progress(self) -> Progress:
        """How far the run is."""
        return self._tracker.progress()

    @property
    def failures(self) -> dict[str, str]:
        """Reasons why units have no image, by "layer:channel", with the variant if it is not the first."""
        return dict(self._failures)

    @property
    def paused(self) -> bool:
        """Whether the run is paused."""
        return self._control.paused

    def run(self, *, verbose: bool = True, on_progress: Callable[[Progress], object] | None = None) -> Microscope:
        """Render what is missing, and return the store when that is done or the run is cancelled.

        Args:
            verbose: Whether a notebook or a terminal shows a progress bar. Default: True.
            on_progress: Called after each task with a `Progress`. An error that it raises ends the run. Default: None.
        """
        self._tracker.start()
        shown = verbose and shows_progress()
        layout = "{l_bar}{bar}| {postfix}"
        with (
            ProgressBar(total=self.progress.total, leave=False, disable=not shown, bar_format=layout) as bar,
            ticking(bar),
        ):
            bar.update(self.progress.done)
            for outcome in self._outcomes():
                self._take(outcome)
                now = self.progress
                bar.set_postfix_str(str(now), refresh=False)
                bar.update(now.done - bar.n)
                if on_progress is not None:
                    on_progress(now)
            if self._examples is not None and not self._control.cancelled:
                for seen in self._examples.make(self._control):
                    bar.set_postfix_str(f"{seen.done:,} of {seen.total:,} real images", refresh=False)
                    bar.update(0)
        self._store.write_table()
        found = Microscope(self._store)
        for unit, reason in list(self._failures.items())[:3]:
            _log.warning("No image of %s: %s", unit, reason)
        return found

    def start(self) -> None:
        """Run on a background thread, and return at once. No effect while it is running."""
        if self._thread is None or not self._thread.is_alive():
            self._error = None
            self._thread = threading.Thread(target=self._in_background, name="lucid-widgets-rendering", daemon=True)
            self._thread.start()

    def wait(self, timeout: float | None = None) -> Microscope:
        """Wait until a run that was started has ended, or the time is over, and return the store.

        Args:
            timeout: Seconds to wait at most. Default: None, no limit.

        Raises:
            Exception: The error that ended the run.
        """
        if self._thread is not None:
            self._thread.join(timeout)
        if self._error is not None:
            raise self._error
        return Microscope(self._store)

    def pause(self) -> None:
        """Begin no further task. Those under way still end."""
        self._control.pause()
        self._tracker.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._tracker.start()
        self._control.resume()

    def cancel(self) -> None:
        """End the run after the tasks under way. What is finished stays in the store."""
        self._control.cancel()

    def _in_background(self) -> None:
        try:
            self.run(verbose=False)
        except BaseException as error:  # raised again by `wait`
            self._error = error

    def _missing(self) -> list[Task]:
        """The tasks that the store does not have. Others are counted as done."""
        places = {variant: place for place, variant in enumerate(self._store.variants())}
        keys = {layer.name: self._store.records(layer.name) for layer in self.plan.layers}
        missing = []
        for task in self.plan.tasks():
            record = keys[task.layer].get((task.layer, places[task.variant], task.chunk))
            if record is None or record.get("key") != task.key or (self._verify and self._is_damaged(task, record)):
                missing.append(task)
            else:
                self._tracker.found(task)
                for unit, reason in record.get("failed", {}).items():
                    self._failures[self._named(task, int(unit))] = str(reason)
        return missing

    def _is_damaged(self, task: Task, record: Mapping[str, Any]) -> bool:
        place = self._store.variants().index(task.variant)
        images = self._store.arrays(task.layer)["images"][place, task.units[0] : task.units[-1] + 1]
        return bool(checksum(images) != record.get("sha256"))

    def _outcomes(self) -> Iterator[Outcome]:
        tasks, plan = self.tasks, self.plan
        if not tasks:
            return
        if self._client is None and self._workers is None:
            yield from run_here(plan, self._url, tasks, self._control)
            return
        with contextlib.ExitStack() as stack:
            client = self._client or stack.enter_context(local_cluster(self._workers or 1))
            yield from run_on(
                client,
                plan,
                self._url,
                tasks,
                self._control,
                resources=self._resources,
                workers_changed=self._set_workers,
            )

    def _set_workers(self, count: int) -> None:
        self._tracker.workers = count

    def _take(self, outcome: Outcome) -> None:
        task = outcome.task
        self._tracker.finished(task, outcome.seconds, len(outcome.failed))
        for unit, reason in outcome.failed.items():
            self._failures[self._named(task, unit)] = reason

    def _named(self, task: Task, unit: int) -> str:
        name = f"{task.layer}:{unit}"
        return name if task.variant == self.plan.variants[0] else f"{name} ({task.variant.name})"


class ModelRendering(Rendering):
    """The work of `render_model` as an object that can be paused and cancelled.

    Takes the arguments of `render_model`, checks them, and makes the arrays of the store. `run` does the work and
    returns when it ends; `start` does it on a background thread.

    Example:
        >>> rendering = ModelRendering(models.EmojiNet(), "conv2d0", steps=2, image_size=32)
        >>> rendering.start()
        >>> rendering.pause()
        >>> print(rendering.progress)          # 0 of 24 images
        >>> rendering.resume()
        >>> found = rendering.wait()
    """

    @suggest_keywords
    def __init__(
        self,
        model: Any,
        layers: Any = None,
        out: str | os.PathLike[str] = "my_microscope",
        *,
        steps: int = 64,
        image_size: int | None = None,
        seeds: Sequence[int] | int = 0,
        negative: bool = False,
        neurons: bool = False,
        images: Any = None,
        transforms: Any = None,
        batch: int | None = None,
        workers: int | None = None,
        client: Any = None,
        resources: Mapping[str, float] | None = None,
        verify: bool = False,
    ) -> None:
        checked_workers(workers, client)
        several = [seeds] if isinstance(seeds, int) else list(seeds)
        if not several:
            raise ArgumentError("seeds is empty.", "Expected at least one seed.")
        variants = variants_of(
            [whole_number("seed", seed) for seed in several],
            negative=as_flag("negative", negative),
            neurons=as_flag("neurons", neurons),
        )
        plan = make_plan(
            as_model(model),
            layers,
            variants,
            steps=steps,
            image_size=image_size,
            transforms=transforms,
            batch=batch,
        )
        super().__init__(
            plan, Store(out), images=images, workers=workers, client=client, resources=resources, verify=verify
        )


def checked_workers(workers: int | None, client: Any) -> int | None:
    """Return the number of processes to start, checked; None for none.

    Raises:
        ArgumentError: Both were passed, or the number is invalid.
    """
    if workers is not None and client is not None:
        raise ArgumentError("Both workers and client were passed.", "Pass one of them.")
    return None if workers is None else whole_number("workers", workers, 1)


__all__ = ["ModelRendering", "Rendering", "checked_workers", "render_model"]
