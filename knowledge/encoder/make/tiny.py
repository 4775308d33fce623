"""Makes `../tests/tiny`: encoders of a few kilobytes as the model hubs have them, and what their makers' programs get.

    python tiny.py ../tests/tiny

The numbers are drawn, so they mean nothing; what counts is that the same comes out. `wordpiece` is BERT's kind with two
layers, in F16; `unigram` is XLM-RoBERTa's with one, in BF16, whose places begin behind the padding. Each `golden.tsv` has
a text, its pieces by the package `tokenizers`, and its vector in ten-thousandths by golden.py. `charsmap` and
`charsmap-folding` are maps of a few characters as SentencePiece makes them, the second one bringing capitals to small letters.
"""

import base64
import io
import json
import pathlib
import sys

import numpy as np

from golden import forward
from make import save

WIDTH, WIDE, HEADS, PLACES = 32, 64, 4, 40
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SIGNS = ".,:;!?'\"-#()/@&%$"
TEXTS = [
    "How long may I keep a book?",
    "WHERE is the printer, please",
    "Puis-je prolonger mon prêt s'il est réservé ?",
    "Où est l’imprimante — à l’étage ?",
    "ﬁne ﬁgures: ①②, Ｗｉｄｅ letters and ½",
    "a\tb\nc  d\u00a0e\u3000f\u200bg\u200dh",
    "control\u0007s and \ufffd marks",
    "a\u000bvertical\u0085tab\u2028and\u2029lines",
    "un\u0378assigned and pri\ue000vate",
    "C# and ## and #hash (a/b) 50% of $3",
    "图书馆几点开门？",
    "本を返却するには",
    "도서관 열람실",
    "हिन्दी किताब",
    "كِتَاب",
    "Ελληνικά βιβλία ΣΟΦΟΣ",
    "İstanbul'da kütüphane",
    "👩‍👩‍👧 emoji 📚",
    "x" * 101,
    "y" * 100,
    "un­hyphen­ated",
    "",
    "renewing the books of the library, again and again and again and again and again and again and again",
]  # fmt: skip
WORDS = "the book books library how long may keep where is printer please a of and again renew ##ing ##s ##ed ##er ##al".split()
OTHERS = "图书馆几点开门本返却도서관열람실हनदकतब"
MARKS = "كتاب"
GREEK = "ελληνικάβιβλίασοφος"


def layer(numbers, name, at):
    sizes = {
        "attention.self.query": (WIDTH, WIDTH), "attention.self.key": (WIDTH, WIDTH), "attention.self.value": (WIDTH, WIDTH),
        "attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (WIDE, WIDTH), "output.dense": (WIDTH, WIDE),
    }  # fmt: skip
    made = {}
    for part, size in sizes.items():
        made[f"{name}encoder.layer.{at}.{part}.weight"] = numbers(size, 0.35)
        made[f"{name}encoder.layer.{at}.{part}.bias"] = numbers(size[:1], 0.1)
    for part in ("attention.output.LayerNorm", "output.LayerNorm"):
        made[f"{name}encoder.layer.{at}.{part}.weight"] = numbers((WIDTH,), 0.1) + 1
        made[f"{name}encoder.layer.{at}.{part}.bias"] = numbers((WIDTH,), 0.1)
    return made


def network(seed, name, pieces, places, layers):
    random = np.random.default_rng(seed)
    numbers = lambda size, scale: (random.standard_normal(size) * scale).astype(np.float32)  # noqa: E731
    made = {
        f"{name}embeddings.word_embeddings.weight": numbers((pieces, WIDTH), 1.0),
        f"{name}embeddings.position_embeddings.weight": numbers((places, WIDTH), 0.3),
        f"{name}embeddings.token_type_embeddings.weight": numbers((2, WIDTH), 0.3),
        f"{name}embeddings.LayerNorm.weight": numbers((WIDTH,), 0.1) + 1,
        f"{name}embeddings.LayerNorm.bias": numbers((WIDTH,), 0.1),
    }
    for at in range(layers):
        made |= layer(numbers, name, at)
    return made


def upper_half(numbers):
    """Numbers of 32 bit as BF16: their upper half, rounded to the nearest."""
    bits = numbers.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def whole(halves):
    return (halves.astype(np.uint32) << 16).view(np.float32)


def answering(stored, name, first_place):
    """Answers the names of golden.py with the numbers of a model."""
    theirs = {
        "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "mix": "attention.output.dense",
        "mixed": "attention.output.LayerNorm", "widen": "intermediate.dense", "narrow": "output.dense", "done": "output.LayerNorm",
    }  # fmt: skip

    def weights(asked):
        match asked:
            case "words":
                return stored[f"{name}embeddings.word_embeddings.weight"]
            case "positions":
                return stored[f"{name}embeddings.position_embeddings.weight"][first_place:]
            case "kind":
                return stored[f"{name}embeddings.token_type_embeddings.weight"][0]
            case "norm":
                part = f"{name}embeddings.LayerNorm"
            case _:
                at, part = asked.split(".")
                part = f"{name}encoder.layer.{at}.{theirs[part]}"
        return stored[part + ".weight"], stored[part + ".bias"]

    return weights


