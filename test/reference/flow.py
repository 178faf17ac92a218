"""Goldens of flow matching: whole generations by diffusers' FlowMatchEulerDiscreteScheduler and the tiny U-Net of exports/sd1-optimum, in float32, on one thread, with the packages of exports-requirements.txt.

No pipeline of diffusers joins the two (StableDiffusionPipeline asks the scheduler for an `init_noise_sigma` that it has not), so that the loop stands here: noise from the seed, guidance, steps. Writes goldens/flow.safetensors:
`latents` [requests, 4, 8, 8], and the requests with their configurations as metadata.
"""
import json
from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from safetensors.torch import save_file

from exportPipelines import sd1

HERE = Path(__file__).resolve().parent
REQUESTS = [({}, 5), (dict(shift=3.0), 8), (dict(shift=3.0, stochastic_sampling=True), 6), (dict(use_karras_sigmas=True, shift_terminal=0.1), 4)]


@torch.no_grad()
def generate(pipeline, config, steps, prompt, negative, seed, scale):
    scheduler = FlowMatchEulerDiscreteScheduler(**config)
    scheduler.set_timesteps(steps)
    torch.manual_seed(seed)  # diffusers 0.35 knows no generator here but that of torch itself
    latents = torch.randn(1, 4, 8, 8)
    texts = torch.cat(pipeline.encode_prompt(prompt, "cpu", 1, True, negative)[::-1])
    for timestep in scheduler.timesteps:
        without, prompted = pipeline.unet(torch.cat([latents] * 2), timestep, encoder_hidden_states=texts).sample.chunk(2)
        latents = scheduler.step(without + scale * (prompted - without), timestep, latents).prev_sample
    return latents[0]


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)  # as exports.py, for the same weights
    pipeline = sd1()
    requests = [dict(config=config, steps=steps, prompt="a red house", negativePrompt="night", seed=seed, guidanceScale=3) for seed, (config, steps) in enumerate(REQUESTS)]
    latents = [generate(pipeline, each["config"], each["steps"], each["prompt"], each["negativePrompt"], each["seed"], each["guidanceScale"]) for each in requests]
    save_file({"latents": torch.stack(latents)}, HERE / "goldens/flow.safetensors", metadata={"golden": json.dumps({"requests": requests})})


if __name__ == "__main__":
    main()
