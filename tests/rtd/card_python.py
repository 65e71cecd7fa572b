"""Runs the Python lines of a model card: card_python.py FOLDER, the features and texts as JSON on the standard input."""

import json
import os
import re
import sys

import torch

os.chdir(sys.argv[1])
(code,) = re.findall(r"```python\n(.*?)\n```", open("README.md").read(), re.S)
exec(code)
given = json.load(sys.stdin)
with torch.no_grad():
    print(json.dumps(encode_queries(given["texts"], torch.tensor(given["features"])).tolist()))