def wordpiece():
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    characters = [*LETTERS, *SIGNS, *OTHERS, *MARKS, *GREEK, "’", "—"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    pieces += [*characters, *("##" + character for character in characters if character.isalnum())]
    tokenizer = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]"))
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def unigram():
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    words = [word for word in WORDS if not word.startswith("##")]
    parts = [word[2:] for word in WORDS if word.startswith("##")]
    characters = [*LETTERS, *LETTERS.upper(), *SIGNS, *OTHERS, *GREEK, *"éèêàùôç’—本をするには"]
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -3.5)]
    pieces += [("\u2581" + word, -4.0 - len(word) / 8) for word in words]
    pieces += [(part, -5.0 - len(part) / 16) for part in [*parts, "ong", "int", "est", "re", "on"]]
    pieces += [(character, -8.0 - at / 64) for at, character in enumerate(dict.fromkeys(characters)) if character not in parts]
    pieces.append(("<mask>", 0.0))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", 0), ("</s>", 2)])
    return tokenizer


def settings(folder, about, pooling):
    common = {
        "hidden_size": WIDTH, "intermediate_size": WIDE, "num_attention_heads": HEADS, "hidden_act": "gelu",
        "position_embedding_type": "absolute", "type_vocab_size": 2,
    }  # fmt: skip
    files = {"config.json": about | common}
    if pooling:
        kinds = ["Transformer", "Pooling", "Normalize"]
        paths = ["", "1_Pooling", "2_Normalize"]
        files["modules.json"] = [
            {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for at, (kind, path) in enumerate(zip(kinds, paths))
        ]
        files["1_Pooling/config.json"] = {
            "word_embedding_dimension": WIDTH, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
        }  # fmt: skip
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(contents, indent=1) + "\n")


def golden(folder, tokenizer, weights, layers, epsilon):
    lines = []
    for text in TEXTS:
        encoded = tokenizer.encode(text)
        ids = encoded.ids if len(encoded.ids) <= PLACES else [*encoded.ids[: PLACES - 1], encoded.ids[-1]]
        vector = forward(ids, weights, layers, HEADS, epsilon)
        vector = np.rint(vector / np.linalg.norm(vector) * 10_000).astype(int)
        pieces = [tokenizer.id_to_token(number) for number in ids]
        lines.append("\t".join([json.dumps(text), json.dumps(pieces, ensure_ascii=False), " ".join(map(str, vector))]) + "\n")
    (folder / "golden.tsv").write_text("".join(lines), encoding="utf-8")


def charsmap(path, rules):
    """The map that SentencePiece makes of rules, taken out of a model that it has learnt."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    table = path.with_suffix(".rules")
    table.write_text("".join(f"{ord(a):X}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in rules.items()))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["how long may i keep a book"] * 50), model_writer=model, vocab_size=25,
        normalization_rule_tsv=str(table), minloglevel=2, hard_vocab_limit=False,
    )  # fmt: skip
    table.unlink()
    read = sentencepiece_model_pb2.ModelProto()
    read.ParseFromString(model.getvalue())
    path.write_text(base64.b64encode(read.normalizer_spec.precompiled_charsmap).decode() + "\n")


def main():
    out = pathlib.Path(sys.argv[1])
    folder = out / "wordpiece"
    about = {"model_type": "bert", "num_hidden_layers": 2, "layer_norm_eps": 1e-12, "max_position_embeddings": PLACES}
    settings(folder, about, True)
    tokenizer = wordpiece()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    stored = {name: tensor.astype(np.float16) for name, tensor in network(1, "", tokenizer.get_vocab_size(), PLACES, 2).items()}
    (folder / "model.safetensors").write_bytes(save(stored, {"format": "pt"}))
    read = {name: tensor.astype(np.float32) for name, tensor in stored.items()}
    golden(folder, tokenizer, answering(read, "", 0), 2, 1e-12)

    folder = out / "unigram"
    about = {
        "model_type": "xlm-roberta", "num_hidden_layers": 1, "layer_norm_eps": 1e-5, "max_position_embeddings": PLACES + 2,
        "pad_token_id": 1,
    }  # fmt: skip
    settings(folder, about, False)
    tokenizer = unigram()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    drawn = network(2, "roberta.", tokenizer.get_vocab_size(), PLACES + 2, 1)
    stored = {name: upper_half(tensor) for name, tensor in drawn.items()}
    (folder / "model.safetensors").write_bytes(save(stored, {"format": "pt"}))
    read = {name: whole(tensor) for name, tensor in stored.items()}
    golden(folder, tokenizer, answering(read, "roberta.", 2), 1, 1e-5)

    usual = {"\ufb01": "fi", "\uff21": "A", "\u2460": "1", "\u3000": " ", "\u200b": " ", "\u2028": " "}
    charsmap(out / "charsmap", usual)
    charsmap(out / "charsmap-folding", usual | {letter.upper(): letter for letter in "abcdefghijklmnopqrstuvwxyz"})


if __name__ == "__main__":
    main()
