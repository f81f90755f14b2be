// Made by js/make_traits.py from the traits of the Python widgets. Do not edit.

export {};

declare global {
  /** Bytes in the state of a widget, as its host delivers them. */
  type Bytes = DataView | Uint8Array;

  /** The traits of `OptimizationCanvas`. */
  interface OptimizationCanvasTraits {
    /** About `_filmstrip_sheet`: steps and objectives of its images, width and height of each. */
    _filmstrip: any;
    /** Small images of the kept frames, side by side in one file. */
    _filmstrip_sheet: Bytes;
    /** The newest image as a file, lossless once the run rests. */
    _frame_bytes: Bytes;
    /** About `_frame_bytes`: id, step, objective, file type, size, and how a batch is tiled. */
    _frame_meta: any;
    /** Number of updates that made the newest image. */
    current_step: number;
    /** The error that ended the run (title, message, hint, traceback), or an empty dict. */
    error: any;
    /** The objective over the run: at most 256 pairs [step, value], in the order of steps. */
    history: number[][];
    /** Objective of the newest image; None if unknown or not finite. */
    objective_value: number | null;
    /** Whether an enlarged image shows sharp pixels instead of smooth ones. */
    pixelated: boolean;
    /** Steps per second, smoothed; 0 while unknown. */
    rate: number;
    /** Steps between the frames that a run keeps; 0 keeps none. */
    record_every: number;
    /** Estimated seconds until the run is done; None if unknown. */
    remaining: number | null;
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** A heading. */
    title: string;
    /** Step at which the run will be done; 0 if unknown. */
    total_steps: number;
  }

  /** The traits of `LucidWidget`. */
  interface LucidWidgetTraits {
    /** Number of channels of `layer`; 0 if unknown. */
    _channel_count: number;
    /** Layer with one channel per label; "" for a model without labels. */
    _class_layer: string;
    /** Number of classes that the page lists; 0 if the network has no layer that scores classes. */
    _class_rows: number;
    /** The most probable classes of images, the newest result last: the `key` of the image, and `rows` with
     * [index, label, probability] of each class: for one image one row, for a batch the mean and then each
     * image. */
    _classes: any[];
    /** About `_filmstrip_sheet`: steps and objectives of its images, width and height of each. */
    _filmstrip: any;
    /** Small images of the kept frames, side by side in one file. */
    _filmstrip_sheet: Bytes;
    /** The newest image as a file, lossless once the run rests. */
    _frame_bytes: Bytes;
    /** About `_frame_bytes`: id, step, objective, file type, size, and how a batch is tiled. */
    _frame_meta: any;
    /** The input range of the model if it was guessed or chosen (how, name, names), or empty. */
    _input_range: any;
    /** Labels of the model's classes; empty if unknown. */
    _labels: string[];
    /** The network that is being loaded: name, phase (downloading or loading), bytes done and total, seconds
     * left; an empty dict if there is none. */
    _loading: any;
    /** Why a chosen network was not loaded (name, title, message, hint), or an empty dict. */
    _network_problem: any;
    /** Thumbnails of `runs`, side by side in one image file. */
    _runs_sheet: Bytes;
    /** Settings without effect, because `param_f`, `transforms` or `optimizer` decides them. */
    _set_in_code: string[];
    /** The network's stages, groups of successive `layers`, and the links between them. */
    _stages: any;
    /** About `start_image`: name, width and height; empty if a run starts from noise. */
    _start_image_about: any;
    /** Thumbnail of `start_image`, an image file. */
    _start_image_thumbnail: Bytes;
    /** The kinds of terms, and the arguments of each. */
    _term_kinds: any[];
    /** Names of the settings that `undo` would change back (undo) and `redo` change again (redo). */
    _undo: any;
    /** Whether opacity is optimized too, in front of a random background. */
    alpha: boolean;
    /** Number of images that are optimized together. */
    batch: number;
    /** Channel that is maximized; -1 for any other objective. */
    channel: number;
    /** Number of updates that made the newest image. */
    current_step: number;
    /** Whether colors are optimized in a space in which those of natural images are uncorrelated. */
    decorrelate: boolean;
    /** The error that ended the run (title, message, hint, traceback), or an empty dict. */
    error: any;
    /** The objective as Python code. "layer:channel" can be assigned too. */
    expression: string;
    /** The objective over the run: at most 256 pairs [step, value], in the order of steps. */
    history: number[][];
    /** Width and height in pixels. */
    image_size: number;
    /** Layer of the channel that is maximized; "" for any other objective. */
    layer: string;
    /** The model's layers in order: name, kind, channels (None if unknown) and share of compute. */
    layers: any[];
    /** Size of an update. Until it is changed, it follows `optimizer` and `parameterization`. */
    learning_rate: number;
    /** Name of the model. */
    model_name: string;
    /** Objective of the newest image; None if unknown or not finite. */
    objective_value: number | null;
    /** Name of the optimizer: "Adam" is Lucid's, see Keras. */
    optimizer: "Adam" | "Nadam" | "Adamax" | "RMSprop" | "Lion" | "SGD";
    /** Numbers that are optimized: Fourier coefficients ("fourier"), "pixels", or the weights of a small
     * network that paints the image ("cppn"; `decorrelate` and `start_image` then have no effect). */
    parameterization: "fourier" | "pixels" | "cppn";
    /** Whether an enlarged image shows sharp pixels instead of smooth ones. */
    pixelated: boolean;
    /** Why the terms make no objective, so that `objective` stays as it was (message, hint), or an empty dict.
     * */
    problem: any;
    /** Steps per second, smoothed; 0 while unknown. */
    rate: number;
    /** Steps between the frames that a run keeps; 0 keeps none. */
    record_every: number;
    /** Estimated seconds until the run is done; None if unknown. */
    remaining: number | null;
    /** Random transforms before each step: `shift`, `scale` and `rotate` ("affine"), Lucid's chain of
     * transforms ("standard"), or none ("nothing"). */
    robust_to: "affine" | "standard" | "nothing";
    /** Largest random rotation in degrees. */
    rotate: number;
    /** Kept runs, the oldest first: id, step, objective and settings of each. */
    runs: any[];
    /** Largest random change of size: 0.1 scales by 0.9 to 1.1. */
    scale: number;
    /** Seed of all random numbers. */
    seed: number;
    /** Largest random shift along each axis in pixels. */
    shift: number;
    /** Whether the page shows the classes that the network sees in the image. If not, none are computed. */
    show_classes: boolean;
    /** Index of the image that is shown; -1 shows the whole batch as a grid. */
    shown: number;
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** Number of updates of a run. */
    steps: number;
    /** Terms of the objective: dicts with kind, arguments, weight, negative, enabled and more. Can be assigned.
     * */
    terms: any[];
    /** A heading. */
    title: string;
    /** Step at which the run will be done; 0 if unknown. */
    total_steps: number;
    /** Size of the image on the page: as large as fits ("fit"), "1x" or "2x". */
    zoom: "fit" | "1x" | "2x";
  }

  /** The traits of `ObjectiveBuilder`. */
  interface ObjectiveBuilderTraits {
    /** Labels of the model's classes; empty if unknown. */
    _labels: string[];
    /** The network's stages, groups of successive `layers`, and the links between them. */
    _stages: any;
    /** The kinds of terms, and the arguments of each. */
    _term_kinds: any[];
    /** Number of images that will be optimized together. */
    batch: number;
    /** The objective as Python code. "layer:channel" can be assigned too. */
    expression: string;
    /** Width and height of these images in pixels. */
    image_size: number;
    /** The model's layers in order: name, kind, channels (None if unknown) and share of compute. */
    layers: any[];
    /** Name of the model. */
    model_name: string;
    /** Why the terms make no objective, so that `objective` stays as it was (message, hint), or an empty dict.
     * */
    problem: any;
    /** Terms of the objective: dicts with kind, arguments, weight, negative, enabled and more. Can be assigned.
     * */
    terms: any[];
  }

  /** The traits of `FeatureGrid`. */
  interface FeatureGridTraits {
    /** Id of the cells. Images that name another id belong to earlier cells. */
    _board: number;
    /** Number of classes that the page lists; 0 if the network has no layer that scores classes. */
    _class_rows: number;
    /** The most probable classes of images, the newest result last: the `key` of the image, and `rows` with
     * [index, label, probability] of each class: for one image one row, for a batch the mean and then each
     * image. */
    _classes: any[];
    /** What the grid asks about before it begins: number of `images`, and `seconds` that they take. */
    _estimate: any;
    /** Whether a notebook or a layout has asked for `slot`. */
    _has_slot: boolean;
    /** Finished images as one small WebP, published when the run rests. */
    _sheet: Bytes;
    /** About `_sheet`: board, places, states, values, failures, columns, and size of a cell. */
    _sheet_meta: any;
    /** The network's stages, groups of successive `layers`, and the links between them. */
    _stages: any;
    /** The channels that are shown, in order; None for all. A change of layer resets it to None. */
    channels: number[] | null;
    /** The error that ended the run (title, message, hint, traceback), or an empty dict. */
    error: any;
    /** Width and height of an image in pixels. */
    image_size: number;
    /** Kind of unit that an image maximizes: "channel" or "neuron". */
    kind: "channel" | "neuron";
    /** Labels of the channels, if they are the model's classes; empty otherwise. */
    labels: string[];
    /** Name of the layer that is shown. */
    layer: string;
    /** The layers that have channels, in order: name, kind, channels and share of compute. */
    layers: any[];
    /** Number of cells that need no more work. */
    made: number;
    /** Name of the model. */
    model_name: string;
    /** The channel that is open in a LucidWidget; -1 for none. */
    opened_unit: number;
    /** Estimated seconds until the run is done; None if unknown. */
    remaining: number | null;
    /** Seed of all random numbers. */
    seed: number;
    /** Whether the page shows the classes that the network sees in the image. If not, none are computed. */
    show_classes: boolean;
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** Number of updates of each image. */
    steps: number;
    /** The channels (or neurons) that are shown, in order. */
    units: number[];
  }

  /** The traits of `SpritePlayer`. */
  interface SpritePlayerTraits {
    /** Labels, steps, seeds and objectives of the frames. */
    _notes: any;
    /** The frames as image files, each with a grid of frames. */
    _sheets: Bytes[];
    /** Layout of `_sheets`: size, number and format of the frames, and how each sheet divides. */
    _sprite_frames: any;
    /** Whether each frame is blended into the next. */
    crossfade: boolean;
    /** Frames per second, 0.1 to 120. */
    fps: number;
    /** Index of the frame that is shown. */
    frame: number;
    /** How to play: "loop", "alternate" (forward and backward) or "once". */
    mode: "loop" | "alternate" | "once";
    /** Whether an enlarged image shows sharp pixels instead of smooth ones. */
    pixelated: boolean;
    /** Whether the animation is playing. */
    playing: boolean;
    /** Title of the animation. */
    title: string;
    /** Screen pixels per image pixel; 0 fits the image to the available space. */
    zoom: number;
  }

  /** The traits of all widgets, for views that several of them share. */
  interface WidgetState {
    _board: number;
    _channel_count: number;
    _class_layer: string;
    _class_rows: number;
    _classes: any[];
    _estimate: any;
    _filmstrip: any;
    _filmstrip_sheet: Bytes;
    _frame_bytes: Bytes;
    _frame_meta: any;
    _has_slot: boolean;
    _input_range: any;
    _labels: string[];
    _loading: any;
    _network_problem: any;
    _notes: any;
    _runs_sheet: Bytes;
    _set_in_code: string[];
    _sheet: Bytes;
    _sheet_meta: any;
    _sheets: Bytes[];
    _sprite_frames: any;
    _stages: any;
    _start_image_about: any;
    _start_image_thumbnail: Bytes;
    _term_kinds: any[];
    _undo: any;
    alpha: boolean;
    batch: number;
    channel: number;
    channels: number[] | null;
    crossfade: boolean;
    current_step: number;
    decorrelate: boolean;
    error: any;
    expression: string;
    fps: number;
    frame: number;
    history: number[][];
    image_size: number;
    kind: "channel" | "neuron";
    labels: string[];
    layer: string;
    layers: any[];
    learning_rate: number;
    made: number;
    mode: "loop" | "alternate" | "once";
    model_name: string;
    objective_value: number | null;
    opened_unit: number;
    optimizer: "Adam" | "Nadam" | "Adamax" | "RMSprop" | "Lion" | "SGD";
    parameterization: "fourier" | "pixels" | "cppn";
    pixelated: boolean;
    playing: boolean;
    problem: any;
    rate: number;
    record_every: number;
    remaining: number | null;
    robust_to: "affine" | "standard" | "nothing";
    rotate: number;
    runs: any[];
    scale: number;
    seed: number;
    shift: number;
    show_classes: boolean;
    shown: number;
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    steps: number;
    terms: any[];
    title: string;
    total_steps: number;
    units: number[];
    zoom: any;
  }
}
