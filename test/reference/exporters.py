"""The tools that people export pipelines with, and what they do to the files afterwards. Each writes the pipeline into a folder `out`."""
import contextlib
import functools
import json
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path
from unittest import mock

import diffusers
import onnx
import torch


def by_optimum(pipeline, out, **options):
    from optimum.exporters.onnx import main_export
    with tempfile.TemporaryDirectory() as folder:
        pipeline.save_pretrained(folder)
        main_export(folder, output=out, task="text-to-image", do_validation=False, **options)
    return out


def by_script(pipeline, out, half=False):
    """diffusers' scripts/convert_stable_diffusion_checkpoint_to_onnx.py itself, which is in no package: DIFFUSERS_ONNX_SCRIPT says where it lies.

    It was written for older libraries. Two things are put right around it: the exporter that it means is the legacy one, and since diffusers 0.34 OnnxRuntimeModel wants to be told
    `provider_options`. Its --fp16 refuses to run without CUDA; `half` makes it believe in a device which is the CPU.
    """
    script = Path(os.environ.get("DIFFUSERS_ONNX_SCRIPT", "convert_stable_diffusion_checkpoint_to_onnx.py"))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        pipeline.save_pretrained(folder)
        replace = lambda owner, name, value: stack.enter_context(mock.patch.object(owner, name, value))
        replace(torch.onnx, "export", functools.partial(torch.onnx.export, dynamo=False))
        replace(diffusers.OnnxRuntimeModel, "from_pretrained", functools.partial(diffusers.OnnxRuntimeModel.from_pretrained, provider_options=[{}]))
        if half:
            on_cpu = lambda device: "cpu" if device == "cuda" else device
            tensor_to, pipeline_to = torch.Tensor.to, diffusers.DiffusionPipeline.to
            replace(torch.cuda, "is_available", lambda: True)
            replace(torch.Tensor, "to", lambda self, *args, **kinds: tensor_to(self, *args, **{key: on_cpu(value) for key, value in kinds.items()}))
            replace(diffusers.DiffusionPipeline, "to", lambda self, device: pipeline_to(self, on_cpu(device)))
        replace(sys, "argv", [script.name, "--model_path", folder, "--output_path", str(out), *(["--fp16"] if half else [])])
        runpy.run_path(str(script), run_name="__main__")
    return out


class Wrapped(torch.nn.Module):
    """What people write to get one tensor out and tensors in; the U-Net's names get a prefix."""
    def __init__(self, network):
        super().__init__()
        self.unet = network

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds=None, time_ids=None, timestep_cond=None):
        added = None if text_embeds is None else {"text_embeds": text_embeds, "time_ids": time_ids}
        return self.unet(sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, added_cond_kwargs=added, return_dict=False)[0]


