# Loads runs of DMI Lens. Needs: pip install numpy pillow safetensors
import json
from pathlib import Path

import numpy
from PIL import Image
from safetensors import safe_open


def load_run(folder):
    folder = Path(folder)
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    with safe_open(folder / "trace.safetensors", framework="numpy") as trace:
        steps = trace.get_tensor("steps")
        sites = {}
        for shape in json.loads(trace.metadata()["sites"]):
            name = f"{shape['site']}/{shape['branch']}"
            # Codes [steps, cells, k]: the strongest k concepts of each cell, and how active they are.
            sites[name] = dict(shape, indices=trace.get_tensor(f"{name}/indices"), values=trace.get_tensor(f"{name}/values"))
        return {
            "manifest": manifest,  # what defines the run, hashes, versions, timings
            "steps": steps,
            "t": trace.get_tensor("timesteps") / manifest.get("trainTimesteps", 1000),  # 1 is noise, 0 is the image
            "sites": sites,
            "previews": numpy.stack([numpy.asarray(Image.open(folder / f"previews/step-{step:03d}.png")) for step in steps]),
            "image": numpy.asarray(Image.open(folder / "image.png")),
        }


def concept_maps(site, concept):
    """Where a concept is active at each step: z [steps, height, width], 0 where it is not among the strongest k."""
    z = numpy.where(site["indices"] == concept, site["values"], 0).max(axis=2)
    return z.reshape(len(z), site["height"], site["width"])


runs = [load_run(folder) for folder in [
    "/w/.dmi/runs/0123",
    "/w/.dmi/runs/4567",
]]
for run in runs:
    sample = run["manifest"]["definition"]["sample"]
    print("seed", sample["seed"], "prompt", ascii(sample["prompt"]), "image", run["image"].shape, "previews", run["previews"].shape)
    for name, site in run["sites"].items():
        print(" ", name, "codes", site["values"].shape, "concepts", site["n"], "maps", concept_maps(site, 0).shape)
