"""Learns by what an encoder's vectors are multiplied in the end, and writes it into its file.

    python turn.py MODEL_FOLDER SET_FOLDER ...                        (numpy; cargo, for the vectors)

A set is `faq.jsonl` and `questions.jsonl`, as `pollen eval` has them. Ways of asking the same differ in some directions of the
vectors more than in others; these come to weigh less (within-class covariance normalisation: Hatch, Kajarekar and Stolcke,
Interspeech 2006). What is the same: the questions of an entry with its phrasings, and a question with itself in other voices. Only
that half of the questions is looked at which `knowledge/fit/fit.py` fits to; each set counts the same. Nothing is learnt of which
entry is which: with a set left out, its own questions gain more than half of what they do otherwise.
"""

import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import zlib

import numpy as np
from make import rows8, save

# How much of the mean variance each direction is given beside its own: 1 to 4 bring the same in the mean, and 4 costs no set more than .006.
BESIDE = 4.0
# Questions of a set that are put in other voices.
VOICED = 500
CHARS = 160  # as `HEADING_CHARS_MAX` of knowledge/src/meaning/kept.rs

STOP = set(
    "i me my we our us you your he she it its they them the a an and or but if of at by for with about to from in on is are was were "
    "be been do does did have has had can could would should will may might must am what which who whom how when where why there this "
    "that these those not no so as please je tu il elle nous vous ils elles mon ma mes votre vos notre nos le la les un une des du de "
    "et ou mais si à au aux en dans sur pour par avec est sont être avoir a ai ont fait faire peut peux puis doit que qui quoi quel "
    "quelle quels quelles comment quand où pourquoi ce cet cette ces ne pas se on y".split()
)
ARTICLES = re.compile(r"\b(the|a|an|le|la|les|un|une|des|do|does|am|is|are)\b ?", re.IGNORECASE)
POLITE = {
    "en": [
        "Good morning, I hope you are well. {} Thank you very much for your help.",
        "Hello! Sorry to bother you, but I was wondering: {} Many thanks in advance.",
        "Hi there, quick question. {} Thanks!",
    ],
    "fr": [
        "Bonjour, j'espère que vous allez bien. {} Merci beaucoup pour votre aide.",
        "Bonjour ! Excusez-moi de vous déranger : {} Merci d'avance.",
    ],
}
SHORT = {
    "you": "u", "are": "r", "please": "plz", "for": "4", "to": "2", "because": "cuz", "your": "ur", "what": "wat",
    "vous": "vs", "pour": "pr", "comment": "cmt", "quand": "qd", "est-ce que": "eske",
}  # fmt: skip


def keywords(text):
    words = [word for word in re.findall(r"[\w'’-]+", text.lower()) if not {word, word.split("'")[-1]} & STOP]
    return " ".join(words) or text


def mistyped(text, chance):
    words = text.split()
    for _ in range(max(1, len(words) // 4)):
        at = chance.randrange(len(words))
        word = words[at]
        if len(word) > 4:
            i = chance.randrange(1, len(word) - 1)
            wrong = word[i + 1] + word[i], word[i + 1], word[i] * 2 + word[i + 1]
            words[at] = word[:i] + chance.choice(wrong) + word[i + 2 :]
    return " ".join(words)


def on_a_phone(text):
    text = text.lower().rstrip("?!. ")
    for word, short in SHORT.items():
        text = re.sub(rf"\b{word}\b", short, text)
    return text


def voices(text, lang, chance):
    polite = chance.choice(POLITE.get(lang, POLITE["en"])).format(text)
    return [text, keywords(text), mistyped(text, chance), ARTICLES.sub("", text), text.upper(), polite, on_a_phone(text)]


def encoded(folder, texts, side):
    command = ["cargo", "run", "--quiet", "--release", "-p", "encoder", "--example", "vectors", "--", str(folder), side]
    lines = "\n".join(re.sub(r"\s+", " ", text) for text in texts).encode()
    return np.frombuffer(subprocess.run(command, input=lines, capture_output=True, check=True).stdout, "<f4").reshape(len(texts), -1)


def within(vectors, classes):
    """The covariance of vectors around the means of their classes."""
    of = np.unique(classes, return_inverse=True)[1]
    count = np.bincount(of)
    means = np.zeros((len(count), vectors.shape[1]))
    np.add.at(means, of, vectors)
    apart = vectors - (means / count[:, None])[of]
    return apart.T @ apart / (len(of) - len(count))


def of_set(model, folder, chance):
    entries = [json.loads(line) for line in open(folder / "faq.jsonl")]
    questions = [json.loads(line) for line in open(folder / "questions.jsonl")]
    asked = [row for row in questions if row["entry"] and zlib.crc32(row["text"].encode()) % 2 == 0]
    phrased = [(entry["id"], text[:CHARS]) for entry in entries for text in entry["questions"]]
    vectors = np.r_[
        encoded(model, [row["text"] for row in asked], "question"), encoded(model, [text for _, text in phrased], "passage")
    ]
    same = within(vectors, [row["entry"] for row in asked] + [entry for entry, _ in phrased])
    chance.shuffle(asked)
    lang = entries[0].get("lang", "en")
    voiced = [(at, voice) for at, row in enumerate(asked[:VOICED]) for voice in voices(row["text"], lang, chance)]
    return same + within(encoded(model, [voice for _, voice in voiced], "question"), [at for at, _ in voiced])


def contents(path):
    """The tensors of a file, and its metadata."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    about = header.pop("__metadata__")
    kinds = {"F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "U32": "<u4"}
    tensors = {}
    for name, tensor in header.items():
        start, end = (8 + length + at for at in tensor["data_offsets"])
        tensors[name] = np.frombuffer(whole[start:end], kinds[tensor["dtype"]]).reshape(tensor["shape"])
    return tensors, about


def main():
    model, *sets = map(pathlib.Path, sys.argv[1:])
    path = model / "model.safetensors"
    tensors, about = contents(path)
    if "turn.shift" in tensors:
        sys.exit("it has a turn: make it anew with make.py first")
    chance = random.Random(7)
    same = sum(of_set(model, folder, chance) for folder in sets) / len(sets)
    spread, directions = np.linalg.eigh(same)
    turn = directions @ np.diag((spread + BESIDE * spread.mean()) ** -0.5) @ directions.T
    tensors |= rows8("turn", turn)
    tensors["turn.shift"] = np.zeros(len(turn), np.float32)
    whole = save(tensors, about)
    path.write_bytes(whole)
    settings = (model / "model.toml").read_text()
    (model / "model.toml").write_text(re.sub(r'sha256 = ".*"', f'sha256 = "{hashlib.sha256(whole).hexdigest()}"', settings))


if __name__ == "__main__":
    main()
