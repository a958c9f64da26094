"""Limits of values, documents, transactions and functions (``wire-protocol`` 1.4 and 10).

Sizes are in bytes as :mod:`convexity.values.sizes` counts them, times in seconds, unless said
otherwise.

Some of them belong to what this version cannot run, or does not enforce, and are not used yet:
``docs/reference/limits.md``, which is made from this module, marks these.
"""

from __future__ import annotations

from typing import Final

_MIB: Final = 2**20

# Values and names: wire-protocol 1.4.
MAX_FIELD_NAME_LENGTH: Final = 1024
"""Characters of a field name of an object value."""
MAX_IDENTIFIER_LENGTH: Final = 64
"""Characters of a name in validators and schemas: fields, tables, indexes."""
MAX_ARRAY_LENGTH: Final = 8192
"""Elements of an array; error code ``ArrayTooLong``."""
MAX_OBJECT_FIELDS: Final = 1024
"""Fields of an object; error code ``TooManyFieldsError``."""
MAX_VALUE_NESTING: Final = 64
"""Depth of any value: scalars 0, a container 1 + its deepest child; ``TooNestedError``."""
MAX_DOCUMENT_NESTING: Final = 16
"""Depth of a stored document, the document itself counting 1; ``InvalidDocumentError``."""
MAX_VALUE_SIZE: Final = 32 * _MIB
"""Size of any value in memory; ``ValueTooLargeError``."""
MAX_DOCUMENT_SIZE: Final = _MIB
"""Size of a stored document with its system fields; ``ValueTooLargeError``."""

MAX_VARIABLE_NAME_LENGTH: Final = 256
"""Characters of the name of an environment variable; ``EnvironmentVariableNameTooLong``."""
MAX_VARIABLE_VALUE_SIZE: Final = 8192
"""UTF-8 bytes of its value; ``EnvironmentVariableValueTooLarge``."""
MAX_VARIABLES: Final = 512
"""Environment variables that are stored; ``EnvVarLimitMet``."""

# Transactions: wire-protocol 10.
MAX_DOCUMENTS_READ: Final = 32_000
"""Documents read in one transaction; ``TooManyDocumentsRead``."""
MAX_BYTES_READ: Final = 16 * _MIB
"""Bytes read in one transaction; ``TooManyBytesRead``."""
MAX_DATABASE_QUERIES: Final = 4096
"""Index ranges (queries and gets, merged) read in one transaction; ``TooManyReads``."""
MAX_DOCUMENTS_WRITTEN: Final = 16_000
"""Documents written in one transaction; ``TooManyWrites``."""
MAX_BYTES_WRITTEN: Final = 16 * _MIB
"""Bytes written in one transaction; ``TooManyBytesWritten``."""
MAX_FUNCTIONS_SCHEDULED: Final = 1000
"""Functions scheduled by one mutation; ``TooManyFunctionsScheduled``."""
MAX_SCHEDULED_ARGUMENTS_SIZE: Final = 16 * _MIB
"""Arguments of all functions scheduled by one mutation; ``ScheduledFunctionsArgumentsTooLarge``."""
MAX_QUERY_OPERATORS: Final = 256
"""Filters and limits of one query."""
WARNING_THRESHOLD: Final = 0.8
"""Share of a limit at which a warning is logged."""
MAX_CONFLICT_RETRIES: Final = 4
"""Retries of a mutation on conflict; then ``OptimisticConcurrencyControlFailure``."""
INITIAL_CONFLICT_BACKOFF: Final = 0.1
"""Pause before the first retry on conflict; it doubles with every further one."""
MAX_CONFLICT_BACKOFF: Final = 2.0
"""Longest pause between retries on conflict."""
SNAPSHOT_RETENTION: Final = 240.0
"""Age up to which an old snapshot can be read."""

