# neon_http_fdw: see README.md
#
#   make && make install      build and install for the PostgreSQL of PG_CONFIG
#   make demo                 all set-up, then a tour against a local endpoint
#   make check                all set-up, then all tests
#   make installcheck         the SQL tests alone, against a running test/stack
#   make fuzz bench valgrind  longer runs, see README.md
#   make differential sqlsmith tpch      the same: random queries, TPC-H
#   make bank writes          the same: concurrent transfers, random writes
#   make app                  SQLAlchemy, Django, node-postgres, pgbench

# These set up the machine first, so they must not need pg_config yet.
SELF_CONTAINED = demo check fuzz bench valgrind differential sqlsmith tpch bank writes app
ifneq ($(filter $(SELF_CONTAINED),$(MAKECMDGOALS)),)

.PHONY: $(SELF_CONTAINED)
demo check bench valgrind:
	@test/$@

differential sqlsmith tpch bank writes app:
	@test/long $@

fuzz:
	@test/setup check
	@$(MAKE) -C test/unit fuzz SECONDS=60

else

MODULE_big = neon_http_fdw
OBJS = neon_http_fdw.o $(patsubst %.c,%.o,$(sort $(wildcard src/*/*.c)))
PGFILEDESC = "neon_http_fdw - foreign-data wrapper for Neon over HTTPS"

EXTENSION = neon_http_fdw
DATA = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/sql/neon_http_fdw--*.sql))

PG_CPPFLAGS = -I$(srcdir)/src
SHLIB_LINK = -lcurl -ljson-c

# "make check" builds with WERROR=1.  What is switched off, PostgreSQL's own
# headers and calling conventions need.
ifdef WERROR
PG_CFLAGS = -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -Wno-sign-compare
endif

REGRESS = options import import_harmless scan plans pushdown errors statement rights pieces \
	bind_join estimate types attach upgrade write_statement shapes lock truncate exec write \
	write_more
REGRESS_OPTS = --use-existing

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# the stack's local database, instead of one that pg_regress would create
CONTRIB_TESTDB = $(PGDATABASE)

$(OBJS): $(wildcard src/*/*.h)

endif
