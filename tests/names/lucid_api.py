"""The public names of Lucid: where they are imported from, and the arguments that they take."""

from __future__ import annotations

from names.lucid_recipes import RECIPES
from names.lucid_removed import REMOVED
from names.lucid_zoo import ZOO

# Each module and its names: functions with their arguments ("..." for a default that is an object), and other names.
NAMES = """
optvis.render
    render_vis(model, objective_f, param_f=None, optimizer=None, transforms=None, thresholds=(512,),
        print_objectives=None, verbose=True, relu_gradient_override=True, use_fixed_seed=False)
    make_vis_T(model, objective_f, param_f=None, optimizer=None, transforms=None, relu_gradient_override=False)
    make_print_objective_func(print_objectives, T)
    make_t_image(param_f)
    make_transform_f(transforms)
    make_optimizer(optimizer, args)
    import_model(model, t_image, t_image_raw=None, scope="import", input_map=None)
    objectives
    transform
    param
    gradient_override_map
    redirected_relu_grad
optvis.objectives
    Objective(objective_func, name="", description="")
    Objective.sum(objs)
    wrap_objective(require_format=None, handle_batch=False)
    handle_batch(batch=None)
    neuron(layer_name, channel_n, x=None, y=None, batch=None)
    channel(layer, n_channel, batch=None)
    direction(layer, vec, cossim_pow=0, batch=None)
    direction_cossim(layer, vec, cossim_pow=0, batch=None)
    direction_neuron(layer_name, vec, x=None, y=None, cossim_pow=0, batch=None)
    tensor_direction(layer, vec, cossim_pow=0, batch=None)
    deepdream(layer)
    total_variation(layer="input")
    L1(layer="input", constant=0)
    L2(layer="input", constant=0, epsilon=1e-6)
    blur_input_each_step()
    blur_alpha_each_step()
    channel_interpolate(layer1, n_channel1, layer2, n_channel2)
    penalize_boundary_complexity(shp, w=20, mask=None, C=0.5)
    alignment(layer, decay_ratio=2)
    diversity(layer)
    input_diff(orig_img)
    class_logit(layer, label, batch=None)
    as_objective(obj)
    _dot_cossim(x, y, cossim_pow=0)
    _tf_blur(x, w=3)
optvis.param
    image(w, h=None, batch=None, sd=None, decorrelate=True, fft=True, alpha=False, channels=None)
    grayscale_image_rgb(*args, **kwargs)
    lowres_tensor(shape, underlying_shape, offset=None, sd=None)
    to_valid_rgb(t, decorrelate=False, sigmoid=True)
    naive(shape, sd=None)
    fft_image(shape, sd=None, decay_power=1)
    laplacian_pyramid(shape, n_levels=4, sd=None)
    image_sample(shape, decorrelate=True, sd=None, decay_power=1)
    cppn(width, batch=1, num_output_channels=3, num_hidden_channels=24, num_layers=8, activation_func=...,
        normalize=False)
optvis.param.images
    image(w, h=None, batch=None, sd=None, decorrelate=True, fft=True, alpha=False, channels=None)
    grayscale_image_rgb(*args, **kwargs)
optvis.param.spatial
    pixel_image(shape, sd=None, init_val=None)
    fft_image(shape, sd=None, decay_power=1)
    rfft2d_freqs(h, w)
    laplacian_pyramid_image(shape, n_levels=4, sd=None)
    naive(shape, sd=None)
    laplacian_pyramid(shape, n_levels=4, sd=None)
    sample_bilinear(texture, uv)
    bilinearly_sampled_image(texture, uv)
optvis.param.color
    to_valid_rgb(t, decorrelate=False, sigmoid=True)
    max_norm_svd_sqrt
optvis.param.lowres
    lowres_tensor(shape, underlying_shape, offset=None, sd=None)
optvis.param.resize_bilinear_nd
    resize_bilinear_nd(t, target_shape)
    product(l)
    collapse_shape(shape, a, b)
optvis.param.random
    image_sample(shape, decorrelate=True, sd=None, decay_power=1)
    rand_fft_image(shape, sd=None, decay_power=1)
optvis.param.cppn
    cppn(width, batch=1, num_output_channels=3, num_hidden_channels=24, num_layers=8, activation_func=...,
        normalize=False)
    _composite_activation(x, biased=True)
    _relu_normalized_activation(x)
optvis.param.unit_balls
    dot(a, b)
    constrain_L2(x)
    unit_ball_L2(shape)
    constrain_L_inf(x)
    constrain_L_inf_precondition(x)
    unit_ball_L_inf(shape, precondition=True)
optvis.transform
    standard_transforms
    jitter(d, seed=None)
    pad(w, mode="REFLECT", constant_value=0.5)
    random_scale(scales, seed=None)
    random_rotate(angles, units="degrees", seed=None)
    normalize_gradient(grad_scales=None)
    compose(transforms)
    collapse_alpha_random(sd=0.5)
    crop_or_pad_to(height, width)
    _rand_select(xs, seed=None)
    _angle2rads(angle, units)
optvis.overrides
    gradient_override_map(override_dict)
    use_gradient(grad_f)
    register_to_random_name(grad_f)
    redirected_relu_grad(op, grad)
    redirected_relu6_grad(op, grad)
    identity_grad(_op, grad)
    make_smoothed_maxpool_grad(smooth_type="avg", epsilon=1e-2)
    l2_smoothed_maxpool_grad(op, grad)
    avg_smoothed_maxpool_grad(op, grad)
    relu_overrides_map
    pooling_overrides_map
    default_overrides_map
    relu_overrides()
    pooling_overrides()
    default_overrides()
    linearization_overrides()
optvis.overrides.gradient_override
    gradient_override_map(override_dict)
    use_gradient(grad_f)
    register_to_random_name(grad_f)
optvis.overrides.identity_grad
    identity_grad(_op, grad)
optvis.overrides.redirected_relu_grad
    redirected_relu_grad(op, grad)
    redirected_relu6_grad(op, grad)
optvis.overrides.smoothed_maxpool_grad
    make_smoothed_maxpool_grad(smooth_type="avg", epsilon=1e-2)
misc.gradient_override
    gradient_override_map(override_dict)
    use_gradient(grad_f)
    register_to_random_name(grad_f)
misc.redirected_relu_grad
    redirected_relu_grad(op, grad)
    redirected_relu6_grad(op, grad)
optvis.style
    gram_style(a)
    mean_l1_loss(g1, g2)
    mean_l2_loss(g1, g2)
    StyleLoss(style_layers, ema_decay=None, style_func=..., loss_func=...)
misc.io
    load(url_or_handle, allow_unsafe_formats=False, cache=None, **kwargs)
    save(thing, url_or_handle, allow_unsafe_formats=False, save_context=None, **kwargs)
    show(thing, domain=(0, 1), **kwargs)
    batch_save(save_ops, num_workers=16)
    CaptureSaveContext()
    io_scope(path, replace_current_scopes=False)
    scope_url(url, io_scopes=None)
misc.io.loading
    load(url_or_handle, allow_unsafe_formats=False, cache=None, **kwargs)
    loaders
    unsafe_loaders
    decompressors
    load_using_loader(handle, decompressor, loader)
    is_handle(url_or_handle)
    read_handle
misc.io.saving
    save(thing, url_or_handle, allow_unsafe_formats=False, save_context=None, **kwargs)
    batch_save(save_ops, num_workers=16)
    CaptureSaveContext()
    ClarityJSONEncoder()
    save_json(object, handle, indent=2)
    save_npy(object, handle)
    save_npz(object, handle)
    save_img(object, handle)
    save_txt(object, handle)
    save_str(object, handle)
    save_pb(object, handle)
    save_pickle(object, handle)
    compress_xz(handle)
    savers
    unsafe_savers
    compressors
    nullcontext
    CaptureSaveContext.current_save_context()
misc.io.scoping
    io_scope(path, replace_current_scopes=False)
    scope_url(url, io_scopes=None)
    current_io_scopes()
    set_io_scopes(scopes)
misc.io.reading
    read(url, encoding=None, cache=None, mode="rb")
    read_handle(url, cache=None, mode="rb")
    RESERVED_PATH_CHARS
    LUCID_CACHE_DIR_NAME
    MAX_FILENAME_LENGTH
    local_cache_path(remote_url)
misc.io.writing
    write(data, url, mode="wb")
    write_handle(path, mode=None)
misc.io.serialize_array
    _normalize_array(array, domain=(0, 1))
    serialize_array(array, domain=(0, 1), fmt="png", quality=70)
    array_to_jsbuffer(array)
    JS_ARRAY_TYPES
misc.io.showing
    show(thing, domain=(0, 1), **kwargs)
    image(array, domain=None, w=None, format="png", **kwargs)
    images(arrays, labels=None, domain=None, w=None)
    textured_mesh(mesh, texture, background="0xffffff")
    graph(graph_def, max_const_size=32)
    _image_url(array, fmt="png", mode="data", quality=90, domain=None)
    _image_html(array, w=None, domain=None, fmt="png")
    _display_html(html_str)
misc.io.collapse_channels
    collapse_channels(X)
    sparse_channels_to_rgb(X)
    hue_to_rgb(ang, warp=True)
misc.io.sanitizing
    sanitize(string)
misc.channel_reducer
    ChannelReducer(n_components=3, reduction_alg="NMF", **kwargs)
    ChannelReducer.fit(self, acts)
    ChannelReducer.transform(self, acts)
    ChannelReducer.fit_transform(self, acts)
misc.ndimage_utils
    resize(image, target_size=None, ratios=None, **kwargs)
    composite(background_image, foreground_image, foreground_width_ratio=0.25, foreground_position=(0.0, 0.0))
    soft_alpha_blend(image_with_alpha, amount_background=0.333, gamma=2.2)
misc.iter_nd_utils
    recursive_enumerate_nd(it, stop_iter=None, prefix=())
    dict_to_ndarray(d)
    batch_iter(it, batch_size=64)
misc.stimuli
    sample_binary_image(size, alias_factor=10, color_a=(1, 1, 1), color_b=(0, 0, 0), boundary_line=False,
        boundary_width=1, blur_beyond_radius=None, fade_beyond_radius=None, fade_over_distance=10,
        fade_color=(0.5, 0.5, 0.5), **kwds)
    rmin(X, Y, r)
    rounded_corner(orientation, r, angular_width=90, size=224, **kwds)
misc.gl.meshutil
    frustum(left, right, bottom, top, znear, zfar)
    perspective(fovy, aspect, znear, zfar)
    anorm(x, axis=None, keepdims=False)
    normalize(v, axis=None, eps=1e-10)
    lookat(eye, target=(0, 0, 0), up=(0, 1, 0))
    sample_view(min_dist, max_dist=None)
    homotrans(M, p)
    load_obj(fn)
    normalize_mesh(mesh)
misc.graph_analysis.filter_overlay
    standard_include_ops
misc.tfutil
    create_session(target="", timeout_sec=10)
misc.environment
    is_notebook_environment()
misc.convert_matplotlib
    matplotlib_to_numpy(plt)
modelzoo.vision_base
    Model()
    Model.create_input(self, t_input=None, forget_xy_shape=True)
    Model.import_graph(self, t_input=None, scope="import", forget_xy_shape=True, input_map=None)
    Model.show_graph(self)
    Model.get_layer(self, name)
    Model.load_graphdef(self)
    Model.labels
    Model.synset_ids
    Model.synsets
    Model.name
    Model.suggest_save_args(graph_def=None)
    Model.save(save_url, input_name, output_names, image_shape, image_value_range)
    Model.load(url)
    Model.load_from_metadata(model_url, metadata)
    Model.load_from_graphdef(graphdef_url)
    Model.load_from_manifest(manifest_url)
    Model.get_activations(self, layer, examples, batch_size=64, dtype=None, ind_shape=None, center_only=False)
    Model.model_path
    Model.labels_path
    Model.synsets_path
    Model.image_value_range
    Model.image_shape
    Model.layers
    Model.model_name
    Model.is_BGR
    IMAGENET_MEAN
    IMAGENET_MEAN_BGR
    Model.input_name
    Model.dataset
    Layer.name
    Layer.depth
    Layer.tags
    Layer.activations
    Layer.model_name
    Layer.model_class
    Layer.width
    Layer.height
    Layer.to_json(self)
    Model.to_json(self)
    Model.graph_def
    SerializedModel
    FrozenGraphModel
    Layer.size
modelzoo.get_activations
    get_activations_iter(model, layer, generator, reducer="mean", batch_size=64, dtype=None, ind_shape=None,
        center_only=False)
    get_activations(model, layer, examples, batch_size=64, dtype=None, ind_shape=None, center_only=False)
modelzoo.nets_factory
    models_map
    get_model(name)
modelzoo.util
    load_text_labels(labels_path)
    load_graphdef(model_url, reset_device=True)
    forget_xy(t)
    frozen_default_graph_def(input_node_names, output_node_names)
    infuse_metadata(graph_def, info)
    extract_metadata(graph_def)
    metadata_node_name
    GraphDefHelper(graph_def)
modelzoo.wordnet
    id_from_synset(synset)
    synset_from_id(id_str)
    imagenet_synset_ids()
    imagenet_synsets()
    imagenet_synset_from_description(search_term)
    IMAGENET_SYNSETS_PATH
modelzoo.aligned_activations
    PATH_TEMPLATE
    PAGE_SIZE
    NUMBER_OF_PAGES
    NUMBER_OF_AVAILABLE_SAMPLES
modelzoo.serialized_models
    SerializedModel.from_directory(model_path, manifest_path=...)
    FrozenGraphModel(model_directory, manifest)
"""


def rows() -> list[tuple[str, str]]:
    """Pairs of a module and a name, or a signature, in it."""
    module, entries = "", []
    for line in (NAMES.strip() + ZOO + RECIPES.lstrip()).splitlines():
        if not line.startswith(" "):
            module = line
        elif line.startswith("        "):  # continues the line before
            entries[-1] = (module, f"{entries[-1][1]} {line.strip()}")
        else:
            entries.append((module, line.strip()))
    return entries


# Folders, and modules whose names in Lucid were all private.
_OTHERS = {"recipes", "misc", "misc.gl", "misc.graph_analysis", "modelzoo", "optvis", "optvis.objectives_util"}
_OTHERS |= {"modelzoo.caffe_models", "modelzoo.other_models", "modelzoo.slim_models"}

MODULES = sorted(_OTHERS | {module for module, _ in rows()} | {name.rpartition(".")[0] for name in REMOVED})