# Functions: wire-protocol 10.
MAX_ARGUMENTS_SIZE: Final = 16 * _MIB
"""Arguments of one function call."""
MAX_RESULT_SIZE: Final = 16 * _MIB
"""Result of one function call."""
MAX_HTTP_BODY_SIZE: Final = 16 * _MIB + 2000
"""Body of a request to the function API; 400 ``BadJsonBody``."""
MAX_HTTP_ACTION_BODY_SIZE: Final = 20 * _MIB
"""Request and response body of an HTTP action; ``HttpResponseTooLarge``."""
MAX_TRANSACTION_TIME: Final = 16.0
"""Duration of a query or mutation, as a whole: Convex allows 1 s of code and 15 s of waiting."""
MAX_ACTION_TIME: Final = 1800.0
"""Duration of an action inside the server process."""
MAX_PROCESS_ACTION_TIME: Final = 600.0
"""Duration of an action in a worker process."""
MAX_HTTP_REQUEST_TIME: Final = 300.0
"""Duration of an HTTP request; 408."""
MAX_SOCKET_MUTATION_TIME: Final = 60.0
"""Duration of a mutation over the socket."""
MAX_SOCKET_MESSAGE_SIZE: Final = 16 * _MIB + 2000
"""Text of one message over the socket."""
MAX_CALL_DEPTH: Final = 8
"""Depth of nested function calls."""
MAX_CONCURRENT_QUERIES: Final = 16
"""Queries that run at once."""
MAX_CONCURRENT_MUTATIONS: Final = 16
"""Mutations that run at once."""
MAX_CONCURRENT_ACTIONS: Final = 64
"""Actions that run at once."""
MAX_CONCURRENT_CALLS_IN_ACTION: Final = 8
"""Calls of other functions that run at once inside one action."""
MAX_CONCURRENT_SCHEDULED_JOBS: Final = 8
"""Scheduled functions that run at once."""
MAX_QUERIES_PER_SOCKET: Final = 10_000
"""Queries that one socket is subscribed to."""
MAX_QUERY_SIZE_PER_SOCKET: Final = 64 * _MIB
"""Paths and arguments of the queries that one socket is subscribed to."""
MAX_PENDING_MUTATIONS_PER_SOCKET: Final = 1000
"""Mutations of one socket that wait or run; ``TooManyConcurrentMutations``."""
MAX_PENDING_MUTATION_SIZE_PER_SOCKET: Final = 64 * _MIB
"""Text of the mutations of one socket that wait or run; ``TooManyConcurrentMutations``."""
MAX_ACTIONS_PER_SOCKET: Final = 1000
"""Actions of one socket that run; ``TooManyInflightActionsForSingleClient``."""
MAX_ACTION_SIZE_PER_SOCKET: Final = 64 * _MIB
"""Text of the actions of one socket that run; ``TooManyInflightActionsForSingleClient``."""
MAX_SCHEDULING_HORIZON_DAYS: Final = 5 * 365
"""Distance of a scheduled time from now, either way; ``InvalidScheduledFunctionDelay``."""
SCHEDULED_FUNCTION_RETENTION_DAYS: Final = 7
"""Age at which rows of finished scheduled functions are removed."""
MAX_LOG_LINES: Final = 256
"""Log lines kept of one execution."""
MAX_LOG_LINE_LENGTH: Final = 32_768
"""UTF-8 bytes of one log line."""

# Schemas: wire-protocol 10.
MAX_TABLES: Final = 10_000
"""Tables of a schema."""
MAX_INDEXES_PER_TABLE: Final = 64
"""Indexes of one table."""
MAX_FIELDS_PER_INDEX: Final = 16
"""Fields of one index."""
MAX_FILTER_FIELDS: Final = 16
"""Filter fields of a search or vector index."""

# Search and vectors: wire-protocol 10.
MAX_SEARCH_TERMS: Final = 16
"""Terms of a full-text query."""
MAX_SEARCH_TEXT: Final = 32_768
"""Characters of the text of a full-text query that are looked at. Not a limit of Convex."""
MAX_SEARCH_FILTERS: Final = 8
"""Filter conditions of a full-text query."""
MAX_SEARCH_CANDIDATES: Final = 1024
"""Results of a full-text query that can be read."""
MAX_SEARCH_RANKED: Final = 4096
"""Matching documents that a full-text query ranks; of more, those with its rarest words first,
then the newest. Not a limit of Convex."""
MAX_SEARCH_TERM_SIZE: Final = 32
"""UTF-8 bytes of a search term."""
MAX_VECTOR_RESULTS: Final = 256
"""Results of a vector search."""
DEFAULT_VECTOR_RESULTS: Final = 10
"""Results of a vector search that names no number."""
MAX_VECTOR_FILTERS: Final = 64
"""Filter conditions of a vector search."""
MIN_VECTOR_DIMENSIONS: Final = 2
"""Smallest number of dimensions of a vector index."""
MAX_VECTOR_DIMENSIONS: Final = 4096
"""Largest number of dimensions of a vector index."""

# Files: wire-protocol 10.
UPLOAD_URL_VALIDITY: Final = 3600.0
"""Time for which an upload URL can be used."""
FILE_CACHE_AGE_DAYS: Final = 30
"""Days for which a client may cache a file."""
