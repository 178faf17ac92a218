"""The one command: makes Scenes from nothing, stage after stage, and goes on where it was stopped.

Training state is kept in the folder that the environment variable SCENES_CACHE names (.cache here by default).
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import storage

# Threads that wait should sleep: a spinning one holds a core that another process of this recipe could use.
ENVIRONMENT = {**os.environ, "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "PASSIVE", "SCENES_CACHE": str(storage.CACHE)}
TRAINING = ("train_text.py", "train_vae.py", "train_judge.py", "train_unet.py")
FEW = {"pictures": 64, "steps": 20, "prompts": 20, "cells": 8192}


def run(script, *options, home=storage.HERE, **environment):
    print(f"== {script} {' '.join(options)}", flush=True)
    command = ["sh"] if script.endswith(".sh") else [sys.executable]
    subprocess.run([*command, str(home / script), *options], check=True, env={**ENVIRONMENT, **environment})


def rehearse(folder):
    """Every stage from nothing with few pictures and steps, in a folder of its own: shows that the recipe runs through, not that it learns."""
    home = folder / "recipes" / "scenes"
    shutil.copytree(storage.HERE, home, ignore=shutil.ignore_patterns("weights", ".cache", "__pycache__"))
    for name in ("saePrompts.txt", "saeEvalPrompts.txt"):
        prompts = (home / name).read_text().splitlines(keepends=True)
        (home / name).write_text("".join(prompts[:FEW["prompts"]]))
    few = {"home": home, "SCENES_CACHE": str(folder / "cache"), "SCENES_SHARD": str(FEW["pictures"])}
    for script in TRAINING:
        run(script, "--steps", str(FEW["steps"]), **few)
    run("export.py", **few)
    run("evaluate.py", "--count", str(FEW["prompts"]), **few)
    command_line = storage.HERE.parent.parent / "dist" / "cli.mjs"
    run("saes.sh", **few, DMI=f"node {command_line}", SCENES_CELLS=str(FEW["cells"]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, help="steps of the U-Net; more than last time continues from there")
    arguments.add_argument("--rehearse", type=Path, metavar="FOLDER", help="a new folder: run everything there, small and untrained")
    options = arguments.parse_args()
    if options.rehearse:
        return rehearse(options.rehearse.resolve())
    for script in TRAINING:
        run(script, *(["--steps", str(options.steps)] if options.steps and script == "train_unet.py" else []))
    run("export.py")
    run("evaluate.py")


if __name__ == "__main__":
    main()
