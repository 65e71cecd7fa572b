"""Writes word_retrieval.json: recall of targets by TF-IDF, computed with scikit-learn 1.9.1 over made triplets.

python -m venv ENV && ENV/bin/pip install scikit-learn==1.9.1 && ENV/bin/python tests/goldens/triplets/make_word_retrieval.py

Words are made so that the tokenizers of both programs agree on them (letters only, no plural). The gallery is the
different targets; a query's own reference is left out of it. Recall at equal similarity is its expectation.
"""

import json
import random
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

rng = random.Random(0)
words = ["".join(rng.choice("abcdefghijklmnopqrtuvwxyz") for _ in range(rng.randint(1, 7))) for _ in range(60)]


def text(least, most):
    return " ".join(rng.choice(words) for _ in range(rng.randint(least, most)))


captions = [text(3, 6) for _ in range(80)]
triplets = []
for _ in range(150):
    reference, target = rng.choice(captions), rng.choice(captions)
    hint = rng.choice(target.split()) if rng.random() < 0.7 else ""
    # "zzz" is in no caption.
    conditioning = rng.choice([f"{hint} {text(1, 3)}".strip(), "zzz", f"zzz {hint}".strip()])
    triplets.append({"reference": reference, "conditioning": conditioning, "target": target})

gallery = list(dict.fromkeys(t["target"] for t in triplets))
vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", lowercase=False)
vectorizer.fit(gallery)
# A word that no caption holds has the largest weight there is, and is part of the query's norm.
unknown = np.log(1 + len(gallery)) + 1


def vector(query):
    counts = {}
    for word in query.split():
        counts[word] = counts.get(word, 0) + 1
    row = np.zeros(len(vectorizer.vocabulary_))
    rest = 0.0
    for word, count in counts.items():
        index = vectorizer.vocabulary_.get(word)
        if index is None:
            rest += (count * unknown) ** 2
        else:
            row[index] = count * vectorizer.idf_[index]
    return row / np.sqrt((row**2).sum() + rest)


matrix = vectorizer.transform(gallery).toarray()


def recall(query):
    sums = np.zeros(2)
    for t in triplets:
        similarity = matrix @ vector(query(t))
        target = gallery.index(t["target"])
        if t["reference"] in gallery and t["reference"] != t["target"]:
            similarity[gallery.index(t["reference"])] = -1
        near = similarity[target]
        better = (similarity > near + 1e-12).sum()
        equal = (np.abs(similarity - near) <= 1e-12).sum()
        sums += [min(1, max(0, (k - better) / equal)) for k in (1, 10)]
    return dict(zip(("r1", "r10"), 100 * sums / len(triplets)))


result = {
    "triplets": triplets,
    "gallery": len(gallery),
    "conditioning": recall(lambda t: t["conditioning"]),
    "reference": recall(lambda t: t["reference"]),
    "both": recall(lambda t: f"{t['reference']} {t['conditioning']}"),
}
(Path(__file__).parent / "word_retrieval.json").write_text(json.dumps(result, indent=1) + "\n")
print({key: value for key, value in result.items() if key != "triplets"})
