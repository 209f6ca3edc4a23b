"""libpq by ctypes: what the tests in Python need of it, and no package.

A Connection runs one statement at a time; values come as text, exactly as
the server printed them.
"""
import ctypes
import ctypes.util
import os

_lib = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")


def _declare(name, result, *arguments):
    function = getattr(_lib, name)
    function.restype = result
    function.argtypes = arguments
    return function


_pointer = ctypes.c_void_p
_text = ctypes.c_char_p
_int = ctypes.c_int
_connect = _declare("PQconnectdbParams", _pointer, ctypes.POINTER(_text),
                    ctypes.POINTER(_text), _int)
_status = _declare("PQstatus", _int, _pointer)
_error_message = _declare("PQerrorMessage", _text, _pointer)
_finish = _declare("PQfinish", None, _pointer)
_exec = _declare("PQexec", _pointer, _pointer, _text)
_result_status = _declare("PQresultStatus", _int, _pointer)
_error_field = _declare("PQresultErrorField", _text, _pointer, _int)
_result_message = _declare("PQresultErrorMessage", _text, _pointer)
_ntuples = _declare("PQntuples", _int, _pointer)
_nfields = _declare("PQnfields", _int, _pointer)
_fname = _declare("PQfname", _text, _pointer, _int)
_ftype = _declare("PQftype", ctypes.c_uint, _pointer, _int)
_getvalue = _declare("PQgetvalue", _text, _pointer, _int, _int)
_getisnull = _declare("PQgetisnull", _int, _pointer, _int, _int)
_cmd_status = _declare("PQcmdStatus", _text, _pointer)
_exec_params = _declare("PQexecParams", _pointer, _pointer, _text, _int,
                        _pointer, ctypes.POINTER(_text), _pointer, _pointer,
                        _int)
_send_params = _declare("PQsendQueryParams", _int, _pointer, _text, _int,
                        _pointer, ctypes.POINTER(_text), _pointer, _pointer,
                        _int)
_get_result = _declare("PQgetResult", _pointer, _pointer)
_enter_pipeline = _declare("PQenterPipelineMode", _int, _pointer)
_exit_pipeline = _declare("PQexitPipelineMode", _int, _pointer)
_pipeline_sync = _declare("PQpipelineSync", _int, _pointer)
_flush = _declare("PQflush", _int, _pointer)
_clear = _declare("PQclear", None, _pointer)
_backend_pid = _declare("PQbackendPID", _int, _pointer)
_notice_type = ctypes.CFUNCTYPE(None, _pointer, _text)
_set_notice = _declare("PQsetNoticeProcessor", _pointer, _pointer,
                       _notice_type, _pointer)

_OK = (0, 1, 2)                 # empty query, command, tuples
_PIPELINE_SYNC, _PIPELINE_ABORTED = 10, 11


class Error(Exception):
    """An error message of the server."""

    def __init__(self, sqlstate, message, detail=None, context=None):
        super().__init__("%s: %s" % (sqlstate, message))
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.context = context


class ConnectionLost(Exception):
    """The server went away: it crashed, or was told to."""


class Result:
    """columns: [(name, type OID)]; rows: tuples of str or None; tag: the
    command's, as "UPDATE 3"."""

    def __init__(self, columns, rows, tag=None):
        self.columns = columns
        self.rows = rows
        self.tag = tag


def _decode(value):
    return None if value is None else value.decode("utf-8", "replace")


def _texts(values):
    return (_text * (len(values) + 1))(
        *[None if v is None else str(v).encode() for v in values], None)


