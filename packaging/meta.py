#!/usr/bin/env python3
"""Is META.json what PGXN's meta specification 1.0.0 wants, and the same
version everywhere?

    packaging/meta.py [DIR]

Prints what is wrong; exit status 1 if something is.
"""
import json
import pathlib
import re
import sys

SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
                    r"(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
RANGE = re.compile(r"(>=|<=|>|<|==|!=)?\s*(\S+)")
LICENSES = {
    "agpl_3", "apache_1_1", "apache_2_0", "artistic_1", "artistic_2", "bsd",
    "freebsd", "gfdl_1_2", "gfdl_1_3", "gpl_1", "gpl_2", "gpl_3", "lgpl_2_1",
    "lgpl_3_0", "mit", "mozilla_1_0", "mozilla_1_1", "openssl", "perl_5",
    "postgresql", "qpl_1_0", "ssleay", "sun", "zlib", "open_source",
    "restricted", "unrestricted", "unknown"}
KEYS = {
    "name", "version", "abstract", "maintainer", "license", "provides",
    "meta-spec", "description", "generated_by", "no_index", "prereqs",
    "release_status", "resources", "tags"}
REQUIRED = KEYS - {"description", "generated_by", "no_index", "prereqs",
                   "release_status", "resources", "tags"}
PHASES = {"configure", "build", "test", "runtime", "develop"}
RELATIONS = {"requires", "recommends", "suggests", "conflicts"}


def is_text(value):
    return isinstance(value, str) and value.strip() != ""


def is_term(value):
    """A name of a distribution or an extension."""
    return (is_text(value) and len(value) >= 2
            and not re.search(r"[\s/\\\x00-\x1f\x7f]", value))


def is_version(value):
    return isinstance(value, str) and SEMVER.fullmatch(value) is not None


def is_range(value):
    if value in (0, "0"):
        return True
    return isinstance(value, str) and all(
        (found := RANGE.fullmatch(part.strip())) and is_version(found[2])
        for part in value.split(","))


def is_list_of_text(value):
    return (is_text(value) or isinstance(value, list) and value != []
            and all(map(is_text, value)))


class Check:
    def __init__(self, root):
        self.root = root
        self.wrong = []

    def must(self, truth, what):
        if not truth:
            self.wrong.append(what)

    def meta(self, meta):
        self.must(REQUIRED <= meta.keys(),
                  f"META.json: missing {sorted(REQUIRED - meta.keys())}")
        for key in meta.keys() - KEYS:
            self.must(re.match("[xX]_", key), f"META.json: unknown key {key}")
        self.must(is_term(meta.get("name")), "META.json: name")
        self.must(is_version(meta.get("version")), "META.json: version")
        self.must(is_text(meta.get("abstract")), "META.json: abstract")
        self.must(is_list_of_text(meta.get("maintainer")),
                  "META.json: maintainer")
        self.must(is_text(meta.get("description", "x")),
                  "META.json: description")
        licenses = meta.get("license")
        self.must(set([licenses] if isinstance(licenses, str) else
                      licenses or ["none"]) <= LICENSES, "META.json: license")
        self.must(meta.get("release_status", "stable")
                  in ("stable", "testing", "unstable"),
                  "META.json: release_status")
        tags = meta.get("tags", ["x"])
        self.must(isinstance(tags, list) and all(
            is_text(tag) and len(tag) < 256 and "/" not in tag
            for tag in tags), "META.json: tags")
        self.must(meta.get("meta-spec", {}).get("version") == "1.0.0",
                  "META.json: meta-spec")
        self.provides(meta.get("provides", {}))
        self.prereqs(meta.get("prereqs", {}))

    def provides(self, provides):
        self.must(provides, "META.json: provides nothing")
        for name, extension in provides.items():
            where = f"META.json: provides {name}"
            self.must(is_term(name), where)
            self.must(is_version(extension.get("version")),
                      f"{where}: version")
            self.must(is_text(extension.get("abstract", "x")),
                      f"{where}: abstract")
            for key in ("file", "docfile"):
                if key == "file" or key in extension:
                    self.must((self.root / extension.get(key, "/")).is_file(),
                              f"{where}: {key} is no file")

    def prereqs(self, prereqs):
        for phase, relations in prereqs.items():
            where = f"META.json: prereqs {phase}"
            self.must(phase in PHASES, where)
            for relation, modules in relations.items():
                self.must(relation in RELATIONS, f"{where} {relation}")
                for module, versions in modules.items():
                    self.must(is_term(module) and is_range(versions),
                              f"{where} {relation} {module}")

    def versions(self, meta):
        """The version of the SQL objects, and those that are made of it."""
        def found(name, pattern):
            match = re.search(pattern, (self.root / name).read_text(), re.M)
            return match[1] if match else None

        version = found("neon_http_fdw.control", r"^default_version = '(.*)'")
        self.must((self.root / f"sql/neon_http_fdw--{version}.sql").is_file(),
                  f"sql/: no script of version {version}")
        others = {
            "META.json": re.sub(r"\.0$", "", meta.get("version", "")),
            "META.json, provides": re.sub(
                r"\.0$", "", meta.get("provides", {}).get(
                    "neon_http_fdw", {}).get("version", "")),
            "META.json, file": (re.findall(
                r"--(.*)\.sql$", meta.get("provides", {}).get(
                    "neon_http_fdw", {}).get("file", "")) or [None])[0],
            "PG_MODULE_MAGIC_EXT": found(
                "neon_http_fdw.c",
                r'^PG_MODULE_MAGIC_EXT\(.*\.version = "(.*?)"'),
            "CHANGELOG.md": found("CHANGELOG.md", r"^## (\S+)"),
            "packaging/neon_http_fdw.spec": re.sub(r"\.0$", "", found(
                "packaging/neon_http_fdw.spec", r"^Version: *(.*)") or ""),
            "debian/changelog": found("debian/changelog",
                                      r"^neon-http-fdw \(([^)]*)\)"),
        }
        for name, other in others.items():
            self.must(other == version,
                      f"{name}: version {other}, the control file has "
                      f"{version}")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                        else pathlib.Path(__file__).parent.parent)
    check = Check(root)
    meta = json.loads((root / "META.json").read_text())
    check.meta(meta)
    check.versions(meta)
    print("\n".join(check.wrong), end="\n" if check.wrong else "")
    sys.exit(1 if check.wrong else 0)


if __name__ == "__main__":
    main()
