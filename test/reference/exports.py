"""Tiny random pipelines with diffusers' own classes, exported to ONNX by the tools that people use, and what PyTorch computes with them.

    pip install -r test/reference/exports-requirements.txt
    python test/reference/exports.py [NAME ...]

Writes exports/NAME (a pipeline folder each; of those in KEPT only what is particular to them) and goldens/exports/NAME.safetensors: the update of every transformer block by forward hooks, the pipeline's final latents,
its picture and its encoded texts. Tools: optimum's `main_export`; torch.onnx.export with the very arguments of diffusers' scripts/convert_stable_diffusion_checkpoint_to_onnx.py
(the script is not in the package; its calls are written out in `by_script`); torch.onnx.export of bare or wrapped modules, legacy (dynamo=False) and dynamo.
What is left out of the files: stack traces, doc strings and names of folders, which are those of one machine; VAE encoders.
"""
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerAncestralDiscreteScheduler, LatentConsistencyModelPipeline, LCMScheduler, StableDiffusionPipeline,
                       StableDiffusionXLPipeline, UNet2DConditionModel)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

HERE = Path(__file__).resolve().parent
OUT = HERE / "exports"
GOLDENS = HERE / "goldens" / "exports"
TOKENIZER = HERE.parents[1] / "models" / "scenes" / "tokenizer"
PROMPT, NEGATIVE = "a red house left and a blue tree right", "a boat, night"
NOISE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1)


# Pipelines

