"""Measures the pipeline by the judge on held-out prompts: is what was asked for there, in its place and its colour?"""
import argparse
import hashlib
import json
import time
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel

import architecture
import captions
import export
import parallel
import storage
import tokenizer as prompts
import world

STEPS, GUIDANCE, BATCH = 30, 5.0, 50
PIXELS = 80                # a thing is there when the segmenter gives it at least this many pixels; the smallest has about 230
TARGETS = {"present": 0.95, "place": 0.95, "colour": 0.92, "background": 0.99, "style": 0.97}


class Sampler:
    """Text to image as diffusers' StableDiffusionPipeline does it, without its wrapping, in batches of prompts."""

    def __init__(self, weights):
        self.tokenizer = prompts.load(weights / "tokenizer")
        self.text = CLIPTextModel.from_pretrained(weights / "text_encoder").to(storage.DEVICE).eval()
        self.unet = UNet2DConditionModel.from_pretrained(weights / "unet").to(storage.DEVICE).eval()
        self.vae = AutoencoderKL.from_pretrained(weights / "vae").to(storage.DEVICE).eval()
        self.scheduler = DDIMScheduler.from_pretrained(weights / "scheduler")

    @torch.no_grad()
    def __call__(self, texts, seeds, steps=STEPS, guidance=GUIDANCE, half=False):
        """Pictures, uint8 [B, 3, 128, 128]. `half` runs the U-Net in bfloat16, for quick looks."""
        ids = prompts.encode(self.tokenizer, ["", *texts]).to(storage.DEVICE)
        states = self.text(ids).last_hidden_state
        states = torch.cat([states[:1].expand(len(texts), -1, -1), states[1:]])
        shape = (architecture.LATENT_CHANNELS, architecture.LATENT, architecture.LATENT)
        latents = torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]).to(storage.DEVICE)
        self.scheduler.set_timesteps(steps)
        for timestep in self.scheduler.timesteps:
            with torch.autocast(storage.DEVICE.type, torch.bfloat16, enabled=half):
                noise = self.unet(torch.cat([latents] * 2), timestep, states, return_dict=False)[0].float()
            empty, asked = noise.chunk(2)
            latents = self.scheduler.step(empty + guidance * (asked - empty), timestep, latents).prev_sample
        decoded = self.vae.decode(latents / self.vae.config.scaling_factor).sample.float()
        return ((decoded.clamp(-1, 1) + 1) * 127.5 + 0.5).to(torch.uint8).cpu()


def held_out_prompts(count, seed=2_000_000):
    """(text, asked, group) triples: three fifths free captions, a fifth full captions of seen triples, a fifth of unseen ones."""
    result = []
    for group, share, unseen in [("free", 0.6, False), ("seen", 0.2, False), ("unseen", 0.2, True)]:
        n = round(count * share)
        scenes = world.sample(n, seed + len(result), held_out=unseen)
        random = Random(seed + len(result))
        for row, held_out in zip(captions.rows(scenes), scenes.held_out().tolist()):
            text, asked = captions.caption(row, random, full=group != "free")
            if unseen:                      # only the unseen thing is counted, its companion is an ordinary one
                kinds = {world.THINGS[k] for k, out in zip(row.kind, held_out) if out}
                for thing in asked.things:
                    thing["counted"] = thing["kind"] in kinds
            result.append((text, asked, group))
    return result


def _pieces(where):
    """How many connected pieces of at least `PIXELS` pixels a mask [H, W] has."""
    labels = torch.where(where, torch.arange(1, where.numel() + 1, dtype=torch.float32).view_as(where), 0.0)
    while True:
        spread = torch.where(where, F.max_pool2d(labels[None, None], 3, 1, 1)[0, 0], 0.0)
        if torch.equal(spread, labels):
            return int((labels[where].unique(return_counts=True)[1] >= PIXELS).sum())
        labels = spread


@torch.no_grad()
def read(images, segmenter):
    """What the judge sees: for each picture its background, its style and, by kind, pixels, centroid and colour."""
    found = []
    for part in images.split(BATCH):
        kinds, colours, background, style = segmenter(part.float() / 255)
        labels = kinds.argmax(1)
        axis = torch.arange(world.SIZE) + 0.5
        for i in range(len(part)):
            things = {}
            for k, kind in enumerate(world.THINGS):
                where = labels[i] == k + 1
                pixels = int(where.sum())
                if pixels >= PIXELS:
                    things[kind] = {
                        "pixels": pixels, "pieces": _pieces(where), "x": float((where.sum(0) * axis).sum() / pixels), "y": float((where.sum(1) * axis).sum() / pixels),
                        "colour": world.COLOURS[int(colours[i, 1:, where].sum(1).argmax())]}
            found.append({"background": world.BACKGROUNDS[int(background[i].argmax())],
                          "style": world.STYLES[int(style[i].argmax())], "things": things})
    return found