class Decoder(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.vae = network

    def forward(self, latent_sample):
        return self.vae.decode(latent_sample, return_dict=False)[0]


def by_torch(pipeline, out, dynamo, batch=2, dynamic=False, wrap=False, external=False, opset=18, timestep=None, dtype=torch.float32):
    """torch.onnx.export, shapes as they are unless `dynamic`."""
    pipeline = pipeline.to(dtype)
    side, config = pipeline.unet.config.sample_size, pipeline.unet.config
    axis = (lambda name: torch.export.Dim(name, min=1, max=64)) if dynamo else (lambda name: name)

    def export(model, args, name, inputs, outputs, axes, kwargs=None):
        path = out / name / "model.onnx"
        path.parent.mkdir(parents=True)
        shapes = {} if not dynamic else dict(dynamic_shapes=axes) if dynamo else dict(dynamic_axes={k: v for k, v in axes.items() if v})
        torch.onnx.export(model, args, path.as_posix(), kwargs=kwargs, input_names=inputs, output_names=outputs, opset_version=opset, dynamo=dynamo, external_data=external and name == "unet", **shapes)

    rows = {0: axis("batch")}
    texts = [encoder for encoder in (pipeline.text_encoder, getattr(pipeline, "text_encoder_2", None)) if encoder is not None]
    longest = texts[0].config.max_position_embeddings
    noise = lambda *shape: torch.randn(*shape, dtype=dtype)
    main = {"sample": noise(batch, 4, side, side), "timestep": torch.tensor(7) if timestep is None else timestep, "encoder_hidden_states": noise(batch, longest, config.cross_attention_dim)}
    added = {"text_embeds": noise(batch, texts[1].config.projection_dim), "time_ids": noise(batch, 6)} if len(texts) == 2 else {}
    guidance = {"timestep_cond": noise(batch, config.time_cond_proj_dim)} if config.time_cond_proj_dim else {}
    axes = {name: rows for name in [*main, *added, *guidance]}
    axes["timestep"] = None if main["timestep"].ndim == 0 else {}
    names = list(axes)
    if wrap:
        export(Wrapped(pipeline.unet), tuple({**main, **added, **guidance}.values()), "unet", names, ["out_sample"], axes)
    else:
        kwargs = {**guidance, **({"added_cond_kwargs": added} if added else {}), "return_dict": False}
        shapes = {**{name: axes[name] for name in [*main, *guidance]}, **({"added_cond_kwargs": {name: rows for name in added}} if added else {}), "return_dict": None}
        export(pipeline.unet, tuple(main.values()), "unet", [*main, *guidance, *added], ["out_sample"], shapes, kwargs=kwargs)
    for at, encoder in enumerate(texts):
        encoder.config.use_cache = False
        layers = encoder.config.num_hidden_layers
        ends = ["text_embeds", "last_hidden_state"] if at == 1 else ["last_hidden_state", "pooler_output"]
        outputs = ends if len(texts) == 1 else [*ends, *(f"hidden_states.{layer}" for layer in range(layers + 1))]
        encoder.config.output_hidden_states = len(texts) == 2
        export(encoder, (torch.zeros((2 if dynamic else 1, longest), dtype=torch.long),), "text_encoder" if at == 0 else "text_encoder_2", ["input_ids"], outputs, {"input_ids": rows})
    export(Decoder(pipeline.vae), (noise(2 if dynamic else 1, 4, side, side),), "vae_decoder", ["latent_sample"], ["sample"], {"latent_sample": rows})
    with tempfile.TemporaryDirectory() as folder:
        pipeline.save_pretrained(folder)
        for part in Path(folder).iterdir():
            if part.name.startswith(("tokenizer", "scheduler")):
                shutil.copytree(part, out / part.name)
            elif part.is_dir():
                shutil.copy(part / "config.json", out / ("vae_decoder" if part.name == "vae" else part.name) / "config.json")
        shutil.copy(Path(folder) / "model_index.json", out / "model_index.json")
    return out


def only(out, kept):
    """Where the other parts are those of another export."""
    for part in out.iterdir():
        if part.name not in kept:
            shutil.rmtree(part) if part.is_dir() else part.unlink()


def without_paths(out):
    """What exporters before PyTorch 1.13 wrote: values are numbers, nodes have no names; weights keep theirs."""
    path = out / "unet" / "model.onnx"
    model = onnx.load(path)
    graph, names = model.graph, {}
    keep = {value.name for value in [*graph.input, *graph.output, *graph.initializer]}
    for node in graph.node:
        for at, output in enumerate(node.output):
            if output not in keep:
                names[output] = node.output[at] = str(1000 + len(names))
        for at, value in enumerate(node.input):
            node.input[at] = names.get(value, value)
        node.ClearField("name")
    del graph.value_info[:]
    onnx.save(model, path)
    return out


def without_names(out):
    """As some optimisers leave it: weights have numbers, too."""
    path = without_paths(out) / "unet" / "model.onnx"
    model = onnx.load(path)
    names = {weight.name: f"w{index}" for index, weight in enumerate(model.graph.initializer)}
    for weight in model.graph.initializer:
        weight.name = names[weight.name]
    for node in model.graph.node:
        for at, value in enumerate(node.input):
            node.input[at] = names.get(value, value)
    onnx.save(model, path)
    return out


def half_inside(out):
    """float16 weights, float32 inputs and outputs: onnxruntime's converter with keep_io_types, the recommended way on a machine without a GPU."""
    from onnxruntime.transformers.float16 import convert_float_to_float16
    for part in ("unet", "text_encoder", "vae_decoder"):
        path = out / part / "model.onnx"
        onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=True), path)
    return out


def optimised(out, device):
    """ONNX Runtime's optimiser for U-Nets. For the GPU it writes what Olive writes, for which the CPU has no kernels; for the CPU what docs/exporting.md tells to leave on.

    Its fusion of attention needs NumPy 1 (`pip install "numpy<2"`), and is left out of what is made for the GPU.
    """
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model
    path = out / "unet" / "model.onnx"
    options = FusionOptions("unet")
    off = dict(gpu=["attention"], cpu=["nhwc_conv", "group_norm", "skip_group_norm", "bias_splitgelu", "bias_add", "packed_qkv", "packed_kv"])[device]
    for name in off:
        setattr(options, f"enable_{name}", False)
    optimize_model(path.as_posix(), model_type="unet", num_heads=0, hidden_size=0, opt_level=0, use_gpu=device == "gpu", optimization_options=options).save_model_to_file(path.as_posix())
    return out
