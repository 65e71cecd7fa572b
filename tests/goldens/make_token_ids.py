"""CLIP's token ids for every text of the shared annotation files, by transformers: a digest, and 200 telling cases.

    .venv/reference/bin/python tests/goldens/make_token_ids.py ../shared/data

The cases are from COCO (CC BY 4.0), SugarCrepe (MIT) and CIRR (MIT), and a few made here. Texts that OpenAI's tokenizer
repairs (`repaired_texts.json`, of make_repaired_texts.py) are repaired before the digest is taken: one of them.
"""

import gzip
import hashlib
import json
import pathlib
import re
import sys
import tempfile

import transformers

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(sys.argv[1])

lines = gzip.open(DATA / "clip-bpe-MIT/bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
merges = lines[1:49152 - 256 - 2 + 1]
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
alphabet = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
tokens = alphabet + [c + "</w>" for c in alphabet] + ["".join(m.split()) for m in merges]
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate([*tokens, "<|startoftext|>", "<|endoftext|>"])}))
(folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
tokenizer = transformers.CLIPTokenizer.from_pretrained(folder)


def read(path):
    return json.loads(path.read_text())


# The order of files and rows is the test's too.
coco = [row["caption"] for row in read(DATA / "coco-captions-CC-BY-4.0/captions_val2017.json")["annotations"]]
crepe = [text for path in sorted(DATA.glob("sugarcrepe-MIT/*.json")) for row in read(path).values()
         for text in (row["caption"], row["negative_caption"])]
cirr = [row["caption"] for path in sorted(DATA.glob("cirr-MIT/captions/*.json")) for row in read(path)]
fashion = [text for path in sorted(DATA.glob("fashioniq-CDLA/captions/*.json")) for row in read(path)
           for text in row["captions"]]
real = read(HERE / "repaired_texts.json")["real"]["changed"]
repaired = {row["text"]: row["repaired"] for row in real}
texts = [repaired.get(text, text) for text in coco + crepe + cirr + fashion]
digest = hashlib.sha256()
for ids in tokenizer(texts)["input_ids"]:
    digest.update(b"".join(i.to_bytes(4, "little") for i in [len(ids), *ids]))

made = ["", " ", "a  b\tc\nd", "It's they'll I'd we've", "DON'T SHOUT", "1234 5,678.90", "caf\u00e9 cafe\u0301", "na\u00efve \u00fcber",
        "\u4f60\u597d\uff0c\u4e16\u754c", "\U0001f600\U0001f468\u200d\U0001f373", "<|endoftext|> in text", "a\u00a0b\u3000c", "\u0130stanbul STRASSE \u00df",
        "e\u0300\u0301", "...!!!???", "under_score-hyphen/slash", "\ufb01ne \u2122 \u00bd", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "x" * 200, "\u200bzero\u200bwidth"]
odd = sorted(set(coco + crepe + cirr), key=lambda t: (-len(re.findall(r"[^a-z ]", t)) / max(1, len(t)), t))
cases = (made + odd[:100] + sorted(set(coco + crepe + cirr), key=lambda t: (-len(t), t))[:200 - 100 - len(made)])[:200]
content = {
    "made_by": {"transformers": transformers.__version__},
    "counts": {"coco": len(coco), "sugarcrepe": len(crepe), "cirr": len(cirr), "fashioniq": len(fashion)},
    "digest": digest.hexdigest(),
    "cases": [{"text": text, "ids": ids} for text, ids in zip(cases, tokenizer(cases)["input_ids"])],
}
path = HERE / "clip_token_ids.json"
path.write_text(json.dumps(content) + "\n")
print(path.name, path.stat().st_size, "bytes", content["counts"], len(cases), "cases")
