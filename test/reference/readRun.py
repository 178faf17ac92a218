"""Read a run folder with numpy, safetensors, json and Pillow alone: `python readRun.py .dmi/runs/<run>` prints what it finds as JSON.

This is how Python meets what DMI Lens writes; nothing here knows our code.
"""
import json
import sys
from pathlib import Path

import numpy
from PIL import Image
from safetensors import safe_open


def read_run(folder):
    """The manifest, the pictures, and per site and branch the codes [steps, cells, k] with their grid."""
    folder = Path(folder)
    manifest = json.loads((folder / "run.json").read_text())
    image = numpy.asarray(Image.open(folder / "image.png"))
    previews = [numpy.asarray(Image.open(path)) for path in sorted((folder / "previews").glob("step-*.png"))]
    with safe_open(folder / "trace.safetensors", framework="numpy") as trace:
        steps = trace.get_tensor("steps")
        t = trace.get_tensor("timesteps") / 1000
        sites = {}
        for shape in json.loads(trace.metadata()["sites"]):
            name = f"{shape['site']}/{shape['branch']}"
            sites[name] = dict(shape, indices=trace.get_tensor(f"{name}/indices"), values=trace.get_tensor(f"{name}/values"))
    with safe_open(folder / "latents.safetensors", framework="numpy") as file:
        latents = file.get_tensor("latents")  # [steps, channels, height, width], each after its step
    return {"latents": latents, "manifest": manifest, "image": image, "previews": previews, "steps": steps, "t": t, "sites": sites}


def concept_maps(site, concept):
    """A concept's maps: z [steps, height, width], 0 where the concept is not among the TopK."""
    z = numpy.where(site["indices"] == concept, site["values"], 0).max(axis=2)
    return z.reshape(len(z), site["height"], site["width"])


def gamma(site):
    """Spatial mean of every concept's activation: [steps, n]."""
    steps, cells, k = site["indices"].shape
    sums = numpy.zeros((steps, site["n"]))
    for step in range(steps):
        numpy.add.at(sums[step], site["indices"][step].ravel(), site["values"][step].ravel())
    return sums / cells


if __name__ == "__main__":
    run = read_run(sys.argv[1])
    found = {}
    for name, site in run["sites"].items():
        strength = gamma(site)
        active = numpy.flatnonzero(strength.max(axis=0) > 0)
        assert numpy.allclose(concept_maps(site, active[0]).mean(axis=(1, 2)), strength[:, active[0]])
        found[name] = {int(concept): strength[:, concept].tolist() for concept in active}
    print(json.dumps({
        "seed": run["manifest"]["definition"]["sample"]["seed"], "image": list(run["image"].shape[:2]),
        "previews": len(run["previews"]), "sites": found, "latents": list(run["latents"].shape),
    }))