def shaken(model, seed):
    """Random weights of a useful size: what is initialised to 0 or 1 gets noise, too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
            else:
                fan_in = parameter[0].numel()
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * fan_in ** -0.5)
    return model.eval()


def unet(seed, side=8, **changes):
    config = dict(sample_size=side, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=16, attention_head_dim=2,
                  down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"))
    return shaken(UNet2DConditionModel(**{**config, **changes}), seed)


def vae(seed, **changes):
    return shaken(AutoencoderKL(block_out_channels=(4, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, **changes), seed)


def text(seed, width=16, projection=None, act="quick_gelu", **changes):
    vocabulary = len(json.loads((TOKENIZER / "vocab.json").read_text()))
    config = CLIPTextConfig(vocab_size=vocabulary, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, hidden_act=act,
                            projection_dim=projection or width, bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1, **changes)
    return shaken((CLIPTextModelWithProjection if projection else CLIPTextModel)(config), seed)


def tokenizer(pad=None):
    made = CLIPTokenizer.from_pretrained(TOKENIZER)
    if pad is not None:
        made.pad_token = pad
    return made


def common():
    return dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def sd1(side=8):
    changes = {}
    if side < 64:  # there, attention at the finest grid takes seconds
        changes = dict(down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"))
    return StableDiffusionPipeline(vae(3), text(1), tokenizer(), unet(2, side, **changes),
                                   DDIMScheduler(**NOISE), **common())


def sd2():
    """Stable Diffusion 2: v-prediction, linear projections, as many heads as widths ask for, padding with "!"."""
    return StableDiffusionPipeline(vae(13), text(11, act="gelu"), tokenizer("!"), unet(12, use_linear_projection=True, attention_head_dim=(2, 4)),
                                   DDIMScheduler(**NOISE, prediction_type="v_prediction"), **common())


def turbo():
    """SD-Turbo: the networks of Stable Diffusion 2, one to four steps without guidance."""
    pipeline = sd2()
    pipeline.register_modules(scheduler=EulerAncestralDiscreteScheduler(
        **{k: v for k, v in NOISE.items() if k not in ("clip_sample", "set_alpha_to_one")}, timestep_spacing="trailing", prediction_type="v_prediction"))
    return pipeline


def sdxl(depths=(1, 2), **scale):
    pipeline = StableDiffusionXLPipeline(
        vae(33, scaling_factor=0.13025, force_upcast=True, **scale), text(31, 16), text(35, 24, projection=24, act="gelu"), tokenizer(), tokenizer("!"),
        unet(32, transformer_layers_per_block=depths, cross_attention_dim=40, use_linear_projection=True, attention_head_dim=(2, 4), addition_embed_type="text_time", addition_time_embed_dim=8,
             projection_class_embeddings_input_dim=24 + 6 * 8),
        DDIMScheduler(**NOISE), add_watermarker=False)
    return pipeline


def lcm():
    return LatentConsistencyModelPipeline(vae(3), text(1), tokenizer(), unet(42, time_cond_proj_dim=32),
                                          LCMScheduler(**{k: v for k, v in NOISE.items() if k != "steps_offset"}), **common())


# Exporters

def by_optimum(pipeline, out, **options):
    from optimum.exporters.onnx import main_export
    with tempfile.TemporaryDirectory() as folder:
        pipeline.save_pretrained(folder)
        main_export(folder, output=out, task="text-to-image", do_validation=False, **options)
    return out


def by_script(pipeline, out, opset=14, dtype=torch.float32):
    """The calls of diffusers' script, opset 14 being its default."""
    pipeline = pipeline.to(dtype)
    side, channels = pipeline.unet.config.sample_size, pipeline.unet.config.in_channels
    config = pipeline.text_encoder.config

    def export(model, args, name, inputs, outputs, axes):
        path = out / name / "model.onnx"
        path.parent.mkdir(parents=True)
        torch.onnx.export(model, args, f=path.as_posix(), input_names=inputs, output_names=outputs, dynamic_axes=axes, do_constant_folding=True, opset_version=opset, dynamo=False)

    ids = pipeline.tokenizer("A sample prompt", padding="max_length", max_length=pipeline.tokenizer.model_max_length, truncation=True, return_tensors="pt").input_ids
    export(pipeline.text_encoder, (ids.to(torch.int32),), "text_encoder", ["input_ids"], ["last_hidden_state", "pooler_output"], {"input_ids": {0: "batch", 1: "sequence"}})
    image = {0: "batch", 1: "channels", 2: "height", 3: "width"}
    export(pipeline.unet, (torch.randn(2, channels, side, side, dtype=dtype), torch.randn(2, dtype=dtype), torch.randn(2, config.max_position_embeddings, config.hidden_size, dtype=dtype), None,
                           None, None, None, None, None, None, None, None, False), "unet",
           ["sample", "timestep", "encoder_hidden_states"], ["out_sample"], {"sample": image, "timestep": {0: "batch"}, "encoder_hidden_states": {0: "batch", 1: "sequence"}})
    path = (out / "unet" / "model.onnx").as_posix()
    model = onnx.load(path)
    onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=True, location="weights.pb", size_threshold=0, convert_attribute=False)
    decoder = pipeline.vae
    decoder.forward = decoder.decode
    export(decoder, (torch.randn(1, 4, side, side, dtype=dtype), False), "vae_decoder", ["latent_sample"], ["sample"], {"latent_sample": image})
    pipeline.tokenizer.save_pretrained(out / "tokenizer")
    pipeline.scheduler.save_pretrained(out / "scheduler")
    # OnnxStableDiffusionPipeline.save_pretrained: no configurations beside the networks.
    parts = dict(text_encoder=["diffusers", "OnnxRuntimeModel"], unet=["diffusers", "OnnxRuntimeModel"], vae_decoder=["diffusers", "OnnxRuntimeModel"], vae_encoder=["diffusers", "OnnxRuntimeModel"],
                 tokenizer=["transformers", "CLIPTokenizer"], scheduler=["diffusers", type(pipeline.scheduler).__name__], safety_checker=[None, None], feature_extractor=[None, None])
    (out / "model_index.json").write_text(json.dumps({"_class_name": "OnnxStableDiffusionPipeline", "_diffusers_version": "0.35.2", **parts}, indent=2) + "\n")
    return out


