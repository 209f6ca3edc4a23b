"""Random SELECT statements whose result is determined.

LIMIT only under an ORDER BY of all columns, window functions that tell equal
rows apart only over a key, aggregates that depend on the order of rows only
with an ORDER BY, and no float aggregates that round.
"""
from node import Node, expr, fixed, items, optional
from expressions import Expressions
from schema import TABLES, USED_AS

# Aggregates: result type -> (template, argument type).
AGGREGATES = {
    "int8": [("count({})", None), ("sum({})", "int4"), ("count(*)", ""),
             ("count(DISTINCT {})", None)],
    "int4": [("max({})", "int4"), ("min({})", "int4"), ("bit_or({})", "int4"),
             ("percentile_disc(0.5) WITHIN GROUP (ORDER BY {})", "int4"),
             ("mode() WITHIN GROUP (ORDER BY {})", "int4"),
             ("count({})::int4", None)],
    "numeric": [("sum({})", "numeric"), ("avg({})", "int4"),
                ("avg({})", "numeric"), ("max({})", "numeric"),
                ("sum({})", "int8"), ("sum(DISTINCT {})", "numeric"),
                ("var_pop({})", "int4")],
    "float8": [("max({})", "float8"), ("min({})", "float8")],
    "text": [("max({})", "text"), ("min({})", "text"),
             ("string_agg({0}, ',' ORDER BY {0})", "text"),
             ("string_agg(DISTINCT {0}, '' ORDER BY {0})", "text"),
             ("mode() WITHIN GROUP (ORDER BY {})", "text")],
    "bool": [("bool_and({})", "bool"), ("bool_or({})", "bool"),
             ("every({})", "bool"), ("(count({}) > 2)", None)],
    "date": [("max({})", "date"), ("min({})", "date")],
    "timestamp": [("max({})", "timestamp")],
    "timestamptz": [("min({})", "timestamptz")],
    "interval": [("sum({})", "interval"), ("max({})", "interval")],
    "int4[]": [("array_agg({0} ORDER BY {0} DESC NULLS LAST)", "int4"),
               ("array_agg(DISTINCT {0} ORDER BY {0})", "int4")],
    "text[]": [("array_agg({0} ORDER BY {0})", "text")],
    "int4range": [("range_intersect_agg({})", "int4range")],
    "mood": [("max({})", "mood")],
    "jsonb": [("jsonb_agg({0} ORDER BY {0})", "text")],
}

# Window functions that do not tell peers apart, and those that do.
PEER_WINDOWS = [
    ("int8", "rank()", ""), ("int8", "dense_rank()", ""),
    ("int8", "count({})", "text"), ("int8", "sum({})", "int4"),
    ("numeric", "sum({})", "numeric"), ("text", "max({})", "text"),
    ("date", "min({})", "date"), ("float8", "cume_dist()", ""),
    ("bool", "bool_or({})", "bool"),
]
KEY_WINDOWS = [
    ("int8", "row_number()", ""), ("int4", "ntile(3)", ""),
    ("text", "lag({})", "text"), ("int4", "lead({}, 2, -1)", "int4"),
    ("numeric", "first_value({})", "numeric"),
    ("text", "last_value({})", "text"), ("date", "nth_value({}, 2)", "date"),
    ("int8", "count(*)", ""), ("numeric", "avg({})", "numeric"),
]
PEER_FRAMES = [
    "", "", "RANGE UNBOUNDED PRECEDING", "RANGE BETWEEN CURRENT ROW AND "
    "UNBOUNDED FOLLOWING", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP",
]
KEY_FRAMES = [
    "", "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
    "ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING EXCLUDE CURRENT ROW",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES",
]
SORTS = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST", " ASC"]


class Relation:
    """Something in FROM: columns are (name, type), key names or None."""

    def __init__(self, alias, columns, key):
        self.alias = alias      # None: the merged columns of USING
        self.columns = columns
        self.key = key

    def name_of(self, column):
        return "%s.%s" % (self.alias, column) if self.alias else column


