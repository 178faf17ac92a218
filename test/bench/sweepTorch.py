"""A sweep as a loop in PyTorch and diffusers, with forward hooks that read and edit the concepts of one site: every run from its first step on.

As a program (sweepTorch.py MODEL SAE SITE STEPS THREADS OUT) it makes a sweep for every line of its input, {"seed", "runs": [{"steps", "amount", "concepts",
"writes"?, "shuffle"?}]}, and answers with the milliseconds it took. Weights of the U-Net and the VAE are random: what they are does not change what they cost.
"""
import json
import sys
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from PIL import Image
from safetensors.torch import load_file, save_file

GUIDANCE = 5.0
K = 8


class Editor:
    """set v at the right half: Δ + m (v u - z_c) f, with z = TopK(ReLU((Δ - b_dec) W_enc + b_enc)) of the cond row."""

    def __init__(self, sae, mean):
        self.sae, self.mean = sae, mean
        self.run, self.step, self.codes = None, 0, []

    def __call__(self, module, inputs, output):
        hidden, before = output[0], inputs[0]
        row = (hidden - before)[1]
        d, height, width = row.shape
        x = row.reshape(d, -1).T
        values, indices = ((x - self.sae["b_dec"]) @ self.sae["W_enc"] + self.sae["b_enc"]).topk(K, dim=-1)
        values = values.relu()
        self.codes.append((indices, values))
        if self.step not in self.run["steps"]:
            return None
        mask = torch.zeros(height, width)
        mask[:, width // 2:] = 1
        mask = mask.flatten()
        if "shuffle" in self.run:
            mask = mask[torch.randperm(len(mask), generator=torch.Generator().manual_seed(self.run["shuffle"]))]
        reads = self.run["concepts"]
        z = torch.stack([torch.where(indices == concept, values, 0).sum(1) for concept in reads], 1)  # [cells, concepts]
        wanted = self.run["amount"] * self.mean[reads]
        gain = mask[:, None] * (wanted - z)
        change = gain @ self.sae["W_dec"][reads]
        if "writes" in self.run:
            other = gain @ self.sae["W_dec"][self.run["writes"]]
            change = other * (change.norm(dim=1, keepdim=True) / other.norm(dim=1, keepdim=True).clamp_min(1e-12))
        edited = hidden.clone()
        edited[1] += change.T.reshape(d, height, width)
        return (edited,)


@torch.no_grad()
def sample(unet, vae, scheduler, editor, embeds, run, seed, steps, out):
    editor.run, editor.codes = run, []
    side = unet.config.sample_size
    latents = torch.randn((1, unet.config.in_channels, side, side), generator=torch.Generator().manual_seed(seed))
    scheduler.set_timesteps(steps)
    for step, timestep in enumerate(scheduler.timesteps):
        editor.step = step
        uncond, cond = unet(torch.cat([latents, latents]), timestep, embeds).sample.chunk(2)
        latents = scheduler.step(uncond + GUIDANCE * (cond - uncond), timestep, latents).prev_sample
    picture = vae.decode(latents / vae.config.scaling_factor).sample
    pixels = (picture[0] / 2 + 0.5).clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).contiguous().numpy()
    Image.fromarray(pixels).save(out / "image.png")
    indices, values = (torch.stack(part) for part in zip(*editor.codes))
    save_file({"indices": indices.int(), "values": values}, out / "trace.safetensors")


def main(model, sae, site, steps, threads, out):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(model / "unet")).eval()
    vae = AutoencoderKL.from_config(AutoencoderKL.load_config(model / "vae_decoder")).eval()
    scheduler = DDIMScheduler.from_pretrained(model / "scheduler")
    editor = Editor(load_file(sae / "sae_weights.safetensors"), torch.tensor(json.loads((sae / "dmi-sae.json").read_text())["statistics"]["mean"]))
    unet.get_submodule(site).register_forward_hook(editor)
    embeds = torch.randn(2, json.loads((model / "tokenizer/tokenizer_config.json").read_text())["model_max_length"], unet.config.cross_attention_dim)
    for line in sys.stdin:
        sweep = json.loads(line)
        start = time.perf_counter()
        for run in sweep["runs"]:
            sample(unet, vae, scheduler, editor, embeds, run, sweep["seed"], steps, out)
        print(1000 * (time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    model, sae, site, steps, threads, out = sys.argv[1:]
    main(Path(model), Path(sae), site, int(steps), int(threads), Path(out))
