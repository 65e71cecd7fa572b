"""Features of a saved text encoder by transformers, as JSON, and the encoder saved anew: read_back.py FOLDER OUT TEXT..."""

import json
import sys

import torch
from transformers import AutoTokenizer, CLIPTextModelWithProjection

folder, out, texts = sys.argv[1], sys.argv[2], sys.argv[3:]
model, info = CLIPTextModelWithProjection.from_pretrained(folder, output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
model.save_pretrained(out)
tokenizer = AutoTokenizer.from_pretrained(folder)
with torch.no_grad():
    print(json.dumps([model(**tokenizer(text, return_tensors="pt")).text_embeds[0].tolist() for text in texts]))
