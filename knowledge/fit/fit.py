"""Fits the models of knowledge/src/find/confidence.rs to what `signals` prints, and tells how well they do.

    cargo run --release -p knowledge --example signals -- LIBRARY QUESTIONS.jsonl > SET.jsonl     (once a set)
    python fit.py SET.jsonl ... [--tables]                                                        (numpy, scipy)

The sets are four of questions to an FAQ, and `openers.py`'s of entries with many phrasings.

First a conditional logit over the entries and "none of them"; then a logistic model of whether the first is right, from how it
stands among the others. Both are fitted to half of the questions (`half` 0), each set with the same weight, and to each question
that has an answer once more with that answer left out, at a quarter of the weight: it then has none. What is printed of the sets
is of both halves, each for itself; the model that is printed is of that first half alone. `--tables` prints those of docs/answers.md.
"""

import json
import sys

import numpy as np
from scipy.optimize import minimize

LEFT_OUT = 0.25
# Small libraries, as parts of the large ones: how many entries, how often, and the weight of each part beside the whole.
PARTS = [(12, 8), (25, 4)]
OF_PART = 0.125
ANSWERS = 3  # where the number of answers stands in a question's row
EXACTLY = 0.97  # as confidence.rs has it
WORDS, COVERED, COVERS, BEST, MIDDLE, TEXT = range(6)


def read(path):
    rows = [json.loads(line) for line in open(path)]
    seen = np.array([row["seen"] for row in rows], dtype=np.float64)
    question = np.array([row["question"] for row in rows], dtype=np.float64)
    right = np.array([-1 if row["right"] is None else row["right"] for row in rows])
    return seen, np.c_[np.ones(len(rows)), question], right, np.array([row["half"] for row in rows])


def parts(seen, question, right):
    """A set whole, and parts of it: most questions have their answer elsewhere then, of which as many are kept."""
    yield seen, question, right, 1.0
    chance = np.random.default_rng(7)
    for size, times in PARTS:
        for _ in range(times):
            kept = np.sort(chance.choice(seen.shape[1], size, replace=False))
            place = {entry: at for at, entry in enumerate(kept)}
            new = np.array([place.get(entry, -1) for entry in right])
            inside = np.flatnonzero(new >= 0)
            others = chance.permutation(np.flatnonzero(new < 0))[: max(len(inside), 20)]
            rows = np.concatenate([inside, others])
            asked = question[rows].copy()
            asked[:, ANSWERS] = np.log(size)
            yield seen[rows][:, kept], asked, new[rows], OF_PART


