"""Trains the judge on rendered scenes, lightly blurred, noised and passed through the autoencoder, and measures it."""
import argparse
import json
import time
from random import Random

import torch
import torch.nn.functional as F
from torch import nn

import captions
import export
import judge
import parallel
import storage
import tokenizer as prompts
import train_unet
import world

STEPS, BATCH, RATE, SHARDS = 1100, 32, 2e-3, 3
DECODED = 3072           # pictures kept as the autoencoder gives them back


def labels_of(scenes, masks):
    """Per pixel the kind and the colour of its thing, counted from 1; 0 where there is none. Two int64 [B, H, W]."""
    pick = lambda values: torch.cat([torch.zeros(len(values), 1, dtype=torch.long), values + 1], 1)
    flat = masks.flatten(1).long()
    return tuple(pick(v).gather(1, flat).view_as(masks) for v in (scenes.kind, scenes.colour))


@torch.no_grad()
def decode_some():
    """The first pictures as the autoencoder reconstructs them from slightly disturbed latents: what generated ones look like."""
    if storage.load("decoded.pt") is not None:
        return
    vae = train_unet.trained_autoencoder().to(storage.DEVICE, memory_format=torch.channels_last)
    images, decoded = storage.shards(1)[1][:DECODED], []
    torch.manual_seed(0)
    with torch.autocast(storage.DEVICE.type, torch.bfloat16):
        for pixels in images.split(32):
            latents = vae.encode(pixels.to(storage.DEVICE).float() / 127.5 - 1).latent_dist.mean
            pixels = vae.decode(latents + 0.1 * latents.std() * torch.randn_like(latents)).sample
            decoded.append(((pixels.float().clamp(-1, 1) + 1) * 127.5).to(torch.uint8).cpu())
    storage.save(torch.cat(decoded), "decoded.pt")


def augment(images):
    """Images in [0, 1], a third of them blurred, all of them a little noisy and shifted in brightness."""
    blurred = F.avg_pool2d(images, 3, 1, 1)
    images = torch.where(torch.rand(len(images), 1, 1, 1) < 0.33, torch.lerp(images, blurred, torch.rand(1).item()), images)
    images = images * (1 + 0.06 * torch.randn(len(images), 3, 1, 1)) + 0.03 * torch.rand(len(images), 1, 1, 1) * torch.randn_like(images)
    return images.clamp(0, 1)


def loss_of(networks, temperature, images, ids, scenes, masks):
    kind, colour = labels_of(scenes, masks)
    with torch.autocast(storage.DEVICE.type, torch.bfloat16):
        kinds, colours, background, style = networks["segmenter"](images)
        seen, read = networks["image_encoder"](images), networks["text_encoder"](ids)
    segmentation = F.cross_entropy(kinds.float(), kind) + F.cross_entropy(colours.float(), colour)
    scene = F.cross_entropy(background.float(), scenes.background) + F.cross_entropy(style.float(), scenes.style)
    similarity = seen.float() @ read.float().T * temperature.exp().clamp(max=50)
    diagonal = torch.arange(len(images), device=images.device)
    contrast = F.cross_entropy(similarity, diagonal) + F.cross_entropy(similarity.T, diagonal)
    return segmentation + 0.3 * scene + 0.3 * contrast


def to_device(scenes):
    return world.Scenes(**{name: value.to(storage.DEVICE) for name, value in vars(scenes).items()})


