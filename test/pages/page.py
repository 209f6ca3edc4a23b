"""The fenced blocks of a page, and what the comments above them say.

Comments directly above a block, in any order:

    <!-- a new database -->             begin with an empty database, and with
                                        the sample's rows on the remote
    <!-- a new database, attached -->   the same, with the remote attached as
                                        server and schema "neon"
    <!-- before: SQL -->                run this first, as a superuser
    <!-- then: CODE -->                 run this after it, in its session
    <!-- shows what follows -->         the output has what the next block shows
    <!-- fails: WORDS -->               the block ends with this error
    <!-- from PostgreSQL N on: WHY -->  older servers cannot run it
    <!-- not run: WHY -->               no test can run it
"""
import re

LANGUAGES = {"sql": "sql", "sh": "sh", "shell": "sh", "bash": "sh",
             "python": "python"}
COMMENT = re.compile(r"<!--\s*(a new database(?:, attached)?|before|then|fails|"
                     r"shows what follows|"
                     r"from PostgreSQL \d+ on|not run)(?::\s*(.*?))?\s*-->\s*",
                     re.S)
FENCE = re.compile(r"(?P<comments>(?:^<!--(?:(?!-->).)*?-->[ \t]*\n)*)"
                   r"^```(?P<language>\w*)[ \t]*\n(?P<text>.*?)^```[ \t]*$",
                   re.S | re.M)


class Block:
    """A block: its language, text, line, and what the comments say."""

    def __init__(self, page, language, text, line, comments):
        self.name = f"{page}:{line}"
        self.language = language
        self.text = text
        self.new = self.attached = False
        self.before, self.then = [], []
        self.fails = self.not_run = self.shows = None
        self.is_shown = False
        self.version, self.version_why = 0, None
        for what, words in COMMENT.findall(comments):
            if what.startswith("a new database"):
                self.new = True
                self.attached = what.endswith("attached")
            elif what == "shows what follows":
                self.is_shown = True
            elif what == "before":
                self.before.append(words)
            elif what == "then":
                self.then.append(words)
            elif what == "fails":
                self.fails = " ".join(words.split())
            elif what == "not run":
                self.not_run = " ".join(words.split())
            else:
                self.version = int(re.search(r"\d+", what).group())
                self.version_why = words


def blocks(name, text):
    """Those in a language that is run, in their order."""
    found = []
    for match in FENCE.finditer(text):
        language = LANGUAGES.get(match["language"].lower())
        if not language and found and found[-1].is_shown:
            found[-1].shows = match["text"]
            found[-1].is_shown = False
        if language:
            line = text.count("\n", 0, match.start("language")) + 1
            found.append(Block(name, language, match["text"], line,
                               match["comments"]))
    return found