def fit_rank(sets):
    """The weights of what is seen of an entry, and of a question for none."""
    spread = np.mean([seen.std((0, 1)) for seen, *_ in sets], 0) + 1e-9
    wide = np.mean([question.std(0) for _, question, *_ in sets], 0) + 0.05
    wide[0] = 1.0
    count = len(spread)

    def loss(at):
        by, none = at[:count] / spread, at[count:] / wide
        total, slope = 0.0, np.zeros_like(at)
        for seen, question, right, share in sets:
            rows, entries, _ = seen.shape
            every = np.arange(rows)
            scores = np.c_[seen @ by, question @ none]
            known = right >= 0
            for left_out in (False, True):
                target = np.where(known, right, entries)
                weight = np.full(rows, share / rows)
                z = scores
                if left_out:
                    z = scores.copy()
                    z[every[known], right[known]] = -1e9
                    target = np.full(rows, entries)
                    weight = np.where(known, share * LEFT_OUT / rows, 0.0)
                z = z - z.max(1, keepdims=True)
                chance = np.exp(z)
                chance /= chance.sum(1, keepdims=True)
                total -= (weight * np.log(chance[every, target] + 1e-12)).sum()
                off = chance * weight[:, None]
                off[every, target] -= weight
                slope[:count] += np.einsum("qe,qes->s", off[:, :entries], seen) / spread
                slope[count:] += (off[:, entries] @ question) / wide
        held = at.copy()
        held[count] = 0.0
        return total / len(sets) + 0.01 * (held**2).sum(), slope / len(sets) + 0.02 * held

    bounds = [(0.0, None)] * count + [(None, None)] * len(wide)
    found = minimize(loss, np.zeros(count + len(wide)), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    return found.x[:count] / spread, found.x[count:] / wide


def standing(seen, question, by, none, left_out=None):
    """The first of each question, and how it stands, as `ranked.rs` has it."""
    scores, nothing = seen @ by, question @ none
    rows = np.arange(len(scores))
    if left_out is not None:
        known = left_out >= 0
        scores = scores.copy()
        scores[rows[known], left_out[known]] = -1e9
        seen = seen.copy()
        seen[rows[known], left_out[known]] = -1.0
    order = np.argsort(-scores, axis=1, kind="stable")
    first = order[:, 0]
    top = scores[rows, first]
    second = scores[rows, order[:, 1]]
    third = scores[rows, order[:, 2]]
    highest = np.maximum(top, nothing)
    own = np.exp(top - highest)
    every = np.exp(scores - highest[:, None]).sum(1)
    of_first = seen[rows, first]

    def ahead(what):
        values = seen[:, :, what].copy()
        mine = values[rows, first]
        values[rows, first] = -9.0
        return mine - values.max(1)

    exact = (of_first[:, COVERED] > 0.999) & (of_first[:, COVERS] > 0.999)
    return first, np.c_[
        np.log(own) - np.log(every + np.exp(nothing - highest)),
        top - nothing,
        np.log(every) - np.log(every + np.exp(nothing - highest)),
        top - second,
        top - third,
        ahead(WORDS),
        ahead(BEST),
    ], exact


def fit_standing(rows, right, weight):
    middle, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = (rows - middle) / spread

    def loss(at):
        z = scaled @ at[1:] + at[0]
        chance = 1 / (1 + np.exp(-z))
        total = -(weight * np.where(right, np.log(chance + 1e-12), np.log(1 - chance + 1e-12))).sum() / weight.sum()
        off = weight * (chance - right) / weight.sum()
        slope = np.r_[off.sum(), scaled.T @ off]
        return total + 0.005 * (at[1:] ** 2).sum(), slope + np.r_[0, 0.01 * at[1:]]

    bounds = [(None, None)] + [(0, None)] * scaled.shape[1]
    found = minimize(loss, np.zeros(scaled.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    by = found[1:] / spread
    return found[0] - by @ middle, by


def auroc(sure, known):
    ranks = np.argsort(np.argsort(sure)) + 1.0
    for value in np.unique(sure):
        same = sure == value
        ranks[same] = ranks[same].mean()
    yes, no = known.sum(), (~known).sum()
    return (ranks[known].sum() - yes * (yes + 1) / 2) / (yes * no) if yes and no else float("nan")


def coverage(sure, right, known, precision=0.95):
    order = np.argsort(-sure, kind="stable")
    good = np.cumsum(right[order])
    fine = good / np.arange(1, len(order) + 1) >= precision
    return good[fine].max() / known.sum() if fine.any() else 0.0


def fitted(every, small=True):
    """The models, fitted to the first half of each set."""
    tuned = []
    for seen, question, right, half in every:
        pick = half == 0
        whole = seen[pick], question[pick], right[pick]
        tuned.extend(parts(*whole) if small else [(*whole, 1.0)])
    by, none = fit_rank(tuned)
    rows, rights, weights = [], [], []
    for seen, question, right, share in tuned:
        for left_out in (None, right):
            first, signals, exact = standing(seen, question, by, none, left_out)
            use = ~exact if left_out is None else (right >= 0) & ~exact
            rows.append(signals[use])
            rights.append((first == right)[use] if left_out is None else np.zeros(use.sum(), bool))
            weights.append(np.full(use.sum(), share * (1.0 if left_out is None else LEFT_OUT) / len(seen)))
    bias, model = fit_standing(np.concatenate(rows), np.concatenate(rights), np.concatenate(weights))
    return by, none, bias, model


def judged(models, seen, question, right, second_step=True):
    """How sure the models are of the first of each question, whether it is right, and whether there is an answer."""
    by, none, bias, model = models
    first, signals, exact = standing(seen, question, by, none)
    sure = 1 / (1 + np.exp(-(signals @ model + bias))) if second_step else np.exp(signals[:, 0])
    return np.where(exact, np.maximum(sure, EXACTLY), sure), first == right, right >= 0


def figures(sure, good, known):
    return good[known].mean(), auroc(sure, known), coverage(sure, good, known)


def intervals(sure, good, known, times=300):
    """Where 95 of 100 draws of as many questions lie, by figure."""
    chance = np.random.default_rng(1)
    draws = (chance.integers(0, len(sure), len(sure)) for _ in range(times))
    return np.percentile([figures(sure[at], good[at], known[at]) for at in draws], [2.5, 97.5], axis=0).T


def thresholds(names, every, models):
    """By set and half: the figures, then at some thresholds precision, coverage and the share answered of what has no answer."""
    for name, (seen, question, right, half) in zip(names, every):
        for which in (0, 1):
            pick = half == which
            sure, good, known = judged(models, seen[pick], question[pick], right[pick])
            line = f"{name:24} half {which}: " + " / ".join(f"{figure:.3f}" for figure in figures(sure, good, known))
            for sure_from in (0.75, 0.8, 0.85, 0.9):
                said = sure >= sure_from
                line += f"   {sure_from}: {good[said].mean():.3f} {good[said].sum() / known.sum():.3f} {said[~known].mean():.3f}"
            print(line)


def tables(names, every, models):
    """Of the second half: the figures with their intervals, how far sureness can be trusted, and what each part brings."""
    others = [(seen[half == 1], question[half == 1], right[half == 1]) for seen, question, right, half in every]
    for name, other in zip(names, others):
        sure, good, known = judged(models, *other)
        spans = zip(figures(sure, good, known), intervals(sure, good, known))
        print(f"{name:24} " + " / ".join(f"{figure:.2f} [{low:.2f} {high:.2f}]" for figure, (low, high) in spans))
        bins = np.digitize(sure, [0.2, 0.4, 0.6, 0.8, 0.9])
        of = [bins == place for place in range(6)]
        print("  sure, right, questions: " + "  ".join(f"{sure[at].mean():.2f} {good[at].mean():.2f} ({at.sum()})" for at in of if at.any()))
    without = {"meaning": (BEST, MIDDLE, TEXT), "words": (WORDS, COVERED, COVERS), "the answers' text": (TEXT,),
               "the phrasings' middle": (MIDDLE,), "the best phrasing": (BEST,)}
    for label, signals in without.items():
        blind = lambda seen: np.where(np.isin(np.arange(seen.shape[2]), signals), 0.0, seen)
        again = fitted([(blind(seen), *rest) for seen, *rest in every])
        row(f"without {label}", [judged(again, blind(seen), *rest) for seen, *rest in others])
    large = fitted(every, small=False)
    row("without small libraries", [judged(large, *other) for other in others])
    row("without the second step", [judged(models, *other, second_step=False) for other in others])


def row(label, all_judged):
    line = " | ".join("/".join(f"{figure:.2f}" for figure in figures(*judged)) for judged in all_judged)
    print(f"{label:34} {line}", flush=True)


def main():
    names = [name for name in sys.argv[1:] if name != "--tables"]
    every = [read(name) for name in names]
    models = by, none, bias, model = fitted(every)
    rust = lambda values: ", ".join(f"{value:.3f}" for value in values)
    print(f"RANK = [{rust(by)}]\nNO_ANSWER = [{rust(none)}]\nSTANDING_BIAS = {bias:.3f}\nSTANDING_MODEL = [{rust(model)}]")
    thresholds(names, every, models)
    if "--tables" in sys.argv:
        tables(names, every, models)


if __name__ == "__main__":
    main()
