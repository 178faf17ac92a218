"""Trains the autoencoder, 128x128x3 <-> 16x16x4, and reports its PSNR, also on stripes and on outlines alone."""
import argparse
import math
import time

import torch
import torch.nn.functional as F

import architecture
import parallel
import storage
import world

STEPS, BATCH, RATE, KL = 3000, 8, 1e-3, 3e-4


def loss_of(vae, pixels, mask):
    """L1 on pixels and on their differences (edges), things counting thrice, and a light pull to a unit Gaussian."""
    with torch.autocast(storage.DEVICE.type, torch.bfloat16):
        posterior = vae.encode(pixels).latent_dist
        decoded = vae.decode(posterior.mean + posterior.std * torch.randn_like(posterior.mean)).sample
    error = decoded.float() - pixels
    weight = 1 + 2 * (mask > 0).float()[:, None]
    edges = (error.diff(dim=2).abs() * weight[:, :, 1:]).mean() + (error.diff(dim=3).abs() * weight[..., 1:]).mean()
    mean, logvar = posterior.mean.float(), posterior.logvar.float()
    kl = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
    return (error.abs() * weight).mean() + 2 * (error ** 2 * weight).mean() + 0.5 * edges + KL * kl


def psnr(error, where):
    """Peak signal-to-noise ratio, dB, of an error on a scale of [-1, 1] over the pixels of a mask [B, H, W]."""
    mse = (error ** 2).mean(1)[where].mean()
    return round(10 * math.log10(4 / mse.item()), 2)


@torch.no_grad()
def measure(vae, seed=7, count=64):
    """PSNR on fresh pictures: everywhere, on things, on striped things, on outlines; and a sheet of pairs."""
    scenes = world.sample(count, seed)
    images, masks = world.render(scenes)
    pixels = images.float() / 127.5 - 1
    decoded = torch.cat([vae.decode(vae.encode(x.to(storage.DEVICE)).latent_dist.mean).sample.cpu() for x in pixels.split(16)])
    error, things = decoded.clamp(-1, 1) - pixels, masks > 0
    inner = F.avg_pool2d(things.float()[:, None], 5, 1, 2)[:, 0]
    report = {
        "all": psnr(error, torch.ones_like(things)), "things": psnr(error, things),
        "striped things": psnr(error, things & (scenes.style == 1)[:, None, None]),
        "outlines": psnr(error, (inner > 0.2) & (inner < 0.95)),
    }
    pairs = torch.stack([images, ((decoded.clamp(-1, 1) + 1) * 127.5).to(torch.uint8)], 1)[:20].flatten(0, 1)
    return report, world.contact_sheet(pairs, 8)


def train(rank, processes, options):
    _, images, masks = storage.shards(2)
    torch.manual_seed(0)
    vae = architecture.autoencoder().to(storage.DEVICE, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(vae.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    step, state = 0, storage.load("vae.pt")
    if state:
        step = state["step"]
        vae.load_state_dict(state["vae"])
        optimiser.load_state_dict(state["optimiser"])
    torch.manual_seed(1 + step + 1_000_000 * rank)

    start = time.time()
    while step < options.steps:
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * step / options.steps))
        rows = torch.randint(len(images), (BATCH,), generator=torch.Generator().manual_seed(step))[rank::processes]
        pixels = (images[rows].float() / 127.5 - 1).to(storage.DEVICE, memory_format=torch.channels_last)
        loss = loss_of(vae, pixels, masks[rows].to(storage.DEVICE))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parallel.average_gradients(vae.parameters(), processes)
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        step += 1
        if rank > 0:
            continue
        if step % 50 == 0:
            print(f"vae {step} loss {loss.item():.4f} {time.time() - start:.0f} s", flush=True)
        if step % 300 == 0 or step == options.steps:
            storage.save({"step": step, "vae": vae.state_dict(), "optimiser": optimiser.state_dict()}, "vae.pt")
            report, sheet = measure(vae)
            sheet.save(storage.CACHE / "vae.png")
            print(f"vae {step} PSNR {report}", flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=STEPS)
    options = arguments.parse_args()
    if not storage.load("vae.pt") and (storage.WEIGHTS / "training.json").exists():
        return print("vae: taken from the committed weights")
    storage.shards(2)
    parallel.launch(train, options)


if __name__ == "__main__":
    main()
