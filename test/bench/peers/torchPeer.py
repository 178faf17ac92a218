"""A guided generation in eager PyTorch and diffusers, with forward hooks that encode every site's update by its SAE.

As a program (torchPeer.py WEIGHTS SAES STEPS THREADS PROMPT) it makes one for every seed of its input, a line each, and answers with
{"stepMs": [...], "latents": the first few of the last step}. WEIGHTS is a pipeline folder, or a recipe (make.py) with unet() and scheduler() of random weights.
"""
import importlib.util
import json
import sys
import time
from pathlib import Path

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from safetensors.torch import load_file

GUIDANCE = 5.0


class Encoder:
    """z = TopK(ReLU((Δ - b_dec) W_enc + b_enc)) of the cond row."""

    def __init__(self, folder):
        self.weights = load_file(folder / "sae_weights.safetensors")
        self.k = json.loads((folder / "cfg.json").read_text())["k"]
        self.codes = []

    def __call__(self, module, inputs, output):
        update = (output[0] - inputs[0])[1]
        x = update.flatten(1).T
        values, indices = ((x - self.weights["b_dec"]) @ self.weights["W_enc"] + self.weights["b_enc"]).topk(self.k, dim=-1)
        self.codes.append((indices, values.relu()))


def load(weights, steps):
    """@returns U-Net, scheduler, what a prompt is encoded to, what decodes"""
    if weights.suffix == ".py":
        spec = importlib.util.spec_from_file_location("recipe", weights)
        recipe = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(recipe)
        return recipe.unet(), DDIMScheduler.from_config(recipe.scheduler().config), lambda prompt: torch.randn(2, recipe.TOKENS, recipe.WIDTH), lambda latents: None
    pipeline = StableDiffusionPipeline.from_pretrained(weights)
    pipeline.set_progress_bar_config(disable=True)

    def encode(prompt):
        cond, uncond = pipeline.encode_prompt(prompt, "cpu", 1, True, "")
        return torch.cat([uncond, cond])

    return pipeline.unet, pipeline.scheduler, encode, lambda latents: pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample


@torch.no_grad()
def main(answer, weights, saes, steps, threads, prompt):
    torch.set_num_threads(threads)
    unet, scheduler, encode, decode = load(weights, steps)
    encoders = {folder.name: Encoder(folder) for folder in saes.iterdir() if folder.is_dir()}
    for site, encoder in encoders.items():
        unet.get_submodule(site).register_forward_hook(encoder)
    for line in sys.stdin:
        for encoder in encoders.values():
            encoder.codes = []
        embeds = encode(prompt)
        side = unet.config.sample_size
        latents = torch.randn((1, unet.config.in_channels, side, side), generator=torch.Generator().manual_seed(int(line)))
        scheduler.set_timesteps(steps)
        took = []
        for timestep in scheduler.timesteps:
            start = time.perf_counter()
            uncond, cond = unet(torch.cat([latents, latents]), timestep, embeds).sample.chunk(2)
            latents = scheduler.step(uncond + GUIDANCE * (cond - uncond), timestep, latents).prev_sample
            took.append(1000 * (time.perf_counter() - start))
        decode(latents)
        print(json.dumps({"stepMs": took, "latents": latents.flatten()[:16].tolist()}), file=answer, flush=True)


if __name__ == "__main__":
    answer, sys.stdout = sys.stdout, sys.stderr
    weights, saes, steps, threads, prompt = sys.argv[1:]
    main(answer, Path(weights), Path(saes), int(steps), int(threads), prompt)
