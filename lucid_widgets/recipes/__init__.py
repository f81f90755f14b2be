"""Lucid's recipes: whole experiments in one call, with arrays in and out.

| module                        | what it makes                                                                      |
|-------------------------------|------------------------------------------------------------------------------------|
| `caricature`                  | images that exaggerate what a layer sees in a photograph                           |
| `feature_visualization`       | images of channels and neurons, with their objective at each step                  |
| `image_activations`           | the activations of all layers for an image                                         |
| `image_interpolation_params`  | a parameterization of images between each pair of objectives                       |
| `activation_atlas`            | a map of what a layer represents, from the activations of many images              |
| `style_transfer`              | the content of one photograph in the style of another one                          |
| `texture`                     | textures like that of a photograph, and patterns that repeat without seams         |
| `transparency`                | images that are transparent where the objective does not need them                 |
| `cppn`                        | smooth images that are computed again at any size                                  |

Each recipe also has a form whose name begins with `iter_`. It yields frames, which `OptimizationCanvas` shows while the
image takes shape. All recipes take any model that `as_model` accepts.
"""

import lucid_widgets.modelzoo  # noqa: F401 (starts TensorFlow without its messages)

__all__: list[str] = []
