"""SQL as a tree: it is printed, and it is reduced when it has failed.

Nothing here knows SQL's rules.  A reduction that makes a statement invalid
makes it fail everywhere, and so it is not kept.
"""


class Node:
    """Pieces are strings and nodes.

    kind: "expr" may become one of its parts of the same type, or NULL;
    "optional" may vanish; "list" may lose items; "fixed" stays as it is, with
    all in it (what makes an order total, for example); "" has no rule.
    """
    __slots__ = ("pieces", "kind", "type", "separator")

    def __init__(self, *pieces, kind="", type=None, separator=None):
        self.pieces = list(pieces)
        self.kind = kind
        self.type = type
        self.separator = separator

    def print(self, out, parameters):
        first = True
        for piece in self.pieces:
            if self.separator and not first:
                out.append(self.separator)
            first = False
            if isinstance(piece, str):
                out.append(piece)
            else:
                piece.print(out, parameters)

    def nodes(self):
        """Those below a node that may be reduced, outermost first."""
        if self.kind == "fixed":
            return
        yield self
        for piece in list(self.pieces):
            if isinstance(piece, Node):
                yield from piece.nodes()

    def reductions(self):
        """Lists of pieces to take in place of those it has."""
        if self.kind == "optional" and self.pieces:
            yield []
        elif self.kind == "list":
            size = len(self.pieces) // 2
            while size > 1:
                yield self.pieces[:size]
                yield self.pieces[size:]
                size //= 2
            if len(self.pieces) > 1:
                for n in range(len(self.pieces)):
                    yield self.pieces[:n] + self.pieces[n + 1:]
        elif self.kind == "expr":
            null = "NULL::" + self.type
            if self.pieces != [null]:
                yield [null]
            for child in self.nodes():
                if (child is not self and child.kind == "expr"
                        and child.type == self.type):
                    yield [child]


class Literal(Node):
    """A constant in the text, or a parameter of a prepared statement."""
    __slots__ = ("value",)

    def __init__(self, type, value):
        super().__init__(kind="expr", type=type)
        self.value = value

    def print(self, out, parameters):
        if self.pieces:         # reduced
            super().print(out, parameters)
        elif parameters is None:
            out.append(self.text())
        else:
            out.append("$%d" % parameters.number(self))

    def text(self):
        escaped = self.value.replace("'", "''")
        return "'%s'::%s" % (escaped, self.type)


class Parameters:
    """The literals of a prepared statement; one node has one number."""

    def __init__(self):
        self.literals = []

    def number(self, literal):
        for n, known in enumerate(self.literals):
            if known is literal:
                return n + 1
        self.literals.append(literal)
        return len(self.literals)


def expr(type, *pieces):
    return Node(*pieces, kind="expr", type=type)


def optional(*pieces):
    return Node(*pieces, kind="optional")


def items(nodes, separator=", "):
    return Node(*nodes, kind="list", separator=separator)


def fixed(*pieces):
    return Node(*pieces, kind="fixed")


def text_of(node):
    """The statement with its literals in it."""
    out = []
    node.print(out, None)
    return "".join(out)


def prepared(node):
    """(PREPARE, EXECUTE) of the statement "q"."""
    out = []
    parameters = Parameters()
    node.print(out, parameters)
    types = ", ".join(lit.type for lit in parameters.literals)
    values = ", ".join(lit.text() for lit in parameters.literals)
    return ("PREPARE q%s AS %s" % ("(%s)" % types if types else "",
                                   "".join(out)),
            "EXECUTE q%s" % ("(%s)" % values if values else ""))


def reduce(root, still_fails, attempts=400):
    """Makes the tree smaller as long as still_fails() is true of it."""
    progress = True
    while progress and attempts > 0:
        progress = False
        for node in list(root.nodes()):
            for pieces in list(node.reductions()):
                if attempts <= 0:
                    return
                attempts -= 1
                before = node.pieces
                node.pieces = pieces
                if still_fails():
                    progress = True
                    break
                node.pieces = before
