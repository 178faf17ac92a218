"""Goldens of sampling: what torch, transformers and diffusers make of Scenes' PyTorch weights, in float32.

Writes goldens/sampling.json (requests, token ids, timesteps), .safetensors (noise, latents, scheduler trajectories) and .png
(the pictures, one below the other).
"""
import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPTokenizer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COMPONENTS = ["scheduler", "text_encoder", "tokenizer", "unet", "vae_decoder"]

PROMPTS = [
    "a red house left and a blue tree right, meadow", "a ball", "", "two things in the snow", "a yellow star top right, night, sketch",
    "A GREEN TENT IN THE DESERT", "striped boat on the sea", "a purple box in the centre, plain", "an orange ball bottom left and a red star top left",
    "a tree", "blue", "night with a star", "a house without windows, sketch", "a white box, sea", "green ball and yellow ball, striped",
    "an unseen thing: a zebra", "snow, tent top left, red", "meadow " * 40, "a red red red house", "a blue star right, desert, striped",
]
NEGATIVE = {3: "a house", 7: "striped, sketch", 11: "night", 16: "snow"}
STEPS = {1: 10, 5: 50, 9: 7, 13: 1}
GUIDANCE = {2: 1.0, 9: 1.0, 12: 7.5, 15: 1.5}
SEEDS = {4: 2**31 - 1, 8: 2**32 - 1, 17: 123456789}

HOSTILE = [
    "", " ", "   \t\n  ", "a", "a red house", "A RED HOUSE", "A rEd   HoUsE", " leading and trailing ", "red,house;tree.ball!box?star",
    "don't it's we'll they've I'm you'd we're 's 't", "DON'T IT'S", "''s''", "1234567890", "3 balls 42 stars", "a1b2c3", "x" * 400, "red " * 100,
    "house" * 60, "un-hyphen-ated", "semi;colon:dash—en–dot…", "()[]{}<>", "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b",
    "a<|startoftext|>b", "<|STARTOFTEXT|> x", "<|ENDOFTEXT|>!", "!<|endoftext|>", "<|endoftext|>!", "<|end", "|>", "</w>", "red</w>", "é", "é",
    "École élève", "ÀÉÎÕÜ ÇÑ", "straße STRASSE ẞ", "İstanbul ISPARTA ıi", "ΟΔΟΣ ΣΑΣ ς σ", "Привет МИР", "日本語の家", "赤い家と青い木", "한국어",
    "العربية", "עברית", "हिन्दी में घर", "ไทย", "🏠🌳", "👩‍👩‍👧‍👦 👍🏽", "🇯🇵", "\u200bzero\u200bwidth", "\ufeffbom \ufeff!\ufeff?", "\u00a0nbsp\u3000wide\u2028line",
    "\u0085next\x0bline\x0c", "\x00\x01nul", "tab\tnew\nline\r\n", "½ ² Ⅷ ①", "ﬁ ﬂ ǅ", "\U0001d400\U0001d401", "\U00020000\U0002a6d6", "a\u0301\u0323\u0302 zalgo",
    "\\backslash \"quotes\" `tick`", "http://example.com/?q=1&r=2#x", "#hashtag @name $5 50% a+b=c ~^_",
]

SCHEDULERS = {
    "stable-diffusion": dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1),
    "defaults": {},
    "linspace": dict(timestep_spacing="linspace", clip_sample=False),
    "trailing": dict(timestep_spacing="trailing", beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample_range=0.5),
    "v": dict(prediction_type="v_prediction", clip_sample=False, timestep_spacing="trailing"),
    "sample": dict(prediction_type="sample", set_alpha_to_one=False, clip_sample=False, num_train_timesteps=400),
}
GRIDS = [1, 2, 3, 5, 7, 10, 20, 30, 50, 64, 100, 333]


def model_hash(folder):
    """As `sha256sum` over every component's files, in the order of their paths, and SHA-256 of what it prints."""
    files = sorted(p.relative_to(folder).as_posix() for part in COMPONENTS for p in (folder / part).rglob("*")
                   if p.is_file() and not p.name.startswith("."))
    lines = [f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def token_ids(tokenizer):
    return [tokenizer(text, padding="max_length", max_length=tokenizer.model_max_length, truncation=True).input_ids for text in HOSTILE]


def schedules():
    """Timesteps of each configuration, and where it leads a sample whose "U-Net" is x -> x/2 + c in ten steps."""
    start, constant = (torch.randn(64, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    tensors, described = {"scheduler/start": start, "scheduler/constant": constant}, {}
    for name, keys in SCHEDULERS.items():
        scheduler = DDIMScheduler(**keys)
        timesteps = {}
        for steps in GRIDS:
            scheduler.set_timesteps(steps)
            timesteps[steps] = scheduler.timesteps.tolist()
        scheduler.set_timesteps(10)
        sample, path = start, []
        for t in scheduler.timesteps:
            result = scheduler.step(0.5 * sample + constant, t, sample)
            sample = result.prev_sample
            path.append(torch.stack([sample, result.pred_original_sample]))
        tensors[f"scheduler/{name}"] = torch.stack(path)
        tensors[f"scheduler/{name}/alphas_cumprod"] = scheduler.alphas_cumprod
        described[name] = {"config": keys, "timesteps": timesteps}
    return tensors, described


@torch.no_grad()
def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weights", type=Path, default=ROOT / "recipes/scenes/weights", help="PyTorch pipeline")
    arguments.add_argument("--model", type=Path, default=ROOT / "models/scenes", help="its ONNX export, for the hash")
    options = arguments.parse_args()
    torch.set_num_threads(1)

    pipeline = StableDiffusionPipeline.from_pretrained(options.weights, safety_checker=None)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    requests, noise, latents, pictures = [], [], [], []
    for i, prompt in enumerate(PROMPTS):
        request = dict(prompt=prompt, negativePrompt=NEGATIVE.get(i, ""), seed=SEEDS.get(i, i), steps=STEPS.get(i, 30), guidanceScale=GUIDANCE.get(i, 5.0))
        final = pipeline(prompt, negative_prompt=request["negativePrompt"], num_inference_steps=request["steps"], guidance_scale=request["guidanceScale"],
                         generator=torch.Generator("cpu").manual_seed(request["seed"]), output_type="latent").images
        pixels = pipeline.vae.decode(final / pipeline.vae.config.scaling_factor).sample
        requests.append(request)
        noise.append(torch.randn(final.shape, generator=torch.Generator("cpu").manual_seed(request["seed"]))[0])
        latents.append(final[0])
        pictures.append(np.asarray(pipeline.image_processor.postprocess(pixels, output_type="pil")[0]))

    tokenizer = pipeline.tokenizer
    other_pad = CLIPTokenizer.from_pretrained(options.weights / "tokenizer", pad_token="!")
    tensors, described = schedules()
    goldens = HERE / "goldens"
    goldens.mkdir(exist_ok=True)
    save_file({"noise": torch.stack(noise), "latents": torch.stack(latents), **tensors}, goldens / "sampling.safetensors")
    Image.fromarray(np.concatenate(pictures)).save(goldens / "sampling.png", optimize=True)
    (goldens / "sampling.json").write_text(json.dumps({
        "modelHash": model_hash(options.model), "requests": requests, "schedulers": described,
        "tokens": {"texts": HOSTILE, "ids": token_ids(tokenizer), "idsPaddedWithBang": token_ids(other_pad)},
    }) + "\n")


if __name__ == "__main__":
    main()
