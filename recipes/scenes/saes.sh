#!/bin/sh
# Trains the SAEs of models/scenes, one for each site, and measures them on other prompts. Stopped, it goes on when called again.
# Needs the built command line: npm ci && npm run build. About twelve minutes on two CPU cores.
set -eu
cd "$(dirname "$0")/../.."
work="${SCENES_CACHE:-recipes/scenes/.cache}/saes"
dmi="${DMI:-node dist/cli.mjs}"     # the command line
cells="${SCENES_CELLS:-3000000}"    # few for a rehearsal

# What limits an SAE here is how many scenes it has seen: 15 steps, every other timestep of 30, give twice the scenes in the same time.
train() {
  $dmi sae train models/scenes --prompts recipes/scenes/saePrompts.txt --steps 15 --buffer-mb 1500 \
    --expansion 8 --k 8 --cells "$cells" --lr 0.001 --out models/scenes/saes --work "$work" "$@"
}

train --batch 4096
# The first block's updates are the hardest to explain: smaller batches, and so four times the steps on the same activations, help it.
train --batch 1024 --sites down_blocks.0.attentions.0
$dmi sae eval models/scenes/saes --model models/scenes --prompts recipes/scenes/saeEvalPrompts.txt --curve
