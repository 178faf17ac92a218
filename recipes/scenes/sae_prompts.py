"""Writes the prompts whose generations the SAEs learn from (saePrompts.txt) and are measured on (saeEvalPrompts.txt)."""
from random import Random

import captions
import storage
import world

FILES = {"saePrompts.txt": (480, 3_000_000), "saeEvalPrompts.txt": (96, 3_000_001)}

for name, (count, seed) in FILES.items():
    random = Random(seed)
    texts = [captions.caption(row, random)[0] for row in captions.rows(world.sample(count, seed))]
    (storage.HERE / name).write_text("\n".join(texts) + "\n")
