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
    /** The check: state (resting, running or failed), unit, part, done, total, message and hint. */
    _check: any;
    /** Layer with one channel per label; "" for a model without labels. */
    _class_layer: string;
    /** Number of classes that the page lists; 0 if the network has no layer that scores classes. */
    _class_rows: number;
    /** The most probable classes of images, the newest result last: the `key` of the image, and `rows` with
     * [index, label, probability] of each class: for one image one row, for a batch the mean and then each
     * image. */
    _classes: any[];
    /** About the unit: its images of each kind, histogram and figures; an empty dict if there is none. */
    _evidence: any;
    /** How the index is made: state (none, no unit, waiting, building, paused, ready, stopped or failed),
     * source, done, total, seconds left, message and hint. */
    _evidence_build: any;
    /** The parts of these images that the unit sees, in one file: one row per kind. */
    _evidence_crops: Bytes;
    /** How strongly the visualization excites the unit: value, and a comparison in words. */
    _evidence_value: any;
    /** The whole images, in the same order. */
    _evidence_wholes: Bytes;
    /** About `_filmstrip_sheet`: steps and objectives of its images, width and height of each. */
    _filmstrip: any;
    /** Small images of the kept frames, side by side in one file. */
    _filmstrip_sheet: Bytes;
    /** Where the unit fires: state (no unit, waiting, ready or failed), layer, channel, places, peak, value,
     * share of the positions, message and hint; an empty dict before anything was asked. */
    _fires: any;
    /** The activation at each position, packed. */
    _fires_map: Bytes;
    /** How strongly the image of the run excites the unit: layer, channel, value and step. */
    _fires_own: any;
    /** The newest image as a file, lossless once the run rests. */
    _frame_bytes: Bytes;
    /** About `_frame_bytes`: id, step, objective, file type, size, and how a batch is tiled. */
    _frame_meta: any;
    /** The input range of the model if it was guessed or chosen (how, name, names), or empty. */
    _input_range: any;
    /** The strongest inputs: state (no unit, waiting, ready or failed), layer, channel, from, choices of
     * earlier layers, rows, rows and columns of the maps, largest weight, message and hint; an empty dict
     * before anything was asked. */
    _inputs: any;
    /** The feature images of the inputs: layer, state (making, ready or failed), the state of each (waiting,
     * making, made or failed), failures by place, message and hint. */
    _inputs_images: any;
    /** These images, side by side in one file. */
    _inputs_sheet: Bytes;
    /** Labels of the model's classes; empty if unknown. */
    _labels: string[];
    /** The network that is being loaded: name, phase (downloading or loading), bytes done and total, seconds
     * left; an empty dict if there is none. */
    _loading: any;
    /** Why a chosen network was not loaded (name, title, message, hint), or an empty dict. */
    _network_problem: any;
    /** Name of the file of `photo`; empty for an array. */
    _photo_name: string;
    /** Names of the sample images. */
    _photo_samples: string[];
    /** The top images in the order of the unit's relevance to a class: state (running, ready or failed), unit,
     * to, order (place among the top images, and relevance), message and hint. */
    _relevance: any;
    /** Thumbnails of `runs`, side by side in one image file. */
    _runs_sheet: Bytes;
    /** How the unit answers to its top images when they are changed: state (none if it cannot be measured,
     * running, ready or failed), unit, value, shares by change, and words. */
    _sensitivity: any;
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
    /** Depth, height and width of a model of volumes, which replace `image_size`; empty for images. */
    _volume: number[];
    /** Whether opacity is optimized too, in front of a random background. With MaCo, opacity shows where the
     * gradients were large. */
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
    /** The earlier layer; "" for the nearest one through which everything passes that reaches the unit. A layer
     * that does not lie below the unit counts as "". */
    inputs_from: string;
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
    /** Name of the optimizer: "Adam" is Lucid's; "AdamCosine" is the same, but its learning rate falls to a
     * tenth during the run. For the others see Keras. */
    optimizer: "Adam" | "AdamCosine" | "Nadam" | "Adamax" | "RMSprop" | "Lion" | "SGD";
    /** Numbers that are optimized: Fourier coefficients ("fourier"), "pixels", only the phases of Fourier
     * coefficients, with the amplitudes of natural images ("maco"), a sum of images of many resolutions
     * ("direct_ascent"), or the weights of a small network that paints the image ("cppn"). `decorrelate` and
     * `start_image` have no effect on the last three. */
    parameterization: "fourier" | "pixels" | "maco" | "direct_ascent" | "cppn";
    /** An image in which the page shows where the unit fires, as the network takes it: NumPy reads it as an
     * array [height, width, channels] in [0, 1]. An array, a path, a URL or the name of a sample of
     * `ImageExplorer` can be assigned. If it is None, the page starts with a sample. */
    photo: any;
    /** Largest activation of the unit in `photo`; None if it is not known. */
    photo_peak: number | null;
    /** Whether an enlarged image shows sharp pixels instead of smooth ones. */
    pixelated: boolean;
    /** Why the terms make no objective, so that `objective` stays as it was (message, hint), or an empty dict.
     * */
    problem: any;
    /** Steps per second, smoothed; 0 while unknown. */
    rate: number;
    /** Steps between the frames that a run keeps; 0 keeps none. */
    record_every: number;
    /** Class, by name or index, by whose relevance the top images of the unit are ordered; "" for the order of
     * their activation. */
    relevant_to: string;
    /** Estimated seconds until the run is done; None if unknown. */
    remaining: number | null;
    /** The report of the newest check of a unit, as `Report.to_json`; an empty dict if there is none. */
    report: any;
    /** Random transforms before each step: `shift`, `scale` and `rotate` ("affine"), Lucid's chain of
     * transforms ("standard"), several random crops ("crops"), rolls and color changes for transformers
     * ("tokens", also by `shift`, `scale` and `rotate`), or none ("nothing"). The default depends on the model.
     * */
    robust_to: "affine" | "standard" | "crops" | "tokens" | "nothing";
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
    /** Whether the page shows real images that excite the unit. If so, an index is made when it is missing. */
    show_evidence: boolean;
    /** Whether the page shows which channels of an earlier layer the unit is made of. If not, nothing is
     * computed. */
    show_inputs: boolean;
    /** Whether the page shows where the unit fires in `photo`. If not, nothing is computed. */
    show_photo: boolean;
    /** Index of the image that is shown; -1 shows the whole batch as a grid. */
    shown: number;
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** Number of updates of a run. */
    steps: number;
    /** Pause a run when its image excites the unit more than this percentage of the real images; None for
     * never. The image is measured about twice per second, while the page shows real images. */
    stop_at: number | null;
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
    /** How the index is made: state (none, no unit, waiting, building, paused, ready, stopped or failed),
     * source, done, total, seconds left, message and hint. */
    _evidence_build: any;
    /** What real images say about the channels of `layer`: by channel strength, selectivity, sparsity and best
     * (the label that excites it most); the dead channels; the id of these figures, the number of images and
     * their source. */
    _figures: any;
    /** Whether a notebook or a layout has asked for `slot`. */
    _has_slot: boolean;
    /** Name of the real images; empty if there are none. */
    _image_source: string;
    /** Name of what is open in a LucidWidget if it is none of the units shown; empty otherwise. */
    _opened_name: string;
    /** Finished images as one small WebP, published when the run rests. */
    _sheet: Bytes;
    /** About `_sheet`: board, places, states, values, failures, columns, and size of a cell. */
    _sheet_meta: any;
    /** The network's stages, groups of successive `layers`, and the links between them. */
    _stages: any;
    /** About the store that the grid shows: name, variants, done and total images, and whether it opens
     * channels; an empty dict if a network renders the images. */
    _store: any;
    /** The channels that are shown, in order; None for all. A change of layer resets it to None. */
    channels: number[] | null;
    /** The error that ended the run (title, message, hint, traceback), or an empty dict. */
    error: any;
    /** Whether the page leaves out channels that no real image activates. */
    hide_dead: boolean;
    /** Width and height of an image in pixels. */
    image_size: number;
    /** Kind of unit that an image maximizes: "channel" or "neuron". */
    kind: "channel" | "neuron";
    /** Labels of the channels, if they are the model's classes; empty for other layers. */
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
    /** Whether cells show real images that excite their channel, in place of its visualization. */
    show_images: boolean;
    /** Order in which the page shows the channels: "channel" for that of `units`; or first the largest
     * "strength" (the largest activation in real images), "selectivity" (for one label) or "sparsity" (excited
     * by few images). */
    sort_by: "channel" | "strength" | "selectivity" | "sparsity";
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** Number of updates of each image. */
    steps: number;
    /** The channels whose cells show the other side than `show_images` says. A change of it empties the list.
     * */
    turned: number[];
    /** The channels (or neurons) that are shown, in order. */
    units: number[];
    /** Which image of each channel a stored grid shows; empty for other grids. */
    variant: string;
  }

  /** The traits of `ImageExplorer`. */
  interface ImageExplorerTraits {
    /** Activations of the layer, packed. */
    _activations: Bytes;
    /** About `_activations`: layer, size and type. */
    _activations_meta: any;
    /** Id of the cells. Images that name another id belong to earlier cells. */
    _board: number;
    /** What each cell shows: "channels", "groups" or "positions" of a layer. */
    _board_of: string;
    /** Always empty: an explorer makes only what is looked at. */
    _estimate: any;
    /** The classes that are explained: `classes`, or the first one. */
    _explained: number[];
    /** Deletion and insertion curves of the attribution. */
    _faith: any;
    /** The groups: layer, channels and effects of each. */
    _found_groups: any;
    /** How strongly each group fires at each position, packed. */
    _group_maps: Bytes;
    /** Whether a notebook or a layout has asked for `slot`. */
    _has_slot: boolean;
    /** Name of what is open in a LucidWidget if it is none of the units shown; empty otherwise. */
    _opened_name: string;
    /** Names of the parts that the page shows. */
    _pieces: string[];
    /** Where the layer's positions are in the image; empty before its activations are known. */
    _places: any;
    /** Why something could not be computed, or an empty dict. */
    _problem: any;
    /** Names of the sample images. */
    _samples: string[];
    /** Index, label and probability of the most probable classes, then of the chosen ones. */
    _scores: any[][];
    /** The activation grid: layer, rows, columns, and block of positions. */
    _sees: any;
    /** Finished images as one small WebP, published when the run rests. */
    _sheet: Bytes;
    /** About `_sheet`: board, places, states, values, failures, columns, and size of a cell. */
    _sheet_meta: any;
    /** Names of the layers that the slider goes through. */
    _stops: string[];
    /** The attribution: layer, method, classes, values and error. */
    _why: any;
    /** Contributions of each position and channel, packed. */
    _why_values: Bytes;
    /** What is being computed; empty if nothing is. */
    _work: string;
    /** Indices of the class that is explained, or of two: the first minus the second. Names can be assigned
     * too. If it is empty, the most probable class is explained. */
    classes: number[];
    /** The error that ended the run (title, message, hint, traceback), or an empty dict. */
    error: any;
    /** Number of groups of channels. */
    groups: number;
    /** The image as the network takes it, which NumPy reads as an array [height, width, channels] in [0, 1]. An
     * array, a path, a URL or the name of a sample can be assigned. */
    image: any;
    /** Name of the image's file; empty for an array. */
    image_name: string;
    /** Name of the layer that is explored. */
    layer: string;
    /** The layers that have channels, in order: name, kind, channels and share of compute. */
    layers: any[];
    /** Number of feature images of this layer that are finished. */
    made: number;
    /** How attributions are computed, as for spatial_attribution. */
    method: "integrated_gradients" | "gradient_x_activation" | "grad_cam" | "hires_cam";
    /** Name of the model. */
    model_name: string;
    /** The channel that is open in a LucidWidget; -1 for none. */
    opened_unit: number;
    /** Positions that are compared, as [row, column] each; at most 6. */
    pins: number[][];
    /** Row and column of the position that is looked at. They keep their place when the layer changes. */
    position: number[];
    /** Estimated seconds until the run is done; None if unknown. */
    remaining: number | null;
    /** State of the run: idle, queued, compiling, running, paused, done, stopped or error. */
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    /** Channels that are shown, in order; None for the strongest. A new layer resets it. */
    units: number[] | null;
    /** What is shown: what "fires" here, what the network "sees", why this "class", or "groups". */
    view: "fires" | "sees" | "class" | "groups";
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

  /** The traits of `EvidencePanel`. */
  interface EvidencePanelTraits {
    /** Number of channels of `layer`. */
    _channel_count: number;
    /** The check: state (resting, running or failed), unit, part, done, total, message and hint. */
    _check: any;
    /** About the unit: its images of each kind, histogram and figures; an empty dict if there is none. */
    _evidence: any;
    /** How the index is made: state (none, no unit, waiting, building, paused, ready, stopped or failed),
     * source, done, total, seconds left, message and hint. */
    _evidence_build: any;
    /** The parts of these images that the unit sees, in one file: one row per kind. */
    _evidence_crops: Bytes;
    /** How strongly the visualization excites the unit: value, and a comparison in words. */
    _evidence_value: any;
    /** The whole images, in the same order. */
    _evidence_wholes: Bytes;
    /** The top images in the order of the unit's relevance to a class: state (running, ready or failed), unit,
     * to, order (place among the top images, and relevance), message and hint. */
    _relevance: any;
    /** How the unit answers to its top images when they are changed: state (none if it cannot be measured,
     * running, ready or failed), unit, value, shares by change, and words. */
    _sensitivity: any;
    /** Channel of the unit. */
    channel: number;
    /** The layers of the index: name and channels. */
    indexed: any[];
    /** Layer of the unit. */
    layer: string;
    /** Name of the model. */
    model_name: string;
    /** Class, by name or index, by whose relevance the top images of the unit are ordered; "" for the order of
     * their activation. */
    relevant_to: string;
    /** The report of the newest check of a unit, as `Report.to_json`; an empty dict if there is none. */
    report: any;
    /** Whether the page shows real images that excite the unit. If so, an index is made when it is missing. */
    show_evidence: boolean;
    /** Pause a run when its image excites the unit more than this percentage of the real images; None for
     * never. The image is measured about twice per second, while the page shows real images. */
    stop_at: number | null;
  }

  /** The traits of `NetworkGraph`. */
  interface NetworkGraphTraits {
    /** For each layer of the diagram its name, kind, size in words, and number of channels. */
    _graph_layers: any[][];
    /** Pairs of indices of connected layers; -1 is the image. */
    _graph_links: number[][];
    /** Name of the model. */
    model_name: string;
    /** Name of the selected layer; empty for none. */
    selected: string;
  }

  /** The traits of `MeshView`. */
  interface MeshViewTraits {
    /** Corners and their places in the texture as float32, triangles as uint32, the texture as PNG. */
    _mesh: Bytes[];
    /** Color behind the mesh, "#RRGGBB". */
    background: string;
  }

  /** The traits of `AtlasMap`. */
  interface AtlasMapTraits {
    /** Name of the images, grids, labels, and the numbers of finished images and of all cells. */
    _atlas: any;
    /** Grid, row and column of the cell that a click has kept; empty for none. */
    cell: number[];
    /** Label of the class whose cells are highlighted; empty for none. */
    label: string;
    /** The layer. */
    layer: string;
    /** Label of the class that is subtracted from it; empty for none. */
    minus: string;
    /** Name of the network. */
    model_name: string;
    /** The point of the map in the middle of the view, across and down from 0 to 1, and the magnification. */
    viewport: number[];
  }

  /** The traits of all widgets, for views that several of them share. */
  interface WidgetState {
    _activations: Bytes;
    _activations_meta: any;
    _atlas: any;
    _board: number;
    _board_of: string;
    _channel_count: number;
    _check: any;
    _class_layer: string;
    _class_rows: number;
    _classes: any[];
    _estimate: any;
    _evidence: any;
    _evidence_build: any;
    _evidence_crops: Bytes;
    _evidence_value: any;
    _evidence_wholes: Bytes;
    _explained: number[];
    _faith: any;
    _figures: any;
    _filmstrip: any;
    _filmstrip_sheet: Bytes;
    _fires: any;
    _fires_map: Bytes;
    _fires_own: any;
    _found_groups: any;
    _frame_bytes: Bytes;
    _frame_meta: any;
    _graph_layers: any[][];
    _graph_links: number[][];
    _group_maps: Bytes;
    _has_slot: boolean;
    _image_source: string;
    _input_range: any;
    _inputs: any;
    _inputs_images: any;
    _inputs_sheet: Bytes;
    _labels: string[];
    _loading: any;
    _mesh: Bytes[];
    _network_problem: any;
    _notes: any;
    _opened_name: string;
    _photo_name: string;
    _photo_samples: string[];
    _pieces: string[];
    _places: any;
    _problem: any;
    _relevance: any;
    _runs_sheet: Bytes;
    _samples: string[];
    _scores: any[][];
    _sees: any;
    _sensitivity: any;
    _set_in_code: string[];
    _sheet: Bytes;
    _sheet_meta: any;
    _sheets: Bytes[];
    _sprite_frames: any;
    _stages: any;
    _start_image_about: any;
    _start_image_thumbnail: Bytes;
    _stops: string[];
    _store: any;
    _term_kinds: any[];
    _undo: any;
    _volume: number[];
    _why: any;
    _why_values: Bytes;
    _work: string;
    alpha: boolean;
    background: string;
    batch: number;
    cell: number[];
    channel: number;
    channels: number[] | null;
    classes: number[];
    crossfade: boolean;
    current_step: number;
    decorrelate: boolean;
    error: any;
    expression: string;
    fps: number;
    frame: number;
    groups: number;
    hide_dead: boolean;
    history: number[][];
    image: any;
    image_name: string;
    image_size: number;
    indexed: any[];
    inputs_from: string;
    kind: "channel" | "neuron";
    label: string;
    labels: string[];
    layer: string;
    layers: any[];
    learning_rate: number;
    made: number;
    method: "integrated_gradients" | "gradient_x_activation" | "grad_cam" | "hires_cam";
    minus: string;
    mode: "loop" | "alternate" | "once";
    model_name: string;
    objective_value: number | null;
    opened_unit: number;
    optimizer: "Adam" | "AdamCosine" | "Nadam" | "Adamax" | "RMSprop" | "Lion" | "SGD";
    parameterization: "fourier" | "pixels" | "maco" | "direct_ascent" | "cppn";
    photo: any;
    photo_peak: number | null;
    pins: number[][];
    pixelated: boolean;
    playing: boolean;
    position: number[];
    problem: any;
    rate: number;
    record_every: number;
    relevant_to: string;
    remaining: number | null;
    report: any;
    robust_to: "affine" | "standard" | "crops" | "tokens" | "nothing";
    rotate: number;
    runs: any[];
    scale: number;
    seed: number;
    selected: string;
    shift: number;
    show_classes: boolean;
    show_evidence: boolean;
    show_images: boolean;
    show_inputs: boolean;
    show_photo: boolean;
    shown: number;
    sort_by: "channel" | "strength" | "selectivity" | "sparsity";
    status: "idle" | "queued" | "compiling" | "running" | "paused" | "done" | "stopped" | "error";
    steps: number;
    stop_at: number | null;
    terms: any[];
    title: string;
    total_steps: number;
    turned: number[];
    units: any;
    variant: string;
    view: "fires" | "sees" | "class" | "groups";
    viewport: number[];
    zoom: any;
  }
}
