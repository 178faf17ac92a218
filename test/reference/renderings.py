"""Goldens of the judge: pictures of Scenes' world with what is really in them, drawn by the recipe.

Writes goldens/renderings.png (the pictures, one below the other), renderings-things.png (per pixel: 0 no thing, else 1 + the
kind's place in world.THINGS) and renderings.json (background, style, things, a caption).
"""
import json
import sys
from pathlib import Path
from random import Random

import torch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "recipes" / "scenes"))
import captions  # noqa: E402
import world  # noqa: E402

COUNT = 12
SEED = 777_000_001  # no training run draws from it


def main():
    scenes = world.sample(COUNT, SEED)
    images, masks = world.render(scenes)
    classes = torch.zeros_like(masks)
    for which in range(2):
        kinds = (scenes.kind[:, which] + 1).to(torch.uint8)
        classes = torch.where(masks == which + 1, kinds[:, None, None], classes)
    out = HERE / "goldens"
    out.mkdir(exist_ok=True)
    Image.fromarray(images.permute(0, 2, 3, 1).reshape(-1, world.SIZE, 3).contiguous().numpy()).save(out / "renderings.png", optimize=True)
    Image.fromarray(classes.reshape(-1, world.SIZE).contiguous().numpy()).save(out / "renderings-things.png", optimize=True)
    truth = [{
        "background": world.BACKGROUNDS[row.background], "style": world.STYLES[row.style],
        "things": [{"kind": world.THINGS[row.kind[i]], "colour": world.COLOURS[row.colour[i]]} for i in range(row.count)],
        "caption": captions.caption(row, Random(index), full=True)[0],
    } for index, row in enumerate(captions.rows(scenes))]
    (out / "renderings.json").write_text(json.dumps(truth, indent=1) + "\n")


main()
