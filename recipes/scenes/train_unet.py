"""Trains the U-Net, together with the text encoder, on latents of rendered scenes and captions drawn anew every time."""
import argparse
import json
import time
from random import Random

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel

import architecture
import attention
import captions
import export
import parallel
import storage
import tokenizer as prompts

SHARDS, BATCH, RATE, WARMUP, DECAY = 6, 32, 1e-3, 200, 0.3
DROPOUT, GAMMA, EMA, THING_WEIGHT = 0.1, 5.0, 0.999, 2.0
TEXT_SCALE = 0.2         # the text encoder can already read: it learns at a fifth of the rate


def trained_autoencoder():
    """The autoencoder of the cache or, where there is none, of the committed weights."""
    state = storage.load("vae.pt")
    if state is None:
        return AutoencoderKL.from_pretrained(storage.WEIGHTS / "vae").eval().requires_grad_(False)
    vae = architecture.autoencoder()
    vae.load_state_dict(state["vae"])
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def encode_all():
    """Latents (means, unit variance after scaling) and thing coverage per cell of all shards, computed once."""
    if storage.load("latents.pt"):
        return
    vae = trained_autoencoder().to(storage.DEVICE, memory_format=torch.channels_last)
    latents, cover, scenes = [], [], []
    for index in range(SHARDS):
        part, images, masks = storage.shard(index)
        with torch.autocast(storage.DEVICE.type, torch.bfloat16):
            for pixels in images.split(64):
                pixels = (pixels.to(storage.DEVICE).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
                latents.append(vae.encode(pixels).latent_dist.mean.float().cpu().half())
        cover.append(F.avg_pool2d((masks > 0).float()[:, None], 8).half())
        scenes.append(part)
        print(f"latents of shard {index}", flush=True)
    latents = torch.cat(latents)
    storage.save({"latents": latents, "cover": torch.cat(cover), "rows": [r for s in scenes for r in captions.rows(s)],
                  "scaling_factor": round(1 / latents.float().std().item(), 5)}, "latents.pt")


def rate_at(step, steps):
    """Warm-up, a plateau, then a linear decay over the last `DECAY` of the run: `steps` may be raised on the plateau."""
    return RATE * min((step + 1) / WARMUP, 1.0, max((steps - step) / (DECAY * steps), 0.0) + 0.01)


def batch_of(data, step, rank, size, tokenizer):
    """Latents, cover and token ids of one training batch; captions drawn anew, one in ten empty."""
    generator = torch.Generator().manual_seed(step * 64 + rank)
    chosen = torch.randint(len(data["latents"]), (size,), generator=generator)
    random = Random(step * 64 + rank)
    texts = ["" if random.random() < DROPOUT else captions.caption(data["rows"][i], random)[0] for i in chosen.tolist()]
    return (data["latents"][chosen].float() * data["scaling_factor"], data["cover"][chosen].float(),
            prompts.encode(tokenizer, texts), generator)


def train(rank, processes, options):
    tokenizer, data = prompts.load(), storage.load("latents.pt")
    torch.manual_seed(0)
    unet = architecture.unet().to(storage.DEVICE)
    if storage.DEVICE.type == "cpu":
        unet.set_attn_processor(attention.PlainAttention())
    text = architecture.text_encoder(tokenizer).to(storage.DEVICE)
    step, state = 0, storage.load("unet.pt")
    if state:
        unet.load_state_dict(state["unet"])
        text.load_state_dict(state["text"])
        step = state["step"]
    elif (storage.WEIGHTS / "training.json").exists():          # no checkpoint, but committed weights: go on from those
        unet.load_state_dict(UNet2DConditionModel.from_pretrained(storage.WEIGHTS / "unet").state_dict())
        text.load_state_dict(CLIPTextModel.from_pretrained(storage.WEIGHTS / "text_encoder").state_dict())
        step = json.loads((storage.WEIGHTS / "training.json").read_text())["steps"]
    else:
        text.load_state_dict(storage.load("text.pt"))
    parameters = [*unet.parameters(), *text.parameters()]
    optimiser = torch.optim.AdamW([{"params": unet.parameters(), "scale": 1.0}, {"params": text.parameters(), "scale": TEXT_SCALE}],
                                  lr=RATE, betas=(0.9, 0.99), weight_decay=0.01)
    alphas = architecture.scheduler().alphas_cumprod.to(storage.DEVICE)
    average = [p.detach().clone() for p in parameters]
    if state:
        optimiser.load_state_dict(state["optimiser"])
        for a, kept in zip(average, state["average"]):
            a.copy_(kept)
    size = BATCH // processes
    start, losses, saved = time.time(), [], time.time()

    while step < options.steps:
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, options.steps) * group["scale"]
        latents, cover, ids, generator = batch_of(data, step, rank, size, tokenizer)
        noise = torch.randn(latents.shape, generator=generator).to(storage.DEVICE)
        spread = (torch.randperm(size, generator=generator) + torch.rand(size, generator=generator)) / size
        timesteps = (spread * 1000).long().clamp(max=999).to(storage.DEVICE)
        latents, cover, ids = latents.to(storage.DEVICE), cover.to(storage.DEVICE), ids.to(storage.DEVICE)
        alpha = alphas[timesteps].view(-1, 1, 1, 1)
        noisy = alpha.sqrt() * latents + (1 - alpha).sqrt() * noise
        with torch.autocast(storage.DEVICE.type, torch.bfloat16):
            predicted = unet(noisy, timesteps, text(ids).last_hidden_state, return_dict=False)[0]
        snr = alpha / (1 - alpha)
        weight = snr.clamp(max=GAMMA) / snr * (1 + THING_WEIGHT * cover)     # min-SNR, and things count more than scenery
        loss = (weight * (predicted.float() - noise) ** 2).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parallel.average_gradients(parameters, processes)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        if rank > 0:
            continue
        keep = min(EMA, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 1 - keep)
        losses.append(loss.item())
        if step % 50 == 0:
            print(f"unet {step} loss {sum(losses) / len(losses):.4f} {time.time() - start:.0f} s", flush=True)
            losses.clear()
        if time.time() - saved > options.save_every or step == options.steps:
            saved = time.time()
            storage.save({"step": step, "unet": unet.state_dict(), "text": text.state_dict(), "average": average,
                          "optimiser": optimiser.state_dict()}, "unet.pt")


def averaged():
    """The U-Net and the text encoder with their averaged weights, and the number of steps behind them."""
    tokenizer, state = prompts.load(), storage.load("unet.pt")
    unet, text = architecture.unet(), architecture.text_encoder(tokenizer)
    for parameter, average in zip([*unet.parameters(), *text.parameters()], state["average"]):
        parameter.data.copy_(average)
    return unet.eval(), text.eval(), state["step"]


def save_weights(folder=storage.WEIGHTS):
    """Writes the averaged weights, and the autoencoder with its scaling factor, into the folder that `export` reads."""
    unet, text, step = averaged()
    vae = trained_autoencoder()
    vae.register_to_config(scaling_factor=storage.load("latents.pt")["scaling_factor"])
    export.save_weights(folder, unet, text, vae)
    (folder / "training.json").write_text(json.dumps({"steps": step, "batch": BATCH}) + "\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=8000)
    arguments.add_argument("--save-every", type=float, default=120, help="seconds between checkpoints")
    arguments.add_argument("--save-only", action="store_true", help="write the weights of the last checkpoint, train nothing")
    options = arguments.parse_args()
    if options.save_only:
        return save_weights()
    encode_all()
    parallel.launch(train, options)
    if storage.load("unet.pt"):
        save_weights()


if __name__ == "__main__":
    main()
