"""Models that can be visualized: frozen TensorFlow graphs, SavedModels and Keras models, with one interface.

`lucid_widgets.modelzoo.vision_models` is the public list.

    vision_base     `Model` and `Layer`, Lucid's classes
    vision_models   every model and function that users need
    adapt           `as_model`, for a model, a Keras model or a path
    base            the `Network` interface, and what `Model` is built from
    graphdef        frozen graphs and SavedModels
    keras           Keras 3 models
    saving          model files with metadata
    survey          layers, cost, receptive fields, fingerprints
    files           finding and downloading weights
    readouts        probes, concepts, factors and sparse autoencoders as layers of a model
    emojinet        the network included in the package
    emojivit        the transformer included in the package
"""

from lucid_widgets._startup import import_tensorflow
from lucid_widgets.misc.waiting import waiting

with waiting("Importing TensorFlow, about 10 s"):
    import_tensorflow()

__all__: list[str] = []