def stands_at(thing, place):
    """Whether a thing found stands at a place of `world.PLACES`, or in the half of the picture that `place` names."""
    x, y = thing["x"], thing["y"]
    if place in world.PLACES:
        distance = ((world.CENTRES - torch.tensor([x, y])) ** 2).sum(1)
        return world.PLACES[int(distance.argmin())] == place
    return {"left": x < 64, "right": x >= 64, "top": y < 64, "bottom": y >= 64}[place]


def score(asked_of, found_of):
    """Shares of what was asked for that is there. An absent thing counts as wrong in place and colour, too."""
    hits = {name: [] for name in ("present", "place", "colour", "background", "style", "whole_prompt", "no_other_thing", "drawn_once")}
    confusion = {name: {} for name in ("colour", "background", "style")}
    by_kind = {kind: [] for kind in world.THINGS}

    def note(name, asked, got):
        confusion[name].setdefault(asked, {}).setdefault(got, 0)
        confusion[name][asked][got] += 1

    for asked, found in zip(asked_of, found_of):
        right = []
        for name in ("background", "style"):
            if getattr(asked, name):
                hits[name].append(found[name] == getattr(asked, name))
                right.append(hits[name][-1])
                note(name, getattr(asked, name), found[name])
        for thing in asked.things:
            got = found["things"].get(thing["kind"])
            results = {"present": got is not None}
            if thing["place"]:
                results["place"] = got is not None and stands_at(got, thing["place"])
            if thing["colour"]:
                results["colour"] = got is not None and got["colour"] == thing["colour"]
                note("colour", thing["colour"], got["colour"] if got else "absent")
            right.extend(results.values())
            if thing.get("counted", True):
                by_kind[thing["kind"]].append(results["present"])
                for name, hit in results.items():
                    hits[name].append(hit)
        hits["drawn_once"].append(all(thing["pieces"] == 1 for thing in found["things"].values()))
        hits["whole_prompt"].append(all(right))
        hits["no_other_thing"].append(set(found["things"]) <= {thing["kind"] for thing in asked.things})
    share = lambda values: round(sum(values) / len(values), 4) if values else None
    return {**{name: share(values) for name, values in hits.items()}, "n": {name: len(values) for name, values in hits.items()},
            "present_by_thing": {kind: share(values) for kind, values in by_kind.items()}, "confusion": confusion}


def _name(key, first):
    return f"evaluate-{key}-{first}.pt"


def _generate_share(rank, processes, task):
    """The batches of one process. Finished ones are kept, so that a stopped run goes on where it was."""
    weights, texts, key, half = task
    sampler = Sampler(weights)
    for first in range(rank * BATCH, len(texts), processes * BATCH):
        if storage.load(_name(key, first)) is None:
            part = texts[first:first + BATCH]
            storage.save(sampler(part, range(first, first + len(part)), half=half), _name(key, first))
            print(f"evaluate {first + len(part)} of {len(texts)}", flush=True)


def generate(weights, texts, key, half):
    """Pictures for the texts; the seed of each is its index."""
    parallel.launch(_generate_share, (weights, texts, key, half))
    return torch.cat([storage.load(_name(key, first)) for first in range(0, len(texts), BATCH)])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", type=Path, default=storage.WEIGHTS)
    arguments.add_argument("--to", type=Path, default=export.MODELS)
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--half", action="store_true", help="U-Net in bfloat16: faster, for a look on the way")
    options = arguments.parse_args()

    weights = (options.weights / "unet/diffusion_pytorch_model.safetensors").read_bytes()
    key = f"{hashlib.sha256(weights).hexdigest()[:12]}-{options.count}{'-half' if options.half else ''}"
    start = time.time()
    texts, asked, groups = zip(*held_out_prompts(options.count))
    images = generate(options.weights, texts, key, options.half)
    found = read(images, export.load_judges(options.weights, prompts.load(options.weights / "tokenizer"))["segmenter"])

    def pick(group):
        return score(*zip(*[(a, f) for a, f, g in zip(asked, found, groups) if group in (None, g)]))

    result = {
        "prompts": options.count, "scheduler": "DDIM", "steps": STEPS, "guidance": GUIDANCE, "seeds": f"0..{options.count - 1}",
        "all": pick(None), "seen_triples": pick("seen"), "unseen_triples": pick("unseen"),
    }
    result["meets_target"] = {name: result["all"][name] >= target for name, target in TARGETS.items()}
    result["meets_target"]["unseen_within_10_points"] = all(
        result["seen_triples"][name] - result["unseen_triples"][name] <= 0.10 for name in ("present", "place", "colour"))
    options.to.mkdir(parents=True, exist_ok=True)
    judged = storage.WEIGHTS / "judge" / "numbers.json"
    if judged.exists():
        result["judge"] = json.loads(judged.read_text())
    (options.to / "card-numbers.json").write_text(json.dumps(result, indent=1) + "\n")
    order = list(range(0, options.count, max(1, options.count // 48)))[:48]
    world.contact_sheet(images[order], 8, [texts[i] for i in order]).save(options.to / "contact-sheet.png", optimize=True)
    summary = {group: {k: result[group][k] for k in ("present", "place", "colour", "background", "style", "whole_prompt")}
               for group in ("all", "seen_triples", "unseen_triples")}
    print(json.dumps(summary), f"{time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
