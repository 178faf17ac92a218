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
    --expansion 8 --k 8 --lr 0.001 --out models/scenes/saes "$@"
}

train --batch 4096 --cells "$cells" --work "$work/deeper" \
  --sites down_blocks.1.attentions.0,mid_block.attentions.0,up_blocks.0.attentions.0,up_blocks.0.attentions.1,up_blocks.1.attentions.0,up_blocks.1.attentions.1
# The first block's updates are the hardest to explain: they get a buffer of their own, which holds every cell, and smaller batches, so more steps.
train --batch 1024 --cells "$((2 * cells))" --work "$work/first" --sites down_blocks.0.attentions.0
$dmi sae eval models/scenes/saes --model models/scenes --prompts recipes/scenes/saeEvalPrompts.txt --curve
