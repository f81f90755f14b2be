"""What can be looked into: frozen TensorFlow graphs and Keras models, behind one seam.

`lucid_widgets.modelzoo.vision_models` is the public list. This package module stays empty, so that importing
it loads no TensorFlow.
"""