class Scope:
    """What expressions can name.  subqueries: may they hold one?"""

    def __init__(self, relations, outer=None, subqueries=True):
        self.relations = relations
        self.outer = outer
        self.subqueries = subqueries

    def column(self, random, type, outside=False):
        """outside: of a query around the one that names it."""
        if self.outer is not None and random.random() < 0.2:
            return self.outer.column(random, type, True)
        if type == "jsonb" and random.random() < 0.3:
            named = [relation.alias for relation in self.relations
                     if relation.alias is not None]
            if named:
                return expr(type, "to_jsonb(%s)" % random.choice(named))
        found = [(relation, name) for relation in self.relations
                 for name, has in relation.columns
                 if USED_AS.get(has, has) == type
                 and not (outside and relation.alias is None)]
        if not found:
            return None
        relation, name = random.choice(found)
        has = dict(relation.columns)[name]
        text = relation.name_of(name)
        if has != type:
            text += "::" + type
        return expr(type, text)

    def types(self):
        """Of the columns."""
        return {USED_AS.get(has, has) for relation in self.relations
                for _, has in relation.columns}

    def keys(self):
        """The columns that tell all rows apart, or None."""
        keys = []
        for relation in self.relations:
            if relation.key is None:
                return None
            keys += [relation.name_of(name) for name in relation.key]
        return keys


class Grouped:
    """The scope after GROUP BY: its expressions and aggregates."""
    subqueries = False

    def __init__(self, generator, scope, groups):
        self.generator = generator
        self.scope = scope
        self.groups = groups    # nodes

    def column(self, random, type, outside=False):
        same = [node for node in self.groups if node.type == type]
        if same and random.random() < 0.5:
            return same_text(random.choice(same))
        return self.generator.aggregate(type, self.scope)

    def types(self):
        return {node.type for node in self.groups}


def same_text(node):
    """The node again: it prints the same, whatever is reduced."""
    return expr(node.type, fixed(node))


