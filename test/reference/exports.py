"""Tiny random pipelines with diffusers' own classes, exported to ONNX by the tools that people use, and what PyTorch computes with them.

    pip install -r test/reference/exports-requirements.txt
    DIFFUSERS_ONNX_SCRIPT=convert_stable_diffusion_checkpoint_to_onnx.py python test/reference/exports.py [NAME ...]

Writes exports/NAME (a pipeline folder each; of those in KEPT only what is particular to them) and goldens/exports/NAME.safetensors: the update of every transformer block by forward hooks, the pipeline's final latents,
its picture and its encoded texts. The pipelines are in exportPipelines.py, the tools in exporters.py. The matrix of what is covered stands in exports/README.md.
What is left out of the files: stack traces, doc strings and names of folders, which are those of one machine; VAE encoders.
"""
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from diffusers import DDIMScheduler, LatentConsistencyModelPipeline
from safetensors.torch import save_file

from exporters import by_optimum, by_script, by_torch, half_inside, only, optimised, without_names, without_paths
from exportPipelines import lcm, sd1, sd2, sdxl, turbo

HERE = Path(__file__).resolve().parent
OUT = HERE / "exports"
GOLDENS = HERE / "goldens" / "exports"
PROMPT, NEGATIVE = "a red house left and a blue tree right", "a boat, night"


# Name: pipeline, exporter, tolerance of Δ. Requests: scheduler, steps, guidance.
GUIDED, FREE = [("ddim", 4, 5.0), ("ddim", 3, 1.0)], [("ddim", 3, 0.0)]
FIXTURES = {
    "sd1-optimum": (sd1, by_optimum, GUIDED),
    "sd1-script": (lambda: sd1(side=64), by_script, GUIDED[:1]),
    "sd1-script-fp16": (lambda: sd1(side=64), lambda p, o: by_script(p, o, half=True), GUIDED[:1]),
    "sd1-legacy-wrapped-batch1": (sd1, lambda p, o: by_torch(p, o, dynamo=False, batch=1, wrap=True, opset=14, timestep=torch.tensor([7.0])), GUIDED),
    "sd1-dynamo-fixed": (sd1, lambda p, o: by_torch(p, o, dynamo=True), GUIDED),
    "sd1-dynamo-dynamic-external": (sd1, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True, wrap=True, external=True, timestep=torch.tensor([7], dtype=torch.int32)), GUIDED),
    "sd1-before-1.13": (sd1, lambda p, o: without_paths(by_optimum(p, o)), GUIDED[:1]),
    "sd1-without-names": (sd1, lambda p, o: without_names(by_optimum(p, o)), GUIDED[:1]),
    "sd1-for-a-gpu": (sd1, lambda p, o: optimised(by_optimum(p, o), "gpu"), []),
    "sd1-for-the-cpu": (sd1, lambda p, o: optimised(by_optimum(p, o), "cpu"), GUIDED[:1]),
    # diffusers' pipelines for Stable Diffusion 1 do not read what a VAE tells beside its factor.
    "sd1-optimum-fp16": (lambda: sd1(shift_factor=0.3, latents_mean=(0.1, -0.2, 0.3, 0.0), latents_std=(1.5, 0.5, 2.0, 1.0)), lambda p, o: by_optimum(p, o, dtype="fp16"), GUIDED),
    "sd1-dynamo-fp16": (sd1, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True, dtype=torch.float16), GUIDED[:1]),
    "sd2-script": (sd2, by_script, GUIDED[:1]),
    "sd2-optimum": (sd2, by_optimum, GUIDED),
    "sd2-dynamo": (sd2, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True), GUIDED[:1]),
    "turbo-optimum": (turbo, by_optimum, FREE),
    "sdxl-optimum": (sdxl, by_optimum, [*GUIDED, ("ddim", 2, 4.0)]),
    "sdxl-fp16-inside": (lambda: sdxl(1, latents_mean=(0.1, -0.2, 0.3, 0.0), latents_std=(1.5, 0.5, 2.0, 1.0)), lambda p, o: half_inside(by_optimum(p, o)), GUIDED[:1]),
    "sdxl-optimum-fp16": (lambda: sdxl(1, shift_factor=0.3), lambda p, o: by_optimum(p, o, dtype="fp16"), GUIDED),
    "sdxl-legacy-wrapped-fp16": (lambda: sdxl(1), lambda p, o: by_torch(p, o, dynamo=False, dynamic=True, wrap=True, opset=17, timestep=torch.tensor([7]), dtype=torch.float16), GUIDED[:1]),
    "sdxl-dynamo": (lambda: sdxl(1), lambda p, o: by_torch(p, o, dynamo=True, dynamic=True), GUIDED),
    "sdxl-dynamo-fp16-inside": (lambda: sdxl(1), lambda p, o: half_inside(by_torch(p, o, dynamo=True, wrap=True)), GUIDED[:1]),
    "lcm-dynamo": (lcm, lambda p, o: by_torch(p, o, dynamo=True, dynamic=True), [("lcm", 3, 8.5)]),
    "lcm-legacy-fp16": (lcm, lambda p, o: by_torch(p, o, dynamo=False, batch=1, opset=14, dtype=torch.float16), [("lcm", 3, 8.5)]),
    "lcm-optimum": (lcm, by_optimum, [("lcm", 3, 8.5)]),
}


# What is kept of exports whose other parts are those of another.
KEPT = {"sd1-before-1.13": ("unet",), "sd1-without-names": ("unet",), "sd1-for-a-gpu": ("unet",), "sd1-for-the-cpu": ("unet",), "sd2-script": ("unet", "scheduler", "model_index.json"),
        "turbo-optimum": ("scheduler", "model_index.json"), "sdxl-fp16-inside": ("unet", "vae_decoder"), "sdxl-legacy-wrapped-fp16": ("unet",), "sdxl-dynamo": ("unet", "text_encoder_2"), "sdxl-dynamo-fp16-inside": ("unet",),
        "lcm-optimum": ("unet", "scheduler", "model_index.json"), "lcm-dynamo": ("unet", "scheduler", "model_index.json"), "lcm-legacy-fp16": ("unet", "scheduler", "model_index.json")}


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


if __name__ == "__main__":
    main()