class Wrapped(torch.nn.Module):
    """What people write to get one tensor out; the U-Net's names get a prefix."""
    def __init__(self, network):
        super().__init__()
        self.unet = network

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class Decoder(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.vae = network

    def forward(self, latent_sample):
        return self.vae.decode(latent_sample, return_dict=False)[0]


def by_torch(pipeline, out, dynamo, batch=2, dynamic=False, wrap=False, external=False, opset=18, timestep=None):
    """torch.onnx.export, shapes as they are unless `dynamic`."""
    side, config = pipeline.unet.config.sample_size, pipeline.text_encoder.config
    axis = (lambda name: torch.export.Dim(name, min=1, max=64)) if dynamo else (lambda name: name)

    def export(model, args, name, inputs, outputs, axes, kwargs=None):
        path = out / name / "model.onnx"
        path.parent.mkdir(parents=True)
        shapes = {} if not dynamic else dict(dynamic_shapes=axes) if dynamo else dict(dynamic_axes={k: v for k, v in axes.items() if v})
        torch.onnx.export(model, args, path.as_posix(), kwargs=kwargs, input_names=inputs, output_names=outputs, opset_version=opset, dynamo=dynamo, external_data=external and name == "unet", **shapes)

    rows = {0: axis("batch")}
    width, longest = config.hidden_size, config.max_position_embeddings
    network = Wrapped(pipeline.unet) if wrap else pipeline.unet
    args = (torch.randn(batch, 4, side, side), torch.tensor(7) if timestep is None else timestep, torch.randn(batch, longest, width))
    axes = {"sample": rows, "timestep": None if args[1].ndim == 0 else {}, "encoder_hidden_states": rows}
    if wrap:
        export(network, args, "unet", list(axes), ["out_sample"], axes)
    else:
        export(network, args, "unet", list(axes), ["out_sample"], {**axes, "return_dict": None}, kwargs={"return_dict": False})
    ids = torch.zeros((2 if dynamic else 1, longest), dtype=torch.long)
    pipeline.text_encoder.config.use_cache = False
    export(pipeline.text_encoder, (ids,), "text_encoder", ["input_ids"], ["last_hidden_state", "pooler_output"], {"input_ids": rows})
    export(Decoder(pipeline.vae), (torch.randn(2 if dynamic else 1, 4, side, side),), "vae_decoder", ["latent_sample"], ["sample"], {"latent_sample": rows})
    with tempfile.TemporaryDirectory() as folder:
        pipeline.save_pretrained(folder)
        for part in ("tokenizer", "scheduler"):
            shutil.copytree(Path(folder) / part, out / part)
        for part, to in (("unet", "unet"), ("text_encoder", "text_encoder"), ("vae", "vae_decoder")):
            shutil.copy(Path(folder) / part / "config.json", out / to / "config.json")
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


def for_a_gpu(out):
    """What Olive writes for Stable Diffusion on a GPU: onnxruntime's optimiser for U-Nets."""
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model
    path = out / "unet" / "model.onnx"
    options = FusionOptions("unet")
    options.enable_attention = False  # this version of it stumbles over NumPy 2 there
    optimize_model(path.as_posix(), model_type="unet", num_heads=0, hidden_size=0, opt_level=0, use_gpu=True, optimization_options=options).save_model_to_file(path.as_posix())
    return out


# Name: pipeline, exporter, tolerance of Δ. Requests: scheduler, steps, guidance.
GUIDED, FREE = [("ddim", 4, 5.0), ("ddim", 3, 1.0)], [("ddim", 3, 0.0)]
FIXTURES = {
    "sd1-optimum": (sd1, by_optimum, GUIDED),
    "sd1-script": (lambda: sd1(side=64), by_script, GUIDED[:1]),
    "sd1-script-fp16": (lambda: sd1(side=64), lambda p, o: by_script(p, o, dtype=torch.float16), GUIDED[:1]),
    "sd1-legacy-wrapped-batch1": (sd1, lambda p, o: by_torch(p, o, dynamo=False, batch=1, wrap=True, opset=14, timestep=torch.tensor([7.0])), GUIDED),
    "sd1-dynamo-fixed": (sd1, lambda p, o: by_torch(p, o, dynamo=True), GUIDED),
    "sd1-dynamo-dynamic-external": (sd1, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True, wrap=True, external=True, timestep=torch.tensor([7], dtype=torch.int32)), GUIDED),
    "sd1-before-1.13": (sd1, lambda p, o: without_paths(by_optimum(p, o)), GUIDED[:1]),
    "sd1-without-names": (sd1, lambda p, o: without_names(by_optimum(p, o)), GUIDED[:1]),
    "sd1-for-a-gpu": (sd1, lambda p, o: for_a_gpu(by_optimum(p, o)), []),
    "sd2-optimum": (sd2, by_optimum, GUIDED),
    "sd2-dynamo": (sd2, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True), GUIDED[:1]),
    "turbo-optimum": (turbo, by_optimum, FREE),
    "sdxl-optimum": (sdxl, by_optimum, [*GUIDED, ("ddim", 2, 4.0)]),
    "sdxl-fp16-inside": (lambda: sdxl(1, latents_mean=(0.1, -0.2, 0.3, 0.0), latents_std=(1.5, 0.5, 2.0, 1.0)), lambda p, o: half_inside(by_optimum(p, o)), GUIDED[:1]),
    "lcm-optimum": (lcm, by_optimum, [("lcm", 3, 8.5)]),
}


