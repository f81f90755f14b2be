"""Names of Lucid's for files and networks of its authors. They raise an error that says what replaces them."""

from lucid_widgets.misc._removed import removed

__all__ = ["clear_cnn", "load_joblib", "save_joblib"]

_WHY = "files of joblib are pickles, and reading one can run any code"

load_joblib = removed("load_joblib", _WHY, "Use load with .npz or .json, or joblib itself for your own files.")
save_joblib = removed("save_joblib", _WHY, "Use save with .npz or .json.")
clear_cnn = removed(
    "clear_cnn",
    "it built a network with a library of TensorFlow 1 that no longer exists",
    "Build the network with Keras; as_model accepts it.",
)
