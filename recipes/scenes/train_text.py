"""Teaches the text encoder to read captions before it meets the U-Net.

From the final hidden state at the end of the prompt, and at every padding token after it, throw-away linear heads read
what the caption asks of each thing and of the scene. The U-Net then starts from text states in which colours and places
are already bound to their things; it goes on training them.
"""
import argparse
import time
from random import Random

import torch
import torch.nn.functional as F
from torch import nn

import architecture
import captions
import parallel
import storage
import tokenizer as prompts
import world

STEPS, BATCH, RATE = 1200, 128, 2e-3
HALVES = ["left", "right", "top", "bottom"]
OPEN = {"colour": world.COLOURS, "place": world.PLACES + HALVES, "background": world.BACKGROUNDS, "style": world.STYLES}


def targets_of(asked):
    """Class numbers: for each kind its colour and place (0 absent, 1 open, then by name), then background and style (0 open)."""
    row = []
    for kind in world.THINGS:
        thing = next((t for t in asked.things if t["kind"] == kind), None)
        for name in ("colour", "place"):
            row.append(0 if thing is None else 1 if thing[name] is None else 2 + OPEN[name].index(thing[name]))
    for name in ("background", "style"):
        value = getattr(asked, name)
        row.append(0 if value is None else 1 + OPEN[name].index(value))
    return row


CLASSES = [2 + len(OPEN["colour"]), 2 + len(OPEN["place"])] * len(world.THINGS) + [1 + 5, 1 + 3]


def train(rank, processes, options):
    if storage.load("text.pt") or (storage.WEIGHTS / "training.json").exists():
        return
    tokenizer = prompts.load()
    torch.manual_seed(0)
    encoder = architecture.text_encoder(tokenizer).to(storage.DEVICE)
    heads = nn.Linear(architecture.TEXT_WIDTH, sum(CLASSES)).to(storage.DEVICE)
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    start = time.time()
    for step in range(1, options.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(step / 50, 1, (options.steps - step) / (options.steps / 2) + 0.02)
        random = Random(step * 1000 + rank)
        rows = captions.rows(world.sample(BATCH // processes, seed=step * 1000 + rank + 5_000_000))
        texts, asked = zip(*(captions.caption(row, random) for row in rows))
        ids = prompts.encode(tokenizer, texts).to(storage.DEVICE)
        targets = torch.tensor([targets_of(a) for a in asked], device=storage.DEVICE)
        with torch.autocast(storage.DEVICE.type, torch.bfloat16):
            logits = heads(encoder(ids).last_hidden_state)
        after = ids == tokenizer.eos_token_id
        loss = accuracy = 0
        for part, target in zip(logits.float().split(CLASSES, dim=2), targets.T):
            target = target[:, None].expand(ids.shape)
            loss = loss + F.cross_entropy(part[after], target[after]) / len(CLASSES)
            accuracy += (part.argmax(2) == target)[after].float().mean().item() / len(CLASSES)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        parallel.average_gradients(parameters, processes)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        if rank == 0 and step % 50 == 0:
            print(f"text {step} loss {loss.item():.4f} accuracy {accuracy:.4f} {time.time() - start:.0f} s", flush=True)
    if rank == 0:
        storage.save(encoder.state_dict(), "text.pt")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=STEPS)
    parallel.launch(train, arguments.parse_args())