def train(rank, processes, options):
    tokenizer = prompts.load()
    scenes, images, masks = storage.shards(SHARDS)
    decoded = storage.load("decoded.pt")
    rows = captions.rows(scenes)
    torch.manual_seed(0)
    networks = nn.ModuleDict({k: v.to(storage.DEVICE, memory_format=torch.channels_last) if k != "text_encoder" else v.to(storage.DEVICE)
                              for k, v in export.judge_networks(tokenizer).items()})
    temperature = nn.Parameter(torch.tensor(2.5, device=storage.DEVICE))
    parameters = [*networks.parameters(), temperature]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, weight_decay=0.01)
    step, state = 0, storage.load("judge.pt")
    if state:
        step = state["step"]
        networks.load_state_dict(state["networks"])
        temperature.data.fill_(state["temperature"])
        optimiser.load_state_dict(state["optimiser"])
    start = time.time()
    while step < options.steps:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min((step + 1) / 100, 1, (options.steps - step) / (0.5 * options.steps) + 0.01)
        torch.manual_seed(step * 64 + rank)
        random = Random(step * 64 + rank)
        chosen = torch.randint(len(images), (BATCH // processes,))
        pictures = images[chosen]
        if decoded is not None:
            use = (chosen < len(decoded)) & (torch.rand(len(chosen)) < 0.8)
            pictures[use] = decoded[chosen[use]]
        texts = [captions.caption(rows[i], random, full=random.random() < 0.5)[0] for i in chosen.tolist()]
        pictures = augment(pictures.float() / 255).to(storage.DEVICE, memory_format=torch.channels_last)
        loss = loss_of(networks, temperature, pictures, prompts.encode(tokenizer, texts).to(storage.DEVICE),
                       to_device(scenes[chosen]), masks[chosen].to(storage.DEVICE))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parallel.average_gradients(parameters, processes)
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        step += 1
        if rank == 0 and step % 50 == 0:
            print(f"judge {step} loss {loss.item():.4f} {time.time() - start:.0f} s", flush=True)
        if rank == 0 and (step % 300 == 0 or step == options.steps):
            storage.save({"step": step, "networks": networks.state_dict(), "temperature": temperature.item(),
                          "optimiser": optimiser.state_dict()}, "judge.pt")


@torch.no_grad()
def measure(networks, tokenizer, seed=99, count=500):
    """The judge on `count` fresh renderings, held-out triples among them: the numbers of its card."""
    scenes = world.sample(count, seed)
    unseen = world.sample(count // 5, seed, held_out=True)
    scenes = world.Scenes(**{k: torch.cat([v[: count - len(unseen)], getattr(unseen, k)]) for k, v in vars(scenes).items()})
    images, masks = world.render(scenes)
    kind, colour = labels_of(scenes, masks)
    outputs = [networks["segmenter"](part.float() / 255) for part in images.split(50)]
    kinds, colours, background, style = (torch.cat(parts) for parts in zip(*outputs))
    guess = kinds.argmax(1)
    intersection = torch.stack([((guess == c) & (kind == c)).sum() for c in range(7)]).float()
    union = torch.stack([((guess == c) | (kind == c)).sum() for c in range(7)]).float()
    right = total = right_kind = 0
    for which in range(2):
        there = ((masks == which + 1) & (scenes.count > which)[:, None, None]).float()
        voted_colour = (colours[:, 1:] * there[:, None]).sum((2, 3)).argmax(1)
        voted_kind = (kinds * there[:, None]).sum((2, 3)).argmax(1)
        real = scenes.count > which
        right += (voted_colour == scenes.colour[:, which])[real].sum().item()
        right_kind += (voted_kind == scenes.kind[:, which] + 1)[real].sum().item()
        total += real.sum().item()
    random = Random(seed)
    texts = [captions.caption(row, random, full=True)[0] for row in captions.rows(scenes)]
    seen = torch.cat([networks["image_encoder"](part.float() / 255) for part in images.split(50)])
    read = networks["text_encoder"](prompts.encode(tokenizer, texts))
    hits = [(s @ r.T).argmax(1) == torch.arange(len(s)) for s, r in zip(seen.split(100), read.split(100))]
    return {
        "n": count, "pixel_thing_accuracy": (guess == kind).float().mean().item(),
        "pixel_thing_accuracy_on_things": (guess == kind)[kind > 0].float().mean().item(),
        "mean_iou": (intersection / union).mean().item(),
        "iou": dict(zip(["none", *world.THINGS], (intersection / union).tolist())),
        "thing_accuracy": right_kind / total, "colour_accuracy": right / total,
        "background_accuracy": (background.argmax(1) == scenes.background).float().mean().item(),
        "style_accuracy": (style.argmax(1) == scenes.style).float().mean().item(),
        "retrieval_1_of_100": torch.cat(hits).float().mean().item(),
    }


@torch.no_grad()
def measure_perceptual(networks, seed=99, count=100):
    """Mean perceptual distance of renderings to themselves, to noisier and more blurred copies, and to other renderings."""
    network = judge.Perceptual(networks["image_encoder"]).eval()
    images = world.render(world.sample(count, seed))[0].float() / 255
    torch.manual_seed(seed)
    noise = torch.randn_like(images)
    others = {"itself": images, "noise_0.02": images + 0.02 * noise, "noise_0.08": images + 0.08 * noise, "noise_0.32": images + 0.32 * noise,
              "blur_3": F.avg_pool2d(images, 3, 1, 1), "blur_7": F.avg_pool2d(images, 7, 1, 3), "another_picture": images.roll(1, 0)}
    return {name: network(images, other.clamp(0, 1)).mean().item() for name, other in others.items()}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=STEPS)
    options = arguments.parse_args()
    if not storage.load("judge.pt") and (storage.WEIGHTS / "judge" / "numbers.json").exists():
        return print("judge: taken from the committed weights")
    storage.shards(SHARDS)
    decode_some()
    parallel.launch(train, options)
    tokenizer = prompts.load()
    networks = nn.ModuleDict(export.judge_networks(tokenizer))
    networks.load_state_dict(storage.load("judge.pt")["networks"])
    export.save_weights(storage.WEIGHTS, judges={name: network.eval() for name, network in networks.items()})
    numbers = json.dumps({**measure(networks, tokenizer), "perceptual_distance": measure_perceptual(networks)}, indent=1)
    (storage.WEIGHTS / "judge" / "numbers.json").write_text(numbers + "\n")
    print(numbers)


if __name__ == "__main__":
    main()
