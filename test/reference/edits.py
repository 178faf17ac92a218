"""Goldens of edits: whole runs of Scenes with concepts edited, by PyTorch, diffusers and forward hooks.

Each case samples one prompt (DDIM) while hooks on `proj_out`, which makes a block's update, change it as the table of operations says.
goldens/edits.safetensors holds the cases (metadata), the mask, and per case some latents of every step ("CASE", [steps, elements])
and all of the last ("CASE/last").
"""
import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from sampling import ROOT, model_hash

HERE = Path(__file__).resolve().parent
PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE = "a red house left and a blue tree right, meadow", "a boat", 11, 8, 5.0
STRIDE = 7  # of the latents kept at every step; odd, so that they fall on many cells and all channels
DOWN, MID, UP, WIDE = "down_blocks.1.attentions.0", "mid_block.attentions.0", "up_blocks.0.attentions.1", "up_blocks.1.attentions.0"
POLYGON = [[0.13, 0.2], [0.9, 0.31], [0.42, 0.97]]


class Sae:
    def __init__(self, folder):
        weights, config = load_file(folder / "sae_weights.safetensors"), json.loads((folder / "cfg.json").read_text())
        sidecar = json.loads((folder / "dmi-sae.json").read_text())
        self.encoder, self.bias, self.f, self.offset = (weights[name] for name in ("W_enc", "b_enc", "W_dec", "b_dec"))
        self.k, self.subtract, self.mean = config["k"], config["apply_b_dec_to_input"], sidecar["statistics"]["mean"]
        files = ["cfg.json", "sae_weights.safetensors", "dmi-sae.json"]
        self.hash = hashlib.sha256("\n".join(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files).encode()).hexdigest()

    def encode(self, x):
        """[cells, d] -> z [cells, n], zero but for the k greatest."""
        scores = torch.relu((x - self.offset if self.subtract else x) @ self.encoder + self.bias)
        values, indices = scores.topk(self.k, dim=1)
        return torch.zeros_like(scores).scatter(1, indices, values)


def covered(low, high, cells):
    """How much of each of so many cells of the unit interval lies in [low, high]."""
    edges = np.arange(cells + 1) / cells
    return np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0, None) * cells


def triangle(corners, height, width, samples=4096):
    """Area of a convex polygon in each cell: where a vertical line enters and leaves it, averaged over many lines."""
    corners = np.array(corners)
    xs = (np.arange(width * samples) + 0.5) / (width * samples)
    low, high = np.full(xs.shape, np.inf), np.full(xs.shape, -np.inf)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
        hit = (xs - x0) * (xs - x1) <= 0
        y = y0 + (y1 - y0) * (xs[hit] - x0) / (x1 - x0)
        low[hit], high[hit] = np.minimum(low[hit], y), np.maximum(high[hit], y)
    cells = []
    for row in range(height):
        inside = np.clip(np.minimum(high, (row + 1) / height) - np.maximum(low, row / height), 0, None) * height
        cells.append(inside.reshape(width, samples).mean(1))
    return np.stack(cells)


BOXES = {"everywhere": (0, 0, 1, 1), "left": (0, 0, .5, 1), "right": (.5, 0, 1, 1), "top": (0, 0, 1, .5), "center": (.25, .25, .75, .75), "bottom-right": (.5, .5, 1, 1)}


def region(where, z, side, mask):
    """m [cells] of a region; z [cells, n] of the row for those that concepts take."""
    if isinstance(where, dict) and "concepts" in where:
        total = z[:, where["concepts"]].sum(1).double()
        least, most = total.min(), total.max()
        if most <= 0:
            return torch.zeros(len(total))
        if most == least:
            return torch.ones(len(total))
        return ((total - least) / (most - least) >= where["above"]).float()
    if isinstance(where, dict) and "polygon" in where:
        m = triangle(where["polygon"], side, side)
    elif isinstance(where, dict) and "mask" in where:
        height, width = mask.shape
        rows = np.stack([covered(r / side, (r + 1) / side, height) for r in range(side)])
        columns = np.stack([covered(c / side, (c + 1) / side, width) for c in range(side)])
        m = rows @ (mask / 255) @ columns.T / (height * width / side**2)
    else:
        x0, y0, x1, y1 = where["box"] if isinstance(where, dict) else BOXES[where]
        m = np.outer(covered(y0, y1, side), covered(x0, x1, side))
    return torch.tensor(m, dtype=torch.float32).flatten()


def shuffled(m, seed):
    """Cell i takes the place of cell order[i]; the order is Fisher and Yates', forward, with the 32-bit numbers of MT19937."""
    generator = np.random.RandomState(seed)._bit_generator
    order = list(range(len(m)))
    for i in range(len(m)):
        j = i + int(generator.random_raw()) * (len(m) - i) // 2**32
        order[i], order[j] = order[j], order[i]
    return m[order]


