"""Finds anomalies in a history of transactions that append to lists and read
them.

Each append has an id of its own, so a list says in which order its versions
came.  From that follow the dependencies between transactions:

    ww   the second one appended directly behind what the first one appended
    wr   the second one read a list that ends with what the first one appended
    rw   the second one appended what the first one's read has just not seen

A cycle of them is an anomaly (Adya): of ww alone G0, of ww and wr G1c, with one
rw G-single (read skew; a lost update if it is of one list), with more G2 (write
skew).  READ COMMITTED excludes G0 and G1, REPEATABLE READ as PostgreSQL has it
also G-single, SERIALIZABLE all.
"""
import collections

COMMITTED, FAILED, UNKNOWN = "committed", "failed", "unknown"

# What must not be at each level.
FORBIDDEN = {
    "READ COMMITTED": ("G0", "G1a", "G1b", "G1c", "order"),
    "REPEATABLE READ": ("G0", "G1a", "G1b", "G1c", "G-single", "lost", "order",
                        "internal"),
    "SERIALIZABLE": ("G0", "G1a", "G1b", "G1c", "G-single", "G2", "lost",
                     "order", "internal"),
}

# ops: ("append", key, id) and ("read", key, (ids)), as they were executed.
Transaction = collections.namedtuple("Transaction", "name ops outcome")


class Check:
    """final: {key: (ids)} at the end.  found: {anomaly: [what]}."""

    def __init__(self, history, final):
        self.found = collections.defaultdict(list)
        self.final = final
        self.place = {id: (key, i) for key, ids in final.items()
                      for i, id in enumerate(ids)}
        self.writer = {op[2]: t for t in history for op in t.ops
                       if op[0] == "append"}
        self.history = [t for t in history if self.is_committed(t)]
        self.edges = collections.defaultdict(set)   # name: {(kind, name)}
        for t in self.history:
            self.look_at_appends(t)
            self.look_at_reads(t)
        self.find_cycles()

    def is_committed(self, t):
        if t.outcome != UNKNOWN:
            return t.outcome == COMMITTED
        return any(op[0] == "append" and op[2] in self.place for op in t.ops)

    def edge(self, kind, source, target):
        if source.name != target.name:
            self.edges[source.name].add((kind, target.name))

    # --- what can be said of one transaction ------------------------------

    def look_at_appends(self, t):
        for op in t.ops:
            if op[0] != "append":
                continue
            if op[2] not in self.place:
                self.found["lost"].append("%s: append of %s" % (t.name, op[2]))
                continue
            key, i = self.place[op[2]]
            if i > 0:
                self.edge("ww", self.writer[self.final[key][i - 1]], t)

    def look_at_reads(self, t):
        own = collections.defaultdict(list)
        seen = {}
        for kind, key, value in t.ops:
            if kind == "append":
                own[key].append(value)
                continue
            mine = own[key]
            split = len(value) - len(mine)
            others = value[:max(split, 0)]
            if list(value[max(split, 0):]) != mine or \
                    seen.setdefault(key, others) != others:
                self.found["internal"].append("%s: %s is %s" % (t.name, key, value))
                continue
            self.look_at_read(t, key, others)

    def look_at_read(self, t, key, ids):
        for id in ids:
            writer = self.writer.get(id)
            if writer is None or not self.is_committed(writer):
                self.found["G1a"].append("%s has read %s" % (t.name, id))
                return
        if self.final.get(key, ())[:len(ids)] != ids:
            self.found["order"].append("%s: %s was %s" % (t.name, key, ids))
            return
        if ids:
            writer = self.writer[ids[-1]]
            if writer.name != t.name and ids[-1] != self.last_append(writer, key):
                self.found["G1b"].append("%s has read %s" % (t.name, ids[-1]))
            self.edge("wr", writer, t)
        rest = self.final.get(key, ())[len(ids):]
        if rest:
            self.edge("rw", t, self.writer[rest[0]])

    @staticmethod
    def last_append(t, key):
        return [op[2] for op in t.ops if op[:2] == ("append", key)][-1]

    # --- cycles ------------------------------------------------------------

    def targets(self, name, kinds):
        return [target for kind, target in self.edges.get(name, ())
                if kind in kinds]

    def path(self, source, target, kinds):
        """The shortest, without source; None if there is none."""
        before = {source: None}
        queue = collections.deque([source])
        while queue:
            at = queue.popleft()
            for name in self.targets(at, kinds):
                if name not in before:
                    before[name] = at
                    queue.append(name)
                if name == target:
                    way = [name]
                    while before[way[-1]] not in (None, source):
                        way.append(before[way[-1]])
                    return way[::-1]
        return None

    def components(self, kinds):
        """Those that are more than one transaction (Tarjan, without recursion)."""
        index, low, on_stack, stack, found = {}, {}, set(), [], []
        for root in list(self.edges):
            if root in index:
                continue
            work = [(root, iter(self.targets(root, kinds)))]
            index[root] = low[root] = len(index)
            stack.append(root)
            on_stack.add(root)
            while work:
                at, targets = work[-1]
                for name in targets:
                    if name not in index:
                        index[name] = low[name] = len(index)
                        stack.append(name)
                        on_stack.add(name)
                        work.append((name, iter(self.targets(name, kinds))))
                        break
                    if name in on_stack:
                        low[at] = min(low[at], index[name])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[at])
                    if low[at] == index[at]:
                        component = set()
                        while at not in component:
                            component.add(stack.pop())
                        on_stack -= component
                        if len(component) > 1:
                            found.append(component)
        return found

    def find_cycles(self):
        known = set()           # those in cycles of a kind found before
        for anomaly, kinds in (("G0", ("ww",)), ("G1c", ("ww", "wr"))):
            for component in self.components(kinds):
                self.found[anomaly].append(" ".join(sorted(component)))
        for component in self.components(("ww", "wr", "rw")):
            for source in component:
                for target in self.targets(source, ("rw",)):
                    way = target in component and \
                        self.path(target, source, ("ww", "wr"))
                    if way:
                        known |= component
                        self.found["G-single"].append(
                            "%s -rw-> %s" % (source, " ".join([target] + way)))
            if not component & known:
                self.found["G2"].append(" ".join(sorted(component)))


