"""Features of a saved text encoder by transformers, as JSON: python read_back.py FOLDER TEXT..."""

import json
import sys

import torch
from transformers import AutoTokenizer, CLIPTextModelWithProjection

folder, texts = sys.argv[1], sys.argv[2:]
model, info = CLIPTextModelWithProjection.from_pretrained(folder, output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
tokenizer = AutoTokenizer.from_pretrained(folder)
with torch.no_grad():
    print(json.dumps([model(**tokenizer(text, return_tensors="pt")).text_embeds[0].tolist() for text in texts]))
