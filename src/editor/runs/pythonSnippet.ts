/** What a line of Python may not hold as it is: line ends of any kind, and marks that turn the direction of what follows. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Python that loads runs with well-known libraries: manifest, pictures, and per site and branch the codes.
 * @param folders absolute. Nothing else of a run is written into the code: a prompt may come from anyone
 */
export function pythonSnippet(folders: readonly string[]): string {
  return `# Loads runs of DMI Lens. Needs: pip install numpy pillow safetensors
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
${folders.map((folder) => `    ${pythonString(folder)},\n`).join('')}]]
for run in runs:
    sample = run["manifest"]["definition"]["sample"]
    print("seed", sample["seed"], "prompt", ascii(sample["prompt"]), "image", run["image"].shape, "previews", run["previews"].shape)
    for name, site in run["sites"].items():
        print(" ", name, "codes", site["values"].shape, "concepts", site["n"], "maps", concept_maps(site, 0).shape)
`;
}

/** A string literal of JSON is one of Python, once nothing in it can be mistaken for something else. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