class Queries(Expressions):
    def __init__(self, random):
        self.random = random
        self.names = 0
        self.ctes = []          # Relations with their names as alias
        self.keys = None        # of the SELECT that was made last
        self.budget = 0         # relations that the statement may still read

    def chance(self, probability):
        return self.random.random() < probability

    def name(self, prefix):
        self.names += 1
        return "%s%d" % (prefix, self.names)

    # ---------- FROM ----------

    def table(self):
        table = self.random.choices(TABLES, (5, 5, 5, 4, 1))[0]
        alias = self.name(table.name[0])
        return (Node("%s AS %s" % (table.name, alias)),
                Relation(alias, list(table.columns.items()), table.key))

    def derived(self, outer, lateral):
        alias = self.name("q")
        types = [self.any_type() for _ in range(self.random.randint(1, 4))]
        query = self.select(types, outer if lateral else None, nested=True,
                            may_limit=True)
        names = ["c%d" % (n + 1) for n in range(len(types))]
        return (Node("LATERAL (" if lateral else "(", query,
                     ") AS %s(%s)" % (alias, ", ".join(names))),
                Relation(alias, list(zip(names, types)), None))

    def values(self):
        alias = self.name("v")
        types = [self.any_type() for _ in range(self.random.randint(1, 3))]
        rows = [Node("(", Node(*[self.literal(t) for t in types],
                               separator=", "), ")")
                for _ in range(self.random.randint(1, 4))]
        names = ["c%d" % (n + 1) for n in range(len(types))]
        return (Node("(VALUES ", items(rows),
                     ") AS %s(%s)" % (alias, ", ".join(names))),
                Relation(alias, list(zip(names, types)), None))

    def function(self, scope):
        alias = self.name("f")
        lateral = scope.relations and self.chance(0.6)
        inside = scope if lateral else Scope([], subqueries=False)
        if self.chance(0.5):
            call = Node("generate_series(1, abs(",
                        self.leaf("int4", inside), " % 6))")
            type = "int4"
        else:
            type = self.random.choice(("int4", "text"))
            call = Node("unnest(", self.leaf(type + "[]", inside), ")")
        columns = [("c1", type)]
        key = None
        if self.chance(0.4):
            call = Node(call, " WITH ORDINALITY")
            columns.append(("n", "int8"))
            key = ["n"]
        names = ", ".join(name for name, _ in columns)
        return (Node(call, " AS %s(%s)" % (alias, names)),
                Relation(alias, columns, key))

    def cte_reference(self):
        cte = self.random.choice(self.ctes)
        alias = self.name("w")
        return (Node("%s AS %s" % (cte.alias, alias)),
                Relation(alias, cte.columns, None))

    def from_item(self, scope):
        """(node, Relation, whether it names relations to its left)"""
        chance = self.random.random()
        self.budget -= 1
        if self.ctes and chance < 0.35:
            return (*self.cte_reference(), False)
        if chance < 0.72 or self.budget <= 0:
            return (*self.table(), False)
        if chance < 0.87:
            lateral = bool(scope.relations) and self.chance(0.4)
            return (*self.derived(scope, lateral), lateral)
        if chance < 0.93:
            return (*self.values(), False)
        return (*self.function(scope), True)

    def join_condition(self, left, right, equal):
        """Mostly an equality of columns of both sides."""
        if equal:               # FULL JOIN wants columns of both sides
            left = Scope(left.relations)
        types = ["int4", "int8", "text", "numeric", "date", "mood"]
        self.random.shuffle(types)
        for type in types:
            a = left.column(self.random, type)
            b = right.column(self.random, type)
            if a is not None and b is not None:
                equality = Node("(", a, " = ", b, ")")
                if equal or self.chance(0.7):
                    return equality
                both = Scope(left.relations + right.relations, left.outer)
                return Node(equality, optional(" AND ",
                                               self.condition(both, 1)))
        if equal:
            return Node("true")
        return Node("(", self.leaf("int4", left), " = ",
                    self.leaf("int4", right), ")")

    def using(self, scope):
        """A join by USING: (text after FROM's first part, relations)"""
        def type_of(relation):
            return dict(relation.columns).get("id")
        left = [r for r in scope.relations if type_of(r)]
        item, relation = self.table()
        if len(left) != 1 or not type_of(relation):
            return None
        types = {type_of(left[0]), type_of(relation)}
        kind = self.random.choice((" JOIN ", " LEFT JOIN ", " RIGHT JOIN ",
                                   " FULL JOIN "))
        merged = Relation(None, [("id", "int8" if "int8" in types
                                  else "int4")], [])
        return Node(kind, item, " USING (id)"), [relation, merged]

    def from_clause(self, outer, size):
        scope = Scope([], outer)
        node = None
        for n in range(size):
            if n == size - 1 and self.chance(0.15):
                using = self.using(scope)
                if using is not None:
                    scope.relations += using[1]
                    return Node(node, using[0]), scope
            item, relation, lateral = self.from_item(scope)
            right = Scope([relation])
            if node is None:
                node = item
            elif lateral:
                kind = self.random.choice((" JOIN ", " LEFT JOIN "))
                node = Node(node, kind, item, " ON true")
            else:
                kind = self.random.choices(
                    (" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ",
                     " CROSS JOIN "), (6, 5, 2, 2, 1))[0]
                if kind == " CROSS JOIN " and len(scope.relations) > 1:
                    kind = " JOIN "
                node = Node(node, kind, item)
                if kind != " CROSS JOIN ":
                    node.pieces += [" ON ", self.join_condition(
                        scope, right, kind == " FULL JOIN ")]
            scope.relations.append(relation)
        return node, scope

    # ---------- what SELECT lists ----------

    def aggregate(self, type, scope):
        # of this level for certain: no column of an outer query
        inner = Scope(scope.relations, subqueries=False)
        choices = AGGREGATES.get(type)
        if choices is None:
            return self.literal(type)
        template, argument = self.random.choice(choices)
        if argument is None:
            argument = self.random.choice(("int4", "text", "date", "bool",
                                           "mood"))
        pieces = [template]
        if argument != "":
            node = self.expression(argument, inner, 1)
            if "{0}" in template:
                node = fixed(node)
            parts = template.replace("{0}", "{}").split("{}")
            pieces = [parts[0]]
            for part in parts[1:]:
                pieces += [node, part]
        if self.chance(0.15) and template.endswith(")") \
                and not template.startswith("("):
            pieces.append(optional(" FILTER (WHERE ",
                                   self.condition(inner, 1), ")"))
        return expr(type, *pieces)

    def window(self, type, scope):
        """An expression of the type over a window function."""
        inner = Scope(scope.relations, scope.outer, subqueries=False)
        keys = scope.keys()
        by_key = keys is not None and self.chance(0.5)
        choices = [w for w in (KEY_WINDOWS if by_key else PEER_WINDOWS)
                   if w[0] == type]
        if not choices:
            return None
        _, call, argument = self.random.choice(choices)
        sort = [Node(self.expression("int4", inner, 1),
                     self.random.choice(SORTS))]
        if by_key:
            sort.append(fixed(", ".join(keys)))
        parts = []
        if self.chance(0.6):
            parts.append(optional(" PARTITION BY ", self.leaf(
                self.random.choice(("text", "mood", "bool")), inner)))
        parts += [" ORDER BY ", Node(*sort, separator=", ")]
        frame = self.random.choice(KEY_FRAMES if by_key else PEER_FRAMES)
        parts.append(optional(" " + frame))
        before, _, after = call.partition("{}")
        pieces = [before]
        if argument:
            pieces += [self.leaf(argument, inner), after]
        return expr(type, "(", *pieces, " OVER (", *parts, "))")

    def subquery_expression(self, type, scope, depth):
        """A scalar subquery, EXISTS, IN, ARRAY()."""
        if self.budget <= 0:
            return self.leaf(type, scope)
        if type == "bool":
            kind = self.random.choice(("EXISTS ", "NOT EXISTS ", "in", "in",
                                       "any"))
            if kind.endswith("EXISTS "):
                return expr(type, "(", kind, "(", self.select(
                    ["int4"], scope, nested=True), "))")
            inner = self.random.choice(("int4", "text", "date"))
            left = self.leaf(inner, scope)
            query = self.select([inner], scope, nested=True)
            word = self.random.choice(
                (" IN (", " NOT IN (") if kind == "in" else
                (" = ANY (", " > ALL (", " <= SOME ("))
            return expr(type, "(", left, word, query, "))")
        if type in ("int4[]", "text[]"):
            inner = type[:-2]
            return expr(type, "ARRAY(", self.select(
                [inner], scope, nested=True, total=True), ")")
        if type in AGGREGATES and self.chance(0.7):
            node, inner = self.from_clause(scope, 1)
            return expr(type, "(SELECT ", self.aggregate(type, inner),
                        " FROM ", node, optional(
                            " WHERE ", self.condition(inner, 1)), ")")
        return expr(type, "(", self.select([type], scope, nested=True,
                                           total=True, limit=1), ")")

    def output(self, type, scope, windows):
        if windows and self.chance(0.3):
            node = self.window(type, scope)
            if node is not None:
                return node
        return self.expression(type, scope, 3)

    def named(self, node):
        """With a name that a column may have."""
        if self.chance(0.8):
            return node
        return Node(node, optional(" AS " + self.random.choice(
            ("id", "a", "name", "kind", "feels", "src", "c1"))))

    # ---------- SELECT ----------

    def select(self, types, outer=None, nested=False, total=False,
               limit=None, may_limit=False):
        """One SELECT or a set operation with columns of these types.

        total: ordered by all columns.
        """
        if self.chance(0.1) and self.budget > 1:
            body = self.set_operation(types, outer)
        else:
            body = self.simple(types, outer, nested)
        if may_limit and self.chance(0.3):
            total = True
            limit = self.random.randint(0, 12)
        if total:
            sorts = [str(n + 1) for n in range(len(types))]
            if self.keys is not None and self.chance(0.5):
                sorts = self.keys
            order = Node(" ORDER BY ", Node(*[
                sort + self.random.choice(SORTS) for sort in sorts],
                separator=", "))
            if limit is not None:
                order.pieces.append(" LIMIT %d" % limit)
                if limit > 1 and self.chance(0.4):
                    order.pieces.append(" OFFSET %d"
                                        % self.random.randint(0, 5))
                body = Node(body, optional(fixed(order)) if limit != 1
                            else fixed(order))
            else:
                body = Node(body, fixed(order))
        return body

    def set_operation(self, types, outer):
        operation = self.random.choice(
            ("UNION", "UNION ALL", "UNION ALL", "INTERSECT", "EXCEPT",
             "EXCEPT ALL", "INTERSECT ALL"))
        node = Node("(", self.simple(types, outer, True), ") ", operation,
                    " (", self.simple(types, outer, True), ")")
        self.keys = None
        return node

    def simple(self, types, outer, nested):
        size = self.random.choices((1, 2, 3, 4), (5, 4, 2, 1))[0]
        size = max(1, min(size, self.budget, 2 if nested else 4))
        from_node, scope = self.from_clause(outer, size)
        where = optional()
        if self.chance(0.5):
            where = optional(" WHERE ", self.condition(scope))
        chance = self.random.random()
        if chance < 0.22:
            node = self.grouped(types, from_node, scope, where)
            self.keys = None
            return node
        head = "SELECT "
        if chance < 0.3:
            head = Node("SELECT ", optional("DISTINCT "))
        outputs = [self.named(self.output(t, scope, chance > 0.7))
                   for t in types]
        # after the outputs: queries in them have theirs
        self.keys = scope.keys() if chance >= 0.3 else None
        return Node(head, items(outputs), " FROM ", from_node, where)

    def grouped(self, types, from_node, scope, where):
        inner = Scope(scope.relations, scope.outer, subqueries=False)
        groups = []
        for _ in range(self.random.choice((0, 1, 1, 2, 2))):
            type = self.random.choice(("int4", "text", "bool", "mood", "date",
                                       "numeric"))
            column = scope.column(self.random, type)
            if self.chance(0.4):
                column = self.expression(type, inner, 2)
            if column is not None:
                groups.append(column)
        after = Grouped(self, inner, groups)
        outputs = [self.expression(t, after, 2) for t in types]
        node = Node("SELECT ", items(outputs), " FROM ", from_node, where)
        if groups:
            how = self.random.choice(
                ("", "", "", "", "ROLLUP ", "CUBE ", "GROUPING SETS "))
            columns = [same_text(g) for g in groups]
            if how:
                columns = [Node("(", c, ")") for c in columns]
                if how == "GROUPING SETS ":
                    columns.append(Node("()"))
                node.pieces += [" GROUP BY ", how, "(",
                                Node(*columns, separator=", "), ")"]
            else:
                node.pieces += [" GROUP BY ",
                                Node(*columns, separator=", ")]
        if self.chance(0.3):
            node.pieces.append(optional(
                " HAVING ", self.expression("bool", after, 1)))
        return node

    # ---------- WITH ----------

    def recursive_cte(self):
        name = self.name("r")
        union = self.random.choice(("UNION", "UNION ALL"))
        start = Scope([Relation("p", list(TABLES[0].columns.items()),
                                ["id"])], subqueries=False)
        node = Node(
            name, "(c1, c2, c3) AS (SELECT p.id, 0, (",
            self.leaf("text", start), ")::text FROM people p",
            optional(" WHERE ", self.condition(start, 1)), " ", union,
            " SELECT p.id, r.c2 + 1, ",
            "left(coalesce(r.c3, '') || p.name, 20)",
            " FROM people p JOIN ", name,
            " r ON p.boss = r.c1 WHERE r.c2 < 4)")
        self.ctes.append(Relation(name, [("c1", "int4"), ("c2", "int4"),
                                         ("c3", "text")], None))
        return node

    def cte(self):
        name = self.name("t")
        types = [self.any_type() for _ in range(self.random.randint(1, 4))]
        hint = self.random.choice(("", "", "MATERIALIZED ",
                                   "NOT MATERIALIZED "))
        query = self.select(types, nested=True, may_limit=True)
        names = ["c%d" % (n + 1) for n in range(len(types))]
        self.ctes.append(Relation(name, list(zip(names, types)), None))
        return Node("%s(%s) AS %s(" % (name, ", ".join(names), hint), query,
                    ")")

    def statement(self):
        """(node, whether its order is fixed)"""
        self.names = 0
        self.ctes = []
        self.budget = self.random.choice((1, 2, 3, 4, 5, 7))
        self.risky = self.chance(0.03)
        head = Node()
        if self.chance(0.2):
            ctes = []
            recursive = self.chance(0.3)
            if recursive:
                ctes.append(self.recursive_cte())
            for _ in range(self.random.randint(0 if recursive else 1, 2)):
                ctes.append(self.cte())
            head = optional("WITH RECURSIVE " if recursive else "WITH ",
                            items(ctes), " ")
        types = [self.any_type() for _ in range(self.random.randint(1, 5))]
        ordered = self.chance(0.45)
        limit = self.random.randint(0, 30) \
            if ordered and self.chance(0.5) else None
        body = self.select(types, total=ordered, limit=limit)
        return Node(head, body), ordered