def edited(delta, edits, sae, mask, sign_of):
    """What edits make of one row's update, [d, H, W]."""
    d, side, _ = delta.shape
    z = sae.encode(delta.reshape(d, -1).T)
    length = z.norm(dim=1)
    coefficients, reads, writes = [], [], []
    for edit in edits:
        sign = sign_of(edit["branch"])
        if sign == 0:
            continue
        m = region(edit["where"], z, side, mask)
        if "shuffle" in edit:
            m = shuffled(m, edit["shuffle"])
        for index, c in enumerate(edit["concepts"]):
            u = {"raw": 1.0, "mean": sae.mean[c], "norm": length, "share": length / length.sum()}[edit["unit"]]
            a = edit["amount"]
            inside = {"add": a * u + 0 * length, "scale": (a - 1) * z[:, c], "set": a * u - z[:, c]}[edit["operation"]]
            outside = -z[:, c] if edit["elsewhere"] == "ablate" else torch.zeros_like(length)
            coefficients.append(sign * (m * inside + (1 - m) * outside))
            reads.append(c)
            writes.append(edit.get("writes", edit["concepts"])[index])
    if not coefficients:
        return delta
    coefficients = torch.stack(coefficients, 1)
    meant, added = coefficients @ sae.f[reads], coefficients @ sae.f[writes]
    if reads != writes:
        added = added * (meant.norm(dim=1) / added.norm(dim=1).clamp(min=1e-12))[:, None]
    return delta + added.T.reshape(delta.shape)


def sign_of_row(row, rows):
    cond = row == rows - 1
    return lambda branch: {"cond": int(cond), "uncond": int(not cond), "both": 1, "contrast": 1 if cond else -1}[branch]


def cases(top, other):
    """`top`: by site the concepts most active on the cond row of the unedited run, `other`: some that are seldom active."""
    steps = list(range(STEPS))

    def edit(operation, amount, unit="raw", site=MID, concepts=None, where="everywhere", **more):
        return {"site": site, "concepts": sorted(concepts or top[site][:2]), "operation": operation, "amount": amount, "unit": unit, "where": where,
                "elsewhere": "keep", "branch": "cond", "steps": steps, **more}

    box, polygon, mask = {"box": [0.1, 0.33, 0.72, 0.9]}, {"polygon": POLYGON}, {"mask": "mask"}

    def found(site, above):
        return {"concepts": sorted(top[site][3:5]), "above": above}

    return {
        "add-raw-named": [edit("add", 8, where="left")],
        "add-mean-box": [edit("add", 1.5, "mean", where=box, steps=[0, 1, 2])],
        "add-norm-polygon": [edit("add", 0.6, "norm", DOWN, where=polygon)],
        "add-share-mask": [edit("add", 150, "share", UP, where=mask)],
        "add-mean-found": [edit("add", 4, "mean", where=found(MID, 0.1))],
        "add-mean-everywhere-late": [edit("add", 2, "mean", WIDE, other[WIDE], steps=[6, 7])],
        "set-raw-found-ablate": [edit("set", 3, where=found(MID, 0.5), elsewhere="ablate")],
        "set-mean-ablate": [edit("set", 1.3, "mean", UP, where="right", elsewhere="ablate")],
        "set-norm-box": [edit("set", 0.5, "norm", WIDE, where=box)],
        "set-share-polygon": [edit("set", 20, "share", where=polygon, elsewhere="ablate")],
        "scale-invert": [edit("scale", -1, where=mask)],
        "scale-up-found": [edit("scale", 2.5, site=WIDE, where=found(WIDE, 0.2), elsewhere="ablate")],
        "ablate": [edit("scale", 0, site=site, concepts=top[site][:4]) for site in (DOWN, UP)],
        "uncond": [edit("add", 2, "mean", where="top", branch="uncond"), edit("scale", 0, branch="uncond", concepts=top[MID][2:3])],
        "both": [edit("set", 1.5, "mean", where=box, branch="both", elsewhere="ablate"), edit("add", 0.3, "norm", where=found(MID, 0.3), branch="both")],
        "contrast": [edit("add", 1, "mean", where="center", branch="contrast"), edit("scale", 1.5, branch="contrast", where=found(MID, 0.3), elsewhere="ablate")],
        "many-at-one-site": [
            edit("add", 1, "mean", where="left"), edit("add", -0.4, "norm", where=box, branch="both"), edit("scale", 0.5, where=polygon, concepts=top[MID][1:5]),
            edit("set", 0.2, "norm", where=mask, concepts=top[MID][2:3], steps=[1, 3, 4]), edit("add", 0.5, where=found(MID, 0.4), concepts=other[MID]),
            edit("add", 10, "share", where="bottom-right", branch="uncond"),
        ],
        "three-sites": [
            edit("add", 1, "mean", DOWN, where="right"), edit("scale", 0.3, site=DOWN, where="left"), edit("set", 1, "mean", MID, where=found(MID, 0.2)),
            edit("add", 0.3, "norm", UP, where=polygon, branch="contrast"), edit("scale", 1.7, site=UP, concepts=top[UP][3:6]),
        ],
        "writes": [edit("add", 4, "mean", where="left", writes=other[MID])],
        "writes-everything": [
            edit("set", 0.8, "norm", where=found(MID, 0.3), elsewhere="ablate", writes=other[MID]), edit("scale", 0, concepts=top[MID][2:4], writes=other[MID][::-1]),
        ],
        "shuffled": [edit("add", 1.5, "mean", where=box, shuffle=5), edit("set", 1, "mean", WIDE, where="left", elsewhere="ablate", shuffle=2**32 - 1)],
        "shuffled-found": [edit("add", 1.5, "mean", where=found(MID, 0.2), elsewhere="ablate", shuffle=77)],
        "unguided": [edit("add", 1, "mean", where="left", branch="contrast"), edit("scale", 0, branch="both", concepts=top[MID][2:4]), edit("add", 9, branch="uncond")],
    }