# What is kept of exports whose other parts are those of sd1-optimum, of turbo-optimum those of sd2-optimum.
KEPT = {"sd1-before-1.13": ("unet",), "sd1-without-names": ("unet",), "sd1-for-a-gpu": ("unet",), "lcm-optimum": ("unet", "scheduler", "model_index.json"),
        "turbo-optimum": ("scheduler", "model_index.json")}


def slim(out):
    shutil.rmtree(out / "vae_encoder", ignore_errors=True)
    for path in out.rglob("*.json"):
        told = json.loads(path.read_text())
        if isinstance(told, dict) and told.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    for path in out.rglob("*.onnx"):
        model = onnx.load(path, load_external_data=False)
        for node in model.graph.node:
            node.ClearField("doc_string")
            kept = [entry for entry in node.metadata_props if "stack_trace" not in entry.key]
            del node.metadata_props[:]
            node.metadata_props.extend(entry for entry in kept if entry.key == "pkg.torch.onnx.name_scopes")
        for value in model.graph.value_info:
            del value.metadata_props[:]
        for function in model.functions:
            function.ClearField("doc_string")
        onnx.save(model, path)


def golden(pipeline, requests):
    """By diffusers in float32: updates of both rows at every step of every site, [steps, rows, channels, height, width], and what comes out."""
    pipeline.set_progress_bar_config(disable=True)
    own = pipeline.scheduler
    sites = [name for name, module in pipeline.unet.named_modules() if type(module).__name__ == "Transformer2DModel"]
    tensors, told = {}, []
    for at, (scheduler, steps, scale) in enumerate(requests):
        updates = {site: [] for site in sites}
        hooks = [pipeline.unet.get_submodule(site).register_forward_hook(lambda _, inputs, output, site=site: updates[site].append(output[0] - inputs[0])) for site in sites]
        pipeline.scheduler = own if scheduler != "ddim" else DDIMScheduler.from_config(own.config)
        negative = {} if isinstance(pipeline, LatentConsistencyModelPipeline) else {"negative_prompt": NEGATIVE if at == 0 else None}
        ask = lambda **kind: pipeline(prompt=PROMPT, **negative, num_inference_steps=steps, guidance_scale=scale, generator=torch.Generator().manual_seed(5), return_dict=False, **kind)[0]
        with torch.no_grad():
            tensors[f"{at}/latents"] = ask(output_type="latent").contiguous()
            for hook in hooks:
                hook.remove()
            picture = ask(output_type="np")
        tensors[f"{at}/picture"] = torch.from_numpy((picture[0] * 255).round().astype(np.uint8)).contiguous()
        for site in sites:
            stacked = torch.stack(updates[site])
            tensors[f"{at}/{site}"] = stacked if stacked.shape[-1] < 32 else stacked[:, :, :, ::8, ::8].contiguous()
        told.append({"scheduler": scheduler, "steps": steps, "guidanceScale": scale, "prompt": PROMPT, "negativePrompt": NEGATIVE if at == 0 and negative else "", "seed": 5})
    return tensors, {"requests": told, "sites": sites}


def main():
    torch.set_num_threads(1)
    GOLDENS.mkdir(parents=True, exist_ok=True)
    for name, (make, export, requests) in FIXTURES.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        print("==", name, flush=True)
        out = OUT / name
        shutil.rmtree(out, ignore_errors=True)
        if requests:
            torch.manual_seed(0)
            tensors, told = golden(make(), requests)
            save_file(tensors, GOLDENS / f"{name}.safetensors", metadata={"golden": json.dumps(told)})
        torch.manual_seed(0)
        export(make(), out)
        slim(out)
        if name in KEPT:
            only(out, KEPT[name])
        print("   ", sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) // 1024, "KiB", flush=True)


main()
