# neon_http_fdw: see README.md

MODULE_big = neon_http_fdw
OBJS = \
	neon_http_fdw.o \
	src/connection.o \
	src/deparse.o \
	src/error.o \
	src/explain.o \
	src/http.o \
	src/import.o \
	src/option.o \
	src/params.o \
	src/plan.o \
	src/remote.o \
	src/request.o \
	src/response.o \
	src/row.o \
	src/scan.o \
	src/shippable.o \
	src/wait.o
PGFILEDESC = "neon_http_fdw - foreign-data wrapper for Neon over HTTPS"

EXTENSION = neon_http_fdw
DATA = sql/neon_http_fdw--1.0.sql

PG_CPPFLAGS = -I$(srcdir)/src
SHLIB_LINK = -lcurl -ljson-c

# The pg_regress tests run against the stack that test/stack started; its
# variables are in the environment ("make check" does both).
REGRESS = options import scan
REGRESS_OPTS = --use-existing --dbname=$(PGDATABASE)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