@torch.no_grad()
def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--weights", type=Path, default=ROOT / "recipes/scenes/weights", help="PyTorch pipeline")
    arguments.add_argument("--model", type=Path, default=ROOT / "models/scenes", help="its ONNX export with its SAEs")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    unet = UNet2DConditionModel.from_pretrained(options.weights / "unet").eval()
    text = CLIPTextModel.from_pretrained(options.weights / "text_encoder").eval()
    tokenizer = CLIPTokenizer.from_pretrained(options.weights / "tokenizer")
    scheduler = DDIMScheduler.from_pretrained(options.weights / "scheduler")
    saes = {site: Sae(options.model / "saes" / site) for site in (DOWN, MID, UP, WIDE)}
    mask = np.random.RandomState(3).randint(0, 256, (21, 26)).astype(np.uint8)
    mask[:, :9] = 0
    mask[5:15, 12:20] = 255

    ids = tokenizer([NEGATIVE, PROMPT], padding="max_length", truncation=True, max_length=tokenizer.model_max_length, return_tensors="pt").input_ids
    embeds = text(ids)[0]
    now = {"edits": [], "step": 0}
    sums = {site: torch.zeros(len(sae.f)) for site, sae in saes.items()}

    def hook(site):
        def change(_, __, delta):
            in_force = [edit for edit in now["edits"] if edit["site"] == site and now["step"] in edit["steps"]]
            if now["edits"] is UNEDITED:
                sums[site] += saes[site].encode(delta[-1].flatten(1).T).sum(0)
            return torch.stack([edited(row, in_force, saes[site], mask, sign_of_row(index, len(delta))) for index, row in enumerate(delta)]) if in_force else None
        return change

    for site in saes:
        unet.get_submodule(site).proj_out.register_forward_hook(hook(site))

    def run(edits, guidance):
        side = unet.config.sample_size
        latents = torch.randn((1, unet.config.in_channels, side, side), generator=torch.Generator().manual_seed(SEED))
        scheduler.set_timesteps(STEPS)
        path = []
        now["edits"] = edits
        for step, timestep in enumerate(scheduler.timesteps):
            now["step"] = step
            if guidance > 1:
                uncond, cond = unet(torch.cat([latents, latents]), timestep, embeds).sample.chunk(2)
                noise = uncond + guidance * (cond - uncond)
            else:
                noise = unet(latents, timestep, embeds[1:]).sample
            latents = scheduler.step(noise, timestep, latents).prev_sample
            path.append(latents.flatten())
        return torch.stack(path)

    plain = run(UNEDITED, GUIDANCE)
    ranked = {site: total.argsort(descending=True).tolist() for site, total in sums.items()}
    tensors, described = {"mask": torch.tensor(mask)}, []
    for name, edits in cases(ranked, {site: order[40:42] for site, order in ranked.items()}).items():
        guidance = 1.0 if name == "unguided" else GUIDANCE
        path = run(edits, guidance)
        tensors[name], tensors[f"{name}/last"] = path[:, ::STRIDE].contiguous(), path[-1].clone()
        described.append({"name": name, "guidanceScale": guidance, "edits": edits, "changed": (path - plain).abs().max().item()})
        print(f"{name:28} changes latents by {described[-1]['changed']:.3f}")
    request = {"prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED, "steps": STEPS}
    golden = {"modelHash": model_hash(options.model), "saes": {site: sae.hash for site, sae in saes.items()}, "request": request, "stride": STRIDE, "cases": described}
    save_file(tensors, HERE / "goldens" / "edits.safetensors", metadata={"golden": json.dumps(golden)})


UNEDITED = []
main()