class Connection:
    """Parameters are libpq's; a default comes from the environment."""

    def __init__(self, **parameters):
        names = (_text * (len(parameters) + 1))(
            *[n.encode() for n in parameters], None)
        values = (_text * (len(parameters) + 1))(
            *[str(v).encode() for v in parameters.values()], None)
        self.notices = []
        self._conn = _connect(names, values, 0)
        if _status(self._conn) != 0:
            message = _decode(_error_message(self._conn))
            self.close()
            raise ConnectionLost(message)
        # must live as long as the connection
        self._on_notice = _notice_type(
            lambda _, message: self.notices.append(_decode(message)))
        _set_notice(self._conn, self._on_notice, None)
        self.pid = _backend_pid(self._conn)

    def close(self):
        if self._conn:
            _finish(self._conn)
            self._conn = None

    def execute(self, sql):
        """By the simple protocol: several statements are possible."""
        return self._outcome(_exec(self._conn, sql.encode()))

    def execute_params(self, sql, *params):
        """By the extended protocol."""
        return self._outcome(_exec_params(
            self._conn, sql.encode(), len(params), None, _texts(params),
            None, None, 0))

    def pipeline(self, *statements):
        """Statements (SQL, parameter ...) up to one Sync.  A list of their
        outcomes: a Result, an Error, None for what was not run; if the Sync
        itself fails (at commit), its Error as one more."""
        if not _enter_pipeline(self._conn):
            raise ConnectionLost(_decode(_error_message(self._conn)))
        for sql, *params in statements:
            _send_params(self._conn, sql.encode(), len(params), None,
                         _texts(params), None, None, 0)
        _pipeline_sync(self._conn)
        outcomes = []
        while True:
            result = _get_result(self._conn)
            if result is None:  # ends the results of one statement
                if _status(self._conn) != 0:
                    raise ConnectionLost(_decode(_error_message(self._conn)))
                continue
            status = _result_status(result)
            if status in _OK:
                outcomes.append(self._rows(result))
            elif status == _PIPELINE_ABORTED:
                outcomes.append(None)
            elif status != _PIPELINE_SYNC:
                outcomes.append(self._error(result))
            _clear(result)
            if status == _PIPELINE_SYNC:
                break
        _exit_pipeline(self._conn)
        return outcomes

    def abandon(self, *statements):
        """Sends statements as pipeline() does, but no Sync, and goes away."""
        _enter_pipeline(self._conn)
        for sql, *params in statements:
            _send_params(self._conn, sql.encode(), len(params), None,
                         _texts(params), None, None, 0)
        _flush(self._conn)
        self.close()

    def _outcome(self, result):
        try:
            if result is None or _status(self._conn) != 0:
                raise ConnectionLost(_decode(_error_message(self._conn)))
            if _result_status(result) not in _OK:
                raise self._error(result)
            return self._rows(result)
        finally:
            if result is not None:
                _clear(result)

    @staticmethod
    def _error(result):
        def field(code):
            return _decode(_error_field(result, ord(code)))
        if field("C") is None:  # libpq's own
            raise ConnectionLost(_decode(_result_message(result)))
        return Error(field("C"), field("M"), field("D"), field("W"))

    @staticmethod
    def _rows(result):
        width = _nfields(result)
        columns = [(_decode(_fname(result, c)), _ftype(result, c))
                   for c in range(width)]
        rows = [tuple(None if _getisnull(result, r, c)
                      else _getvalue(result, r, c).decode()
                      for c in range(width))
                for r in range(_ntuples(result))]
        return Result(columns, rows, _decode(_cmd_status(result)))


def local(**parameters):
    """The stack's local database, with the library loaded beforehand."""
    options = "-c session_preload_libraries=neon_http_fdw"
    if "options" in parameters:
        options += " " + parameters.pop("options")
    return Connection(**parameters, options=options)


def remote(**parameters):
    """The stack's remote database, directly."""
    return Connection(host=os.environ["REMOTE_PGHOST"],
                      port=os.environ["REMOTE_PGPORT"],
                      dbname=os.environ["REMOTE_PGDATABASE"],
                      user=os.environ["REMOTE_PGUSER"],
                      password=os.environ["REMOTE_PGPASSWORD"], **parameters)
