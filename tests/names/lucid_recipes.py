"""The names of Lucid's recipes, in the form of `lucid_api.NAMES`."""

from __future__ import annotations

RECIPES = """
scratch.parameter_editor
    ParameterEditor(graph_def)
scratch.rl_util
    get_acts(model, layer_name, obses)
    get_grad_or_attr(model, layer_name, prev_layer_name, obses)
    get_attr(model, layer_name, prev_layer_name, obses)
    get_grad(model, layer_name, obses)
    get_paths(acts, nmf)
    get_multi_path_attr(model, layer_name, prev_layer_name, obses, prev_nmf)
    maxpool_override()
    LayerNMF(model, layer_name, obses, obses_full=None, features=10)
    argmax_nd(x, axes)
    rescale_opacity(images, min_opacity=..., opaque_frac=0.1, max_scale=10, keep_zeros=False)
    zoom_to(img, width)
    get_var(model, var_name)
    get_shape(model, node_name)
    concatenate_horizontally(images)
    channels_to_rgb(X, warp=True)
    conv2d(input_, filter_)
    norm_filter(length, norm_ord=2, norm_func=..., clip=True)
    brightness_to_opacity(image)
recipes.caricature
    dot_compare(layer, batch=1, cossim_pow=0)
    caricature(img, model, layer, n_steps=512, cossim_pow=0.0, verbose=True)
    feature_inversion(*args, **kwargs)
    make_caricature(image_url, saved_model_folder_url, to, *args, **kwargs)
recipes.feature_visualization
    neuron(model, layer, channel_indices, alpha=False, negative=False, decorrelation_matrix=None, n_steps=128,
        parallel_transforms=16, lr=0.05, override_gradients=True)
    channel(model, layer, channel_indices, alpha=False, negative=False, decorrelation_matrix=None, n_steps=128,
        parallel_transforms=16, lr=0.05, override_gradients=True)
recipes.image_activations
    image_activations(model, image, layer_names=None)
    manifest_image_activations(model, image, **kwargs)
recipes.image_interpolation_params
    multi_interpolation_basis(n_objectives=6, n_interp_steps=5, width=128, channels=3)
recipes.activation_atlas
    activation_atlas(model, layer, grid_size=10, icon_size=96, number_activations=100000, icon_batch_size=32,
        verbose=False)
    aligned_activation_atlas(model1, layer1, model2, layer2, grid_size=10, icon_size=80, num_steps=1024,
        whiten_layers=True, number_activations=100000, icon_batch_size=32, verbose=False)
recipes.activation_atlas.layout
    normalize_layout(layout, min_percentile=1, max_percentile=99, relative_margin=0.1)
    aligned_umap(activations, umap_options=..., normalize=True, verbose=False)
recipes.activation_atlas.main
    ActivationTranslation
    bin_laid_out_activations(layout, activations, grid_size, threshold=5)
    make_canvas(icon_batch, coordinates, grid_size)
recipes.activation_atlas.render
    direction_neuron_S(layer_name, vec, batch=None, x=None, y=None, S=None)
    direction_neuron_cossim_S(layer_name, vec, batch=None, x=None, y=None, cossim_pow=2, S=None)
    render_icons(directions, model, layer, size=80, n_steps=128, verbose=False, S=None, num_attempts=3, cossim=True,
        alpha=False)
"""
