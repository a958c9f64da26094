"""What functions outside of the project do that transactions and workflows must not.

Module → member → what it does and what to write instead. The families are those that Temporal's
Python SDK keeps out of its workflows (``temporalio/worker/workflow_sandbox/_restrictions.py``), and
the clients of models and HTTP that backends use.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

Effect: TypeAlias = Literal[
    "blocking",  # holds up the event loop
    "clock",
    "dynamic",  # runs or imports what is known at run time only
    "environment",
    "generation",  # asks a model through an agent
    "host",  # files, processes, threads
    "loop",  # steers the event loop: tasks, timers, waiting for some of many
    "network",
    "randomness",
    "run",  # starts an event loop
    "sleep",
    "start",  # starts a workflow
    "status",  # asks for the status of one
]


class Leaf(NamedTuple):
    """What a member of a module does."""

    effects: frozenset[Effect]
    instead: str = ""
    """What an action writes instead of a call that blocks."""
    step: str = ""
    """What a workflow writes instead, where the step has its own."""
    only_without_arguments: bool = False


def _leaf(
    *effects: Effect, instead: str = "", step: str = "", only_without_arguments: bool = False
) -> Leaf:
    return Leaf(frozenset(effects), instead, step, only_without_arguments)


_THREAD: Final = "`await asyncio.to_thread(...)`"
_CLOCK: Final = _leaf("clock", step="step.now()")
_CLOCK_UNLESS_GIVEN: Final = _leaf("clock", step="step.now()", only_without_arguments=True)
_RANDOM: Final = _leaf("randomness", step="step.random()")
_UUID: Final = _leaf("randomness", step="step.uuid()")
_ENVIRONMENT: Final = _leaf("environment")
_FILE: Final = _leaf("host", "blocking", instead=_THREAD)
_PROCESS: Final = _leaf("host", "blocking", instead="`await asyncio.create_subprocess_exec(...)`")
_HOST: Final = _leaf("host")
_NETWORK: Final = _leaf("network")
_BLOCKING_NETWORK: Final = _leaf("network", "blocking", instead=_THREAD)
_BLOCKING_HTTP: Final = _leaf("network", "blocking", instead="`httpx.AsyncClient`")
_DYNAMIC: Final = _leaf("dynamic")
_TASK: Final = _leaf("loop")
_GENERATION: Final = _leaf("generation")

_HTTP_VERBS: Final = ("delete", "get", "head", "options", "patch", "post", "put", "request")
_GENERATORS: Final = (
    *("generate_text", "stream_text", "generate_object", "stream_object"),
    *("generate_embeddings", "generate_and_save_embeddings", "embed_messages"),
)


def _all(leaf: Leaf, *members: str) -> dict[str, Leaf | None]:
    return dict.fromkeys(members, leaf)


def _model_client(name: str) -> dict[str, Leaf | None]:
    blocking = _leaf("network", "blocking", instead=f"`Async{name}`")
    return {name: blocking, f"Async{name}": _NETWORK}


OUTSIDE: Final[dict[str, dict[str, Leaf | None]]] = {
    # ---- time
    "time": {
        **_all(_CLOCK, "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter"),
        **_all(_CLOCK, "perf_counter_ns", "process_time", "process_time_ns", "clock_gettime"),
        **_all(_CLOCK_UNLESS_GIVEN, "localtime", "gmtime", "ctime", "asctime"),
        "sleep": _leaf(
            "sleep", "blocking", instead="`await asyncio.sleep(...)`", step="step.sleep(...)"
        ),
    },
    "datetime.datetime": _all(_CLOCK, "now", "today", "utcnow"),
    "datetime.date": _all(_CLOCK, "today"),
    # ---- randomness
    "random": {
        "*": _RANDOM,
        "Random": _leaf("randomness", step="step.random()", only_without_arguments=True),
        **dict.fromkeys(("seed", "getstate", "setstate")),
    },
    "secrets": {"*": _RANDOM, "compare_digest": None},
    "uuid": _all(_UUID, "uuid1", "uuid4", "uuid6", "uuid7"),
    "numpy.random": {
        "*": _RANDOM,
        "default_rng": _leaf("randomness", step="step.random()", only_without_arguments=True),
        **dict.fromkeys(("Generator", "RandomState", "SeedSequence")),
    },
    # ---- the host
    "os": {
        **_all(_RANDOM, "urandom", "getrandom"),
        **_all(_ENVIRONMENT, "environ", "environb", "getenv", "getenvb"),
        **_all(_PROCESS, "system", "popen", "wait", "waitpid"),
        **_all(_HOST, "fork", "forkpty", "kill", "killpg", "_exit", "abort"),
        **_all(_FILE, "open", "walk"),
        **_all(_HOST, "listdir", "scandir", "stat", "lstat", "mkdir", "makedirs", "remove"),
        **_all(_HOST, "unlink", "rmdir", "removedirs", "rename", "replace", "truncate"),
        **_all(_HOST, "symlink", "link", "chmod", "chown", "utime"),
    },
    "os.path": _all(_HOST, "exists", "isfile", "isdir", "getsize", "getmtime", "getctime"),
    "pathlib.Path": {
        **_all(_FILE, "read_text", "read_bytes", "write_text", "write_bytes", "open", "rglob"),
        **_all(_HOST, "exists", "is_file", "is_dir", "iterdir", "glob", "stat", "touch"),
        **_all(_HOST, "mkdir", "rmdir", "unlink", "rename", "replace", "chmod"),
    },
    "builtins": {
        **_all(_FILE, "open", "input", "breakpoint"),
        **_all(_DYNAMIC, "__import__", "eval", "exec"),
    },
    "importlib": _all(_DYNAMIC, "import_module", "reload"),
    "runpy": _all(_DYNAMIC, "run_module", "run_path"),
    "io": _all(_FILE, "open", "open_code"),
    "codecs": _all(_FILE, "open"),
    "glob": _all(_HOST, "glob", "iglob"),
    "shutil": _all(
        _FILE, "copy", "copy2", "copyfile", "copytree", "move", "rmtree", "make_archive"
    ),
    "tempfile": {
        **_all(_HOST, "TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"),
        **_all(_HOST, "TemporaryDirectory", "mkstemp", "mkdtemp"),
    },
    "sqlite3": _all(_FILE, "connect"),
    "shelve": _all(_FILE, "open"),
    "dbm": _all(_FILE, "open"),
    "subprocess": _all(_PROCESS, "run", "call", "check_call", "check_output", "getoutput", "Popen"),
    "threading": _all(_HOST, "Thread", "Timer"),
    "concurrent.futures": _all(_HOST, "ThreadPoolExecutor", "ProcessPoolExecutor"),
    "multiprocessing": _all(_HOST, "Process", "Pool", "Manager"),
    "signal": _all(_HOST, "signal", "alarm", "raise_signal"),
    "aiofiles": _all(_HOST, "open"),
    # ---- the event loop
    "asyncio": {
        "run": _leaf("run"),
        "sleep": _leaf("sleep", step="step.sleep(...)"),
        **_all(_TASK, "create_task", "ensure_future", "wait", "as_completed", "wait_for"),
        **_all(_TASK, "timeout", "timeout_at"),
        **_all(_HOST, "to_thread", "create_subprocess_exec", "create_subprocess_shell"),
        **_all(_NETWORK, "open_connection", "start_server", "open_unix_connection"),
    },
    "asyncio.Runner": _all(_leaf("run"), "run"),
    "anyio": {"run": _leaf("run"), "sleep": _leaf("sleep", step="step.sleep(...)")},
    "anyio.to_thread": _all(_HOST, "run_sync"),
    # ---- the network
    "socket": {
        **_all(_BLOCKING_NETWORK, "socket", "create_connection", "getaddrinfo"),
        **_all(_BLOCKING_NETWORK, "gethostbyname", "gethostbyaddr"),
    },
    "urllib.request": _all(_BLOCKING_HTTP, "urlopen", "urlretrieve", "build_opener"),
    "http.client": _all(_BLOCKING_HTTP, "HTTPConnection", "HTTPSConnection"),
    "smtplib": _all(_BLOCKING_NETWORK, "SMTP", "SMTP_SSL", "LMTP"),
    "ftplib": _all(_BLOCKING_NETWORK, "FTP", "FTP_TLS"),
    "imaplib": _all(_BLOCKING_NETWORK, "IMAP4", "IMAP4_SSL"),
    "poplib": _all(_BLOCKING_NETWORK, "POP3", "POP3_SSL"),
    "xmlrpc.client": _all(_BLOCKING_NETWORK, "ServerProxy"),
    "webbrowser": _all(_BLOCKING_NETWORK, "open"),
    "requests": _all(_BLOCKING_HTTP, *_HTTP_VERBS, "Session", "session"),
    "urllib3": _all(_BLOCKING_HTTP, "request", "PoolManager", "HTTPConnectionPool"),
    "httpx": {
        **_all(_BLOCKING_HTTP, *_HTTP_VERBS, "stream", "Client"),
        "AsyncClient": _NETWORK,
    },
    "aiohttp": _all(_NETWORK, "ClientSession", "request"),
    "websockets": _all(_NETWORK, "connect", "serve"),
    "boto3": _all(_BLOCKING_NETWORK, "client", "resource", "Session"),
    "stripe": _all(_BLOCKING_NETWORK, "StripeClient"),
    "redis": _all(_BLOCKING_NETWORK, "Redis", "StrictRedis", "from_url"),
    "redis.asyncio": _all(_NETWORK, "Redis", "StrictRedis", "from_url"),
    "psycopg": {
        "connect": _leaf("network", "blocking", instead="`psycopg.AsyncConnection`"),
        "AsyncConnection": _NETWORK,
    },
    "psycopg2": _all(_BLOCKING_NETWORK, "connect"),
    "asyncpg": _all(_NETWORK, "connect", "create_pool"),
    # ---- models
    "openai": _model_client("OpenAI") | _model_client("AzureOpenAI"),
    "anthropic": _model_client("Anthropic"),
    "mistralai": _all(_NETWORK, "Mistral"),
    "groq": _model_client("Groq"),
    "cohere": {"Client": _BLOCKING_NETWORK, "AsyncClient": _NETWORK},
    "litellm": {
        **_all(_leaf("network", "blocking", instead="`litellm.acompletion`"), "completion"),
        **_all(_leaf("network", "blocking", instead="`litellm.aembedding`"), "embedding"),
        **_all(_NETWORK, "acompletion", "aembedding"),
    },
    # ---- components (agent-workflow.md B3, C3)
    "convexity.components.agent.Agent": _all(_GENERATION, *_GENERATORS),
    "convexity.components.agent.Thread": _all(_GENERATION, *_GENERATORS),
    "convexity.components.agent.Thread.thread": _all(_GENERATION, *_GENERATORS),
    "convexity.components.workflow.WorkflowManager": {
        **_all(_leaf("start"), "start", "restart"),
        "status": _leaf("status"),
    },
    "_generated.server": {"env": _ENVIRONMENT},
}
"""``*`` stands for every member that is not named; None for one that does none of this."""

ROOTS: Final = frozenset(module.partition(".")[0] for module in OUTSIDE) - {"builtins"}
"""First parts of the names of all modules in the table, but for the builtins."""

RESULTS: Final = {
    "convexity.components.agent.Agent.create_thread": "convexity.components.agent.Thread",
    "convexity.components.agent.Agent.continue_thread": "convexity.components.agent.Thread",
}
"""Type of what a method returns when awaited."""


class Match(NamedTuple):
    """A name of the table."""

    name: str
    """As far as the table knows it: ``httpx.AsyncClient`` of ``httpx.AsyncClient.get``."""
    leaf: Leaf

    @property
    def is_class(self) -> bool:
        """Whether it is a class, by the case of its name."""
        return self.name.rpartition(".")[2][:1].isupper()


@lru_cache(maxsize=4096)
def look_up(origin: str) -> Match | None:
    """Return what the table says of a dotted origin, by its longest known module."""
    parts = origin.split(".")
    for length in range(len(parts) - 1, 0, -1):
        members = OUTSIDE.get(".".join(parts[:length]))
        if members is not None:
            leaf = members[parts[length]] if parts[length] in members else members.get("*")
            return None if leaf is None else Match(".".join(parts[: length + 1]), leaf)
    return None
