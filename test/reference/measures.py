"""Goldens of measures: scikit-image's SSIM and MSE, scipy's bootstrap (goldens/measures.safetensors, goldens/measures.json)."""
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy.ndimage import center_of_mass
from scipy.stats import bootstrap
from skimage.metrics import mean_squared_error, structural_similarity

GOLDENS = Path(__file__).parent / "goldens"


def pictures():
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0:40, 0:48]
    a = np.stack([127 + 100 * np.sin(x / 5), 127 + 90 * np.cos(y / 7), 4 * x + y], -1)
    b = a + rng.normal(0, 25, a.shape)
    b[8:20, 10:30] = (240, 30, 60)
    return [np.clip(p, 0, 255).round().astype(np.uint8) for p in (a, b)]


def main():
    a, b = pictures()
    mean, full = structural_similarity(a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=2, full=True)
    inner = full[5:-5, 5:-5].mean(2)
    left = np.zeros((40, 48))
    left[:, :24] = 1
    left = left[5:-5, 5:-5]
    squares = ((a / 255 - b / 255) ** 2).mean(2)
    blob = np.zeros((10, 14), np.uint8)
    blob[2:5, 3:9] = 1
    blob[5:9, 7] = 1
    row, column = center_of_mass(blob)
    samples = [0.1, 0.4, 0.35, 0.8, 0.2, 0.55, 0.9, 0.05]
    interval = bootstrap((samples,), np.mean, method="percentile", n_resamples=100_000, rng=0).confidence_interval
    (GOLDENS / "measures.json").write_text(json.dumps({
        "ssim": {"whole": mean, "inside": (inner * left).sum() / left.sum(), "outside": (inner * (1 - left)).sum() / (1 - left).sum()},
        "mse": {"whole": mean_squared_error(a / 255, b / 255), "inside": squares[:, :24].mean(), "outside": squares[:, 24:].mean()},
        "centre": {"x": (column + 0.5) / 14, "y": (row + 0.5) / 10},
        "bootstrap": {"samples": samples, "low": interval.low, "high": interval.high},
    }, indent=1) + "\n")
    save_file({"a": a, "b": b, "ssimMap": inner, "blob": blob}, GOLDENS / "measures.safetensors")


if __name__ == "__main__":
    main()