def anomalies(history, final, level):
    """{anomaly: [what]} of those that the level forbids."""
    found = Check(history, final).found
    return {name: found[name] for name in FORBIDDEN[level] if found[name]}


# --- histories made up to hold one anomaly each -------------------------------

def _history(**transactions):
    """T1="r x 1 2 | a x 3" and so on; a name that ends with _f has failed."""
    history = []
    for name, text in transactions.items():
        ops = []
        for part in text.split(" | "):
            kind, key, *ids = part.split()
            ops.append(("append", key, ids[0]) if kind == "a"
                       else ("read", key, tuple(ids)))
        history.append(Transaction(name, ops, FAILED if name.endswith("_f")
                                   else COMMITTED))
    return history


MADE_UP = [
    ("none", _history(t1="a x 1 | a y 2", t2="r x 1 | r y 2 | a x 3 | r x 1 3"),
     {"x": ("1", "3"), "y": ("2",)}),
    ("G0", _history(t1="a x 1 | a y 2", t2="a x 3 | a y 4"),
     {"x": ("1", "3"), "y": ("4", "2")}),
    ("G1a", _history(t1_f="a x 1", t2="r x 1"), {}),
    ("G1b", _history(t1="a x 1 | a x 2", t2="r x 1"), {"x": ("1", "2")}),
    ("G1c", _history(t1="a x 1 | r y 2", t2="a y 2 | r x 1"),
     {"x": ("1",), "y": ("2",)}),
    ("G-single", _history(t1="r x | r y 2", t2="a x 1 | a y 2"),
     {"x": ("1",), "y": ("2",)}),
    ("G-single", _history(t1="r x | a x 1", t2="r x | a x 2"), {"x": ("1", "2")}),
    ("lost", _history(t1="r x | a x 1", t2="r x | a x 2"), {"x": ("2",)}),
    ("G2", _history(t1="r x | a y 1", t2="r y | a x 2"),
     {"x": ("2",), "y": ("1",)}),
    # a transaction that only reads makes the difference
    ("G2", _history(t1="r x | r y | a x 1", t2="r y | a y 2",
                    t3="r x | r y 2"), {"x": ("1",), "y": ("2",)}),
    ("order", _history(t1="a x 1", t2="a x 2", t3="r x 2 1"), {"x": ("1", "2")}),
    ("internal", _history(t1="a x 1 | r x"), {"x": ("1",)}),
]


def self_test():
    """Problems of the checker itself."""
    problems = []
    for wanted, history, final in MADE_UP:
        found = anomalies(history, final, "SERIALIZABLE")
        if wanted not in (found or {"none": []}):
            problems.append("history with %s: found %s" % (wanted, dict(found)))
    return problems
