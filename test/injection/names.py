"""Names and texts that would be SQL if anybody forgot to quote them."""

FRAGMENTS = (
    '"', '""', "'", "''", "\\", "\\\\", "\\'", "$1", "$2", "$$", "$a$", "$", "--",
    "/*", "*/", ";", ",", "(", ")", " ", "\t", "\n", "\r\n", "%", "%s", "%I", "%n",
    "{", "}", "[", ":a", "E'", 'U&"', "::int", "null", "NULL", "select",
    "; DROP TABLE canary; --", "'); DROP TABLE canary; --",
    '"; DROP TABLE canary; --', "$$; DROP TABLE canary; $$", "*/ 1 /*",
    "ü", "漢", "𝔘", "é", "\u200b", "\u202e", "ﬁ", "ß", "\x01", "\x7f",
    "a", "B", "z9", "_", "user", "xmin", "ctid", "canary")


def restrict(codec):
    """Only what this encoding has."""
    global FRAGMENTS
    FRAGMENTS = tuple(f for f in FRAGMENTS if _encodes(f, codec))


def _encodes(value, codec):
    try:
        value.encode(codec)
        return True
    except UnicodeEncodeError:
        return False


def text(random, longest=12):
    return "".join(random.choice(FRAGMENTS)
                   for _ in range(random.randint(0, longest)))


def cut(value, size=63):
    """To so many bytes, at the end of a character."""
    return value.encode()[:size].decode("utf-8", "ignore")


def name(random):
    """Not empty; every third has the 63 bytes that a name may have.  Names
    with control characters are not imported, and refused as options."""
    made = "".join(c for c in text(random, 8) if c >= " " and c != "\x7f")
    if random.random() < 0.3:
        made += "x" * 63 + '"'
    made = cut(made)
    return made if made.strip() else "n" + made


def names(random, count):
    found = []
    while len(found) < count:
        new = name(random)
        # some system columns cannot be columns
        if new not in found and new not in ("xmin", "ctid"):
            found.append(new)
    return found


def ident(value):
    return '"%s"' % value.replace('"', '""')


def literal(value):
    if value is None:
        return "NULL"
    return "E'%s'" % value.replace("\\", "\\\\").replace("'", "\\'")
