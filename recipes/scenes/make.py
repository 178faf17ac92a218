"""The one command: makes Scenes from nothing, stage after stage, and goes on where it was stopped.

Training state is kept in the folder that the environment variable SCENES_CACHE names (.cache here by default).
"""
import argparse
import os
import subprocess
import sys

import storage

# Threads that wait should sleep: a spinning one holds a core that another process of this recipe could use.
ENVIRONMENT = {**os.environ, "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "PASSIVE", "SCENES_CACHE": str(storage.CACHE)}


def run(script, *options):
    print(f"== {script} {' '.join(options)}", flush=True)
    subprocess.run([sys.executable, str(storage.HERE / script), *options], check=True, env=ENVIRONMENT)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, help="steps of the U-Net; more than last time continues from there")
    steps = arguments.parse_args().steps
    run("train_text.py")
    run("train_vae.py")
    run("train_judge.py")
    run("train_unet.py", *(["--steps", str(steps)] if steps else []))
    run("export.py")
    run("evaluate.py")


if __name__ == "__main__":
    main()
