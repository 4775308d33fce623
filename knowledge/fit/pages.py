"""Makes a library of a site's pages, and the questions that they answer, to see how well pages are found.

    python pages.py PAGES.jsonl GOLD.jsonl FOLDER

A line of the pages is a piece of one: `{"url", "title", "chunk", "headings", "text"}`. A line of the gold set is `{"question",
"expected_outcome", "allowed_urls"}`; of those that expect an answer the ones are taken that a page of these may give, and all that expect
a refusal stand for what nothing answers. `pollen eval -L FOLDER FOLDER/questions.jsonl` scores them.
"""

import html
import json
import pathlib
import sys


def page(url, pieces):
    """A page as a browser saves it, a heading a piece."""
    title = html.escape(pieces[0]["title"])
    body = f"<h1>{title}</h1>"
    for piece in sorted(pieces, key=lambda piece: piece["chunk"]):
        heading = f"<h2>{html.escape(piece['headings'][-1])}</h2>" if piece["headings"] else ""
        body += f"{heading}<p>{html.escape(piece['text'])}</p>"
    head = f'<title>{title}</title><link rel="canonical" href="{html.escape(url)}">'
    return f'<html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'


def main():
    pages, gold, folder = (pathlib.Path(path) for path in sys.argv[1:4])
    by_address = {}
    for piece in map(json.loads, pages.open()):
        by_address.setdefault(piece["url"], []).append(piece)
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    for number, (url, pieces) in enumerate(by_address.items()):
        (folder / "pages" / f"{number}.html").write_text(page(url, pieces))
    questions = []
    for row in map(json.loads, gold.open()):
        right = [url for url in row["allowed_urls"] if url in by_address]
        if row["expected_outcome"] == "answer" and right:
            questions.append({"text": row["question"], "pages": right, "lang": "en"})
        elif row["expected_outcome"] == "refusal":
            questions.append({"text": row["question"], "entry": None, "lang": "en"})
    (folder / "questions.jsonl").write_text("".join(json.dumps(question) + "\n" for question in questions))
    (folder / "pollen.toml").write_text('name = "Pages"\n')


if __name__ == "__main__":
    main()
