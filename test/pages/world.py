"""What the blocks of the documentation suppose to be there.

A local PostgreSQL with the database "mydb"; an endpoint that answers for
every host of Neon, with the sample's tables in the database "neondb"; the
remote roles alex, readonly and authenticated; the local roles analyst and
app; the commands sudo, make and psql.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

import proxy
import stack
import jwt

ATTACH = """CREATE EXTENSION IF NOT EXISTS neon_http_fdw;
SELECT count(*) FROM neon_http_attach('postgresql://alex:AbC123@ep-cool-123456\
.eu-central-1.aws.neon.tech/neondb', local_schema => 'neon', server => 'neon');
"""
URL = ("postgresql://alex:AbC123@ep-cool-123456.eu-central-1.aws.neon.tech/"
       "neondb?sslmode=require")
REMOTE_ROLES = """CREATE ROLE readonly LOGIN PASSWORD 'secret' IN ROLE pg_read_all_data;
CREATE ROLE authenticated LOGIN PASSWORD 'token' IN ROLE neondb_owner;
"""
LOCAL_ROLES = "CREATE ROLE analyst LOGIN; CREATE ROLE app LOGIN;"


def psql(database, sql, remote=False):
    """Runs SQL as a superuser."""
    environment = dict(os.environ)
    if remote:
        environment.update(PGHOST=os.environ["REMOTE_PGHOST"],
                           PGPORT=os.environ["REMOTE_PGPORT"],
                           PGPASSWORD=os.environ["REMOTE_PGPASSWORD"])
    environment.update(PGUSER="postgres",
                       PGOPTIONS="-c client_min_messages=warning")
    subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database],
                   input=sql, text=True, check=True, env=environment,
                   stdout=subprocess.PIPE)


class World:
    """A stack of its own (tmp_check/docs), and ways to begin anew in it."""

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="neon_docs."))
        self.directory.chmod(0o755)
        self.key = str(self.directory / "key.pem")
        (self.directory / "keys.json").write_text(jwt.make_key(self.key))
        (self.directory / "password.txt").write_text("token\n")
        self.proxy = proxy.start(
            lambda: int(os.environ["ENDPOINT_URL"].split(":")[2][:-4]))
        # the local server inherits these
        for name in ("https_proxy", "NO_PROXY", "no_proxy"):
            os.environ.pop(name, None)
        os.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{self.proxy}"
        os.environ["SSL_CERT_FILE"] = str(self.directory / "ca.pem")
        self.stack = stack.started("docs", (
            f"--jwks {self.directory}/keys.json"
            f" --jwt-password-file {self.directory}/password.txt"))
        self.stack.__enter__()
        del os.environ["HTTPS_PROXY"], os.environ["SSL_CERT_FILE"]
        shutil.copy(os.environ["ENDPOINT_CA"], self.directory / "ca.pem")
        psql("postgres", REMOTE_ROLES, remote=True)
        psql("postgres", "ALTER DATABASE neondb RENAME TO sample", remote=True)
        psql("postgres", LOCAL_ROLES)
        os.environ.update(PGDATABASE="mydb", NEON_DATABASE_URL=URL,
                          NEON_TOKEN=jwt.make_token(self.key, "anna"))
        self.shell = self.commands()
        return self

    def __exit__(self, *error):
        self.stack.__exit__(*error)
        shutil.rmtree(self.directory)

    @staticmethod
    def commands():
        """For a block of shell: make where the extension is built, and sudo.

        Functions, as they must not reach what make itself calls.
        """
        build = os.environ.get("BUILD_DIR", stack.ROOT)
        config = shutil.which(os.environ.get("PG_CONFIG", "pg_config"))
        make = (f"{shutil.which('make')} -C '{build}' -f "
                f"'{stack.ROOT}/Makefile' PG_CONFIG='{config}' \"$@\"")
        if os.getuid() == 0:
            return f'make() {{ {make}; }}\nsudo() {{ "$@"; }}\n'
        return (f'make() {{ {make}; }}\nsudo() {{\n'
                '  [ "$1" = make ] || { command sudo "$@"; return; }\n'
                f'  shift; command sudo {make}\n}}\n')

    def new_databases(self, attached):
        psql("postgres", "DROP DATABASE IF EXISTS neondb WITH (FORCE)",
             remote=True)
        psql("postgres", "CREATE DATABASE neondb OWNER neondb_owner "
             "TEMPLATE sample", remote=True)
        psql("postgres", "DROP DATABASE IF EXISTS mydb WITH (FORCE)")
        psql("postgres", "CREATE DATABASE mydb")
        if attached:
            psql("mydb", ATTACH)

    def here(self, text):
        """The block's text, with the few names that cannot be had here."""
        return (text
                .replace("proxy.example.com:3128", f"127.0.0.1:{self.proxy}")
                .replace("/etc/ssl/certs/corporate-ca.pem",
                         str(self.directory / "ca.pem")))
