"""Trains the prompt tokenizer: a byte-level BPE in CLIP's layout in which every word of the captions is one token."""
import json
from pathlib import Path
from random import Random

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

import architecture
import captions
import storage
import world

START, END = "<|startoftext|>", "<|endoftext|>"


def _bytes():
    """The printable stand-ins of the 256 bytes, in the order of CLIP's vocabulary."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def train(folder: Path):
    """Writes vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json into `folder`."""
    random = Random(0)
    text = [captions.caption(row, random)[0] for row in captions.rows(world.sample(20000, seed=1))]
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()])
    bpe.train_from_iterator(text, trainers.BpeTrainer(vocab_size=4000, min_frequency=2, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(merge) for merge in json.loads(bpe.to_str())["model"]["merges"]]
    base = _bytes()
    vocabulary = base + [b + "</w>" for b in base] + ["".join(merge) for merge in merges] + [START, END]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(vocabulary)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    special = {name: {"content": token, "lstrip": False, "normalized": normalized, "rstrip": False, "single_word": False}
               for name, token, normalized in [("bos_token", START, True), ("eos_token", END, True), ("unk_token", END, True)]}
    special["pad_token"] = END
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "add_prefix_space": False, "bos_token": START, "clean_up_tokenization_spaces": True, "do_lower_case": True,
        "eos_token": END, "errors": "replace", "model_max_length": architecture.TOKENS, "pad_token": END,
        "tokenizer_class": "CLIPTokenizer", "unk_token": END,
    }, indent=2))


def load(folder=storage.WEIGHTS / "tokenizer"):
    """The tokenizer, trained first where its folder is missing."""
    if not (folder / "vocab.json").exists():
        train(folder)
    return CLIPTokenizer.from_pretrained(folder)


def encode(tokenizer, texts):
    """Token ids of the texts, int64 [B, 32], padded and cut as Stable Diffusion does."""
    return tokenizer(list(texts), padding="max_length", max_length=architecture.TOKENS, truncation=True, return_tensors="pt").input_ids
