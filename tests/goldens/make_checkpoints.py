"""Small PyTorch checkpoints in the shapes in which the methods' authors released theirs, and hostile ones.

    .venv/reference/bin/python tests/goldens/make_checkpoints.py

The values are counted, not drawn, so that the test can say what they must be.
"""

import collections
import pathlib
import pickle
import zipfile

import torch
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).parent


def counted(*shape, dtype=torch.float32, start=0):
    count = torch.Size(shape).numel()
    return (torch.arange(start, start + count, dtype=torch.float64) / 4).reshape(shape).to(dtype)


phi = collections.OrderedDict([
    ("layers.0.weight", counted(3, 2)),
    ("layers.0.bias", counted(3, dtype=torch.float16)),
    ("layers.3.weight", counted(2, 3).T),  # not contiguous
    ("layers.3.bias", counted(3, dtype=torch.bfloat16)),
    ("layers.6.weight", counted(4, 3, dtype=torch.float64)[1:3]),  # begins inside its storage
    ("layers.6.bias", torch.nn.Parameter(counted(2))),
    ("position_ids", torch.arange(3)),
])
torch.save({"epoch": 7, "Phi": phi}, HERE / "lincir.pt")
img2text = {"module." + name + "." + part: counted(*shape, start=i)
            for i, name in enumerate(["layers.0.0", "layers.1.0", "fc_out"])
            for part, shape in [("weight", (2, 2)), ("bias", (2,))]}
torch.save({"state_dict_img2text": img2text}, HERE / "pic2word.pt")
torch.save(phi, HERE / "old_form.pt", _use_new_zipfile_serialization=False)


# A plain Hugging Face model as `pytorch_model.bin` held it, of the tiny CLIP's weights.
tiny = load_file(HERE / "tiny_clip_wide_text.safetensors")
tiny["text_model.embeddings.position_ids"] = torch.arange(12)[None]
torch.save(tiny, HERE / "tiny_clip_wide_text.bin")


class Hostile:
    def __reduce__(self):
        import os
        return os.system, ("touch this-must-not-exist",)


with zipfile.ZipFile(HERE / "hostile.pt", "w", zipfile.ZIP_STORED) as archive:
    archive.writestr(zipfile.ZipInfo("hostile/data.pkl"), pickle.dumps({"Phi": Hostile()}, protocol=2))
with zipfile.ZipFile(HERE / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(zipfile.ZipInfo("c/data.pkl"), pickle.dumps({"x": "y" * 100}, protocol=2), zipfile.ZIP_DEFLATED)
for path in sorted(HERE.glob("*.pt")):
    print(path.name, path.stat().st_size, "bytes")
