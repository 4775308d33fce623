"""Makes a library of what patrons wrote first, so that entries with many phrasings are fitted to as well.

    python openers.py OPENERS.jsonl FOLDER

A line of the file is `{"text", "intent"}`. An entry a topic, with half of the texts as its phrasings (`FOLDER/faq/faq.jsonl`); the
others are the questions (`FOLDER/questions.jsonl`). What goes to a person in any case has no entry.
"""

import json
import pathlib
import sys

FOR_A_PERSON = {"out_of_scope", "human_handoff"}


def teaches(text):
    """Whether a text is a phrasing (FNV-1a), as tests/examples/topics.rs has it: this tells nothing of the half it is fitted in."""
    number = 0x811C9DC5
    for byte in text.encode():
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    return number % 2 == 0


def main():
    openers, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    phrasings, questions = {}, []
    for row in map(json.loads, openers.open()):
        topic = None if row["intent"] in FOR_A_PERSON else row["intent"]
        if not teaches(row["text"]):
            questions.append({"text": row["text"], "entry": topic, "lang": "en"})
        elif topic and row["text"] not in phrasings.setdefault(topic, []):
            phrasings[topic].append(row["text"])
    entries = [{"id": topic, "questions": texts, "tags": [topic], "lang": "en"} for topic, texts in sorted(phrasings.items())]
    (folder / "faq").mkdir(parents=True, exist_ok=True)
    for name, rows in (("faq/faq.jsonl", entries), ("questions.jsonl", questions)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
