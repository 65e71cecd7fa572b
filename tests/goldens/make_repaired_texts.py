"""Texts as OpenAI's tokenizer repairs them, by Python's ftfy and html: made ones, and every real one that it changes.

Needs an environment of its own with ftfy 6.3.1:

    python -m venv repaired && repaired/bin/pip install ftfy==6.3.1
    repaired/bin/python tests/goldens/make_repaired_texts.py ../shared/data

Writes `repaired_texts.json`. Of a text that ftfy takes for one that was decoded by a wrong encoding the repair is left
out, there and here. Real texts: every string of the shared JSON files and lines, and every line of the text files, without
the space at its ends.
"""

import html
import json
import pathlib
import sys
import unicodedata

import ftfy

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(sys.argv[1])


def repaired(text):
    return html.unescape(html.unescape(ftfy.fix_text(text, fix_encoding=False)))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


texts = set()
for path in sorted(DATA.rglob("*")):
    if path.suffix == ".json":
        texts.update(strings(json.loads(path.read_text())))
    elif path.suffix == ".jsonl":
        for line in path.read_text().splitlines():
            texts.update(strings(json.loads(line)) if line.strip() else [])
    elif path.suffix == ".txt":
        texts.update(line.strip() for line in path.read_text().split("\n"))
changed = sorted(text for text in texts if repaired(text) != unicodedata.normalize("NFC", text))

MADE = [
    "\u2018single\u2019 \u201cdouble\u201d \u201alow\u201b \u201elow\u201f", "don\u2019t", "\u02bcokina", "rock \u2018n\u2019 roll",
    "\ufb01ne \ufb02at o\ufb00ice o\ufb03ce ba\ufb04e \ufb05ar \ufb06ar", "\u0132sland \u0149 \u01c4 \u01f3",
    "\uff28\uff45\uff4c\uff4c\uff4f\uff0c\u3000\uff11\uff12\uff13\uff01", "\u4f60\u597d\uff0c\u4e16\u754c", "\uff76\uff9e \uffe5",
    "salt &amp; pepper", "salt &amp;amp; pepper", "&lt;b&gt; bold", "a <b> &amp; b", "<i> &amp;lt; &amp;amp;lt;",
    "caf&eacute; P&EACUTE;REZ &AMP; &NBSP;", "this&not that &copy 2020 &ampx", "&#39;quoted&#x27; &#8217; &#128; &#x110000;",
    "&rsquo; &ldquo;x&rdquo; &unknown; & alone &", "&hellip;&mdash;&ndash;", "&quot;a&quot;&nbsp;b", "&fjlig; &NotEqualTilde;",
    "red \x1b[31mtext\x1b[0m", "nul\x00 bell\x07 tab\t del\x7f bom\ufeff", "C1 \x92 \x93x\x94 \x85 line", "a\r\nb\rc\u2028d\u2029e",
    "cafe\u0301", "na\u00efve \u2122 \u00bd \u00df", "\u200bzero\u200bwidth", "\U0001f468\u200d\U0001f373", "under_score 100% (ok)",
    "schÃ¶n", "&DOLLAR; &dollar;5",
]
content = {
    "made_by": {"ftfy": ftfy.__version__, "python": sys.version.split()[0]},
    "cases": [{"text": text, "repaired": repaired(text)} for text in MADE],
    "real": {"texts": len(texts), "changed": [{"text": text, "repaired": repaired(text)} for text in changed]},
}
(HERE / "repaired_texts.json").write_text(json.dumps(content) + "\n")
print(len(MADE), "made;", len(changed), "of", len(texts), "real ones changed:", changed)
