"""Links between pages: does each lead to a file, and to a heading in it?"""
import re

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
FENCED = re.compile(r"^```.*?^```", re.S | re.M)


def _anchor(heading):
    """As GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def broken(file):
    """Links of the page that lead nowhere."""
    wrong = []
    for link in LINK.findall(FENCED.sub("", file.read_text())):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (file.parent / path).resolve() if path else file
        if not target.exists():
            wrong.append(link)
        elif anchor and anchor not in [
                _anchor(h) for h in
                HEADING.findall(FENCED.sub("", target.read_text()))]:
            wrong.append(link)
    return wrong
