"""Goldens of instrumentation: what every transformer block of Scenes' U-Net adds to the residual stream, by PyTorch forward hooks.

Samples one prompt with diffusers' own classes (DDIM, guidance) and writes goldens/hooks.safetensors: per site the update of the
cond row, whole at one early step ("SITE/STEP") and every so many elements of it at every step ("SITE", [steps, elements]).
"""
import argparse
import json
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

from sampling import ROOT, model_hash

HERE = Path(__file__).resolve().parent
PROMPT, SEED, STEPS, GUIDANCE = "a red house left and a blue tree right, meadow", 3, 30, 5.0
WHOLE = (5,)
SAMPLES = 256  # elements of each update that are kept at every step; the stride is odd, so that they fall on many cells


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weights", type=Path, default=ROOT / "recipes/scenes/weights", help="PyTorch pipeline")
    arguments.add_argument("--model", type=Path, default=ROOT / "models/scenes", help="its ONNX export, for the hash")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    unet = UNet2DConditionModel.from_pretrained(options.weights / "unet").eval()
    text = CLIPTextModel.from_pretrained(options.weights / "text_encoder").eval()
    tokenizer = CLIPTokenizer.from_pretrained(options.weights / "tokenizer")
    scheduler = DDIMScheduler.from_pretrained(options.weights / "scheduler")

    updates = {}

    def hook(site):
        def record(_, inputs, output):
            updates[site] = (output[0] - inputs[0])[1]  # row 1 is cond
        return record

    sites = [name for name, module in unet.named_modules() if type(module).__name__ == "Transformer2DModel"]
    for site in sites:
        unet.get_submodule(site).register_forward_hook(hook(site))

    tensors = {}
    with torch.no_grad():
        ids = tokenizer(["", PROMPT], padding="max_length", truncation=True, max_length=tokenizer.model_max_length, return_tensors="pt").input_ids
        embeds = text(ids)[0]
        side = unet.config.sample_size
        latents = torch.randn((1, unet.config.in_channels, side, side), generator=torch.Generator().manual_seed(SEED))
        scheduler.set_timesteps(STEPS)
        kept = {site: [] for site in sites}
        for step, timestep in enumerate(scheduler.timesteps):
            uncond, cond = unet(torch.cat([latents, latents]), timestep, embeds).sample.chunk(2)
            latents = scheduler.step(uncond + GUIDANCE * (cond - uncond), timestep, latents).prev_sample
            for site in sites:
                update = updates[site]
                if step in WHOLE:
                    tensors[f"{site}/{step}"] = update.contiguous()
                kept[site].append(update.flatten()[:: update.numel() // SAMPLES - 1][:SAMPLES])
        for site in sites:
            tensors[site] = torch.stack(kept[site])
    request = {"prompt": PROMPT, "negativePrompt": "", "seed": SEED, "steps": STEPS, "guidanceScale": GUIDANCE}
    golden = {"modelHash": model_hash(options.model), "request": request, "sites": sites, "whole": WHOLE, "samples": SAMPLES}
    save_file(tensors, HERE / "goldens" / "hooks.safetensors", metadata={"golden": json.dumps(golden)})


main()
