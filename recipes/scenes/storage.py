"""Where training keeps its state: rendered shards and checkpoints, outside version control."""
import os
from pathlib import Path

import torch

import world

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / "weights"                                   # the final PyTorch weights, in diffusers' folder layout
CACHE = Path(os.environ.get("SCENES_CACHE", HERE / ".cache"))
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SHARD = int(os.environ.get("SCENES_SHARD", 4096))           # pictures rendered together; few for a rehearsal


def save(state, name):
    """Writes a checkpoint so that a reader, or a restart, never sees half of it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    torch.save(state, CACHE / (name + ".part"))
    os.replace(CACHE / (name + ".part"), CACHE / name)


def load(name):
    """The checkpoint of that name, or None."""
    path = CACHE / name
    return torch.load(path, map_location="cpu", weights_only=False) if path.exists() else None


def shard(index):
    """`SHARD` rendered scenes: (scenes, images uint8 [N, 3, 128, 128], masks uint8 [N, 128, 128]), drawn once, then read."""
    kept = load(f"shard-{index}.pt")
    if kept is None:
        scenes = world.sample(SHARD, seed=1000 + index)
        drawn = [world.render(scenes[rows]) for rows in torch.arange(SHARD).split(64)]
        kept = scenes, torch.cat([image for image, _ in drawn]), torch.cat([mask for _, mask in drawn])
        save(kept, f"shard-{index}.pt")
    return kept


def shards(count):
    """The first `count` shards as one (scenes, images, masks)."""
    parts = [shard(index) for index in range(count)]
    scenes = world.Scenes(**{name: torch.cat([getattr(p[0], name) for p in parts]) for name in vars(parts[0][0])})
    return scenes, torch.cat([p[1] for p in parts]), torch.cat([p[2] for p in parts])
