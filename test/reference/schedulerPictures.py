"""Goldens of sampling by every scheduler: the latents that diffusers' own pipeline makes of Scenes' PyTorch weights, in float32, on one thread.

Each scheduler is made from the pipeline's own configuration, as `from_config` does. Writes goldens/schedulerPictures.json (requests) and .safetensors
(`latents` [requests, 4, 16, 16]). Needs scipy beside what the other references need.
"""
import argparse
import json
from pathlib import Path

import diffusers
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLASSES = {
    "ddim": "DDIMScheduler", "ddpm": "DDPMScheduler", "pndm": "PNDMScheduler", "lms": "LMSDiscreteScheduler", "euler": "EulerDiscreteScheduler",
    "euler-ancestral": "EulerAncestralDiscreteScheduler", "heun": "HeunDiscreteScheduler", "dpmpp-2m": "DPMSolverMultistepScheduler",
    "dpmpp-2m-sde": "DPMSolverMultistepScheduler", "unipc": "UniPCMultistepScheduler", "lcm": "LCMScheduler",
}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", type=Path, default=ROOT / "recipes/scenes/weights", help="PyTorch pipeline")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    pipeline = StableDiffusionPipeline.from_pretrained(options.weights, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    own = pipeline.scheduler.config
    requests = [dict(scheduler=name, seed=seed, steps=8) for seed, name in enumerate(CLASSES)]
    requests += [dict(scheduler="ddim", seed=20, steps=8, guidanceRescale=0.7), dict(scheduler="euler-ancestral", seed=21, steps=25), dict(scheduler="dpmpp-2m-sde", seed=22, steps=20)]
    latents = []
    for request in requests:
        name = request["scheduler"]
        keys = {"dpmpp-2m-sde": dict(algorithm_type="sde-dpmsolver++")}.get(name, {})
        pipeline.scheduler = getattr(diffusers, CLASSES[name]).from_config(own, **keys)
        request |= dict(prompt="a red house left and a blue tree right, meadow", negativePrompt="night", guidanceScale=5)
        latents.append(pipeline(request["prompt"], negative_prompt=request["negativePrompt"], num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
                                guidance_rescale=request.get("guidanceRescale", 0.0), generator=torch.Generator("cpu").manual_seed(request["seed"]), output_type="latent").images[0])
    save_file({"latents": torch.stack(latents).contiguous()}, HERE / "goldens/schedulerPictures.safetensors")
    (HERE / "goldens/schedulerPictures.json").write_text(json.dumps({"diffusers": diffusers.__version__, "requests": requests}) + "\n")


if __name__ == "__main__":
    main()
