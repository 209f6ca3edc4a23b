# neon_http_fdw: see README.md
#
#   make && make install      build and install for the PostgreSQL of PG_CONFIG
#   make demo                 all set-up, then a tour against a local endpoint
#   make check                all set-up, then all tests
#   make sql tap unit         the same, these tests only; of them TESTS="a b"
#   make tree instructions    the same: the tree's order, the guard's counts
#   make installcheck         the SQL tests alone, against a running test/stack
#   make fuzz bench valgrind  longer runs, see CONTRIBUTING.md
#   make differential sqlsmith tpch      the same: random queries, TPC-H
#   make bank histories       the same: concurrent transactions
#   make writes               the same: random writes
#   make extensions           PostGIS and pgvector, where they are installed
#   make faults faults_pieces the same: everything on the way misbehaves
#   make injection encodings  the same: hostile names; encodings, time zones
#   make soak SECONDS=1800    the same: is anything left behind?
#   make coverage             which lines the tests run, as HTML
#   make postgres_fdw_suite PGSRC=DIR    postgres_fdw's script, from its source
#   make check-matrix         make check in roots of four distributions
#   make pg_upgrade OLD=PG_CONFIG        from that PostgreSQL to this one
#   make arm64                built by a cross compiler; unit tests under qemu
#   make deb dist             Debian packages; the zip for PGXN
#   make app                  SQLAlchemy, Django, node-postgres, pgbench
#   make compile_commands.json           for clangd and clang-tidy
#   make format               PostgreSQL's style, by pgindent
#
# In another folder, make -f .../Makefile builds and tests what is built there.

# where this file is
top := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

# These set up the machine first, so they must not need pg_config yet.
SELF_CONTAINED = demo check sql tap unit tree instructions fuzz bench valgrind \
	differential sqlsmith tpch bank histories writes faults faults_pieces app extensions \
	injection encodings soak coverage postgres_fdw_suite check-matrix deb dist \
	pg_upgrade arm64
ifneq ($(filter $(SELF_CONTAINED),$(MAKECMDGOALS)),)

export BUILD_DIR = $(CURDIR)

.PHONY: $(SELF_CONTAINED)
demo check bench valgrind coverage arm64:
	@$(top)/test/$@

sql tap unit tree instructions:
	@ONLY=$@ TESTS="$(TESTS)" $(top)/test/check

differential sqlsmith tpch bank histories writes faults faults_pieces app extensions \
injection encodings postgres_fdw_suite:
	@$(top)/test/long $@

soak:
	@$(top)/test/long $@ --seconds $(or $(SECONDS),1800)

check-matrix:
	@$(top)/test/matrix $(SUITES)

pg_upgrade:
	@$(top)/test/upgrade/run $(OLD)

deb dist:
	@$(top)/packaging/$@

fuzz:
	@$(top)/test/setup check
	@$(MAKE) -C $(top)/test/unit fuzz SECONDS=$(or $(SECONDS),60)

else

MODULE_big = neon_http_fdw
SOURCES := neon_http_fdw.c \
	$(patsubst $(top)/%,%,$(sort $(wildcard $(top)/src/*/*.c)))
OBJS = $(SOURCES:.c=.o)
PGFILEDESC = "neon_http_fdw - foreign-data wrapper for Neon over HTTPS"

EXTENSION = neon_http_fdw
DATA = $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/sql/neon_http_fdw--*.sql))

PG_CPPFLAGS = -I$(top)/src
SHLIB_LINK = -lcurl -ljson-c

# Each object comes with the list of the headers that it was made from.  No
# other library may put a function of its own in the place of one of these, so
# the compiler may inline them; see -Bsymbolic below.
PG_CFLAGS = -MMD -MP -fno-semantic-interposition

# "make check" builds with WERROR=1.  What is switched off, PostgreSQL's own
# headers and calling conventions need.
ifdef WERROR
PG_CFLAGS += -Wall -Wextra -Werror -Wno-unused-parameter \
	-Wno-missing-field-initializers -Wno-sign-compare
endif

REGRESS = options import import_harmless extension_schema other_type scan plans pushdown errors statement rights pieces quick_input \
	bind_join together order estimate types attach upgrade write_statement shapes lock truncate exec write \
	write_more write_default write_edges write_with write_direct \
	many_values
REGRESS_OPTS = --use-existing

stamp := $(CURDIR)/built-for
EXTRA_CLEAN = $(OBJS:.o=.d) $(stamp) compile_commands.json

# Bitcode would let the compiler of queries inline functions of the extension,
# of which there are none to inline.  It took as long to make as the objects.
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PostgreSQL may have been built by GCC: clang says of some of its flags that it
# does not know them, and knows the format that it calls gnu_printf as printf.
ifneq ($(findstring clang,$(shell $(CC) --version)),)
override CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument \
	-Dgnu_printf=printf
endif

# Calls within the library go straight to what they name.  The loader need not
# look each name up in all libraries of the server first, which it would do
# before the first statement of every session.
ifeq ($(PORTNAME),linux)
SHLIB_LINK += -Wl,-Bsymbolic
endif

# Sources are searched beside this file, but objects are not: those of a build
# there, for another PostgreSQL perhaps, are none of this one's.
override VPATH =
srcdir := $(top)
vpath %.c $(top)
vpath %.control $(top)

# the stack's local database, instead of one that pg_regress would create
CONTRIB_TESTDB = $(PGDATABASE)

folders := $(addprefix $(CURDIR)/,$(sort $(patsubst %/,%,$(dir $(SOURCES)))))

$(OBJS): $(stamp) | $(folders)

$(folders):
	@mkdir -p $@

# What was built for one PostgreSQL does not load into another: this is written
# anew, and all is made again, when pg_config names another one than last time.
$(shell $(PG_CONFIG) --version --includedir-server --cc >$(stamp).new; \
	cmp -s $(stamp).new $(stamp) && rm -f $(stamp).new || \
	mv $(stamp).new $(stamp))
$(stamp): ;

-include $(wildcard $(OBJS:.o=.d))

# With the compiler that the tools belong to, if PostgreSQL was built with it.
tool_cc = $(if $(BITCODE_CFLAGS),$(CLANG) $(filter-out \
	-Xclang -no-opaque-pointers,$(BITCODE_CFLAGS)),$(CC) $(CFLAGS))
quoted = $(subst ",\",$(subst \,\\,$(1)))

.PHONY: compile_commands.json
compile_commands.json:
	$(file >$@,[)
	$(foreach source,$(SOURCES),$(file >>$@,{"directory": "$(CURDIR)", \
		"file": "$(top)/$(source)", "command": "$(call \
		quoted,$(tool_cc) -Wall -Wextra -Wno-unused-parameter \
		-Wno-missing-field-initializers -Wno-sign-compare $(CPPFLAGS)) \
		-c $(top)/$(source)"}$(if $(filter-out \
		$(lastword $(SOURCES)),$(source)),$(comma))))
	$(file >>$@,])
	@:

comma = ,

# The list of types is made from what is built: pgindent takes a type that is
# not in it for something else.
.PHONY: format
format: all
	@$(MAKE) -s -C $(top)/test/endpoint
	@$(top)/test/lib/format --typedefs
	@$(top)/test/lib/format

endif
