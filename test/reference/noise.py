"""Goldens of the random numbers: torch.randn on CPU. Writes goldens/noise.safetensors, a tensor "SEED/NUMBER OF THE DRAW/COUNT" each."""
from pathlib import Path

import torch
from safetensors.torch import save_file

SEEDS = (0, 1, 42, 2**32 + 5, 2**63 - 1)
COUNTS = (1, 7, 15, 16, 17, 31, 100, 1024, 3, 4096 + 5)  # drawn one after the other from one generator


def main():
    tensors = {}
    for seed in SEEDS:
        generator = torch.Generator().manual_seed(seed)
        for draw, count in enumerate(COUNTS):
            tensors[f"{seed}/{draw}/{count}"] = torch.randn(count, generator=generator)
    save_file(tensors, Path(__file__).resolve().parent / "goldens" / "noise.safetensors")


main()
