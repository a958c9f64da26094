"""The parts of a linked project, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from convexity_compiler.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from convexity.values import Validator

    from convexity_compiler.ir import Visibility
    from convexity_compiler.link.component_functions import ComponentFunction
    from convexity_compiler.link.project import LinkedProject as LinkedProject
    from convexity_compiler.link.types import AnnotatedType
    from convexity_compiler.span import Span
    from convexity_compiler.summary.expressions import Call, Expr
    from convexity_compiler.summary.model import FunctionSummary, Parameter

RegisteredKind: TypeAlias = Literal["query", "mutation", "action", "http_action"]
PlacementFault: TypeAlias = Literal[
    "conditional",  # under if, try, a loop or with
    "class",  # a method
    "function",  # inside another function
    "decorated_class",  # the registrar decorates a class
    "assignment",  # ``f = query(...)(handler)``
    "through_reference",  # ``@api.query(...)`` or an assignment to an attribute of api, internal
    "init_module",  # in an ``__init__.py``
]


class Location(NamedTuple):
    """A place in a module."""

    module: str
    """Wire path of the module: ``messages/access``."""
    span: Span


@record
class Unresolved:
    """An expression that could not be evaluated."""

    what: str
    """What was looked for: ``args validator``, ``index fields``, ``cron schedule``..."""
    location: Location
    """Place of the innermost expression that could not be evaluated."""
    source: str
    """Its source text."""
    reason: str
    """One clause without a full stop."""
    accepted: str
    """What would be accepted, as an instruction."""
    kind: UnresolvedKind = "opaque"
    chain: tuple[Location, ...] = ()
    """For ``cycle``: the definitions that need each other, in order."""


UnresolvedKind: TypeAlias = Literal[
    "opaque",  # not a static expression
    "undefined",  # a name or attribute that does not exist
    "cycle",  # definitions that need each other
    "invalid_name",  # a name that was evaluated, but is taken or no name
    "not_a_validator",  # a value or type where a validator is due
    "unknown_validator",  # ``v.map``
    "uncalled_validator",  # ``v.string`` without parentheses
    "invalid_call",  # the constructor refused: message in ``reason``
]


class FieldSource(NamedTuple):
    """Where a field of an object or args validator is written."""

    name: str
    key: Location
    value: Location | None
    """Place of the field's validator; None for fields that come out of a type or method."""
    expression: Expr | None = None
    """The field's validator as written."""


@record
class Evaluated:
    """A validator as written and as evaluated."""

    expression: Expr
    location: Location
    """Place of ``expression``."""
    validator: Validator | None
    """None when it could not be evaluated (``LinkedProject.unresolved`` says why)."""
    fields: tuple[FieldSource, ...] = ()
    """For objects and args: the fields as far as they are known, even if others failed."""

    def field(self, name: str) -> FieldSource | None:
        """Where the field ``name`` is written."""
        return next((entry for entry in self.fields if entry.name == name), None)


class ValidatorUse(NamedTuple):
    """One evaluation of a ``v.<constructor>``, a method of a validator, or ``schema.doc/id``."""

    name: str
    """Constructor or method: ``id``, ``bigint``, ``optional``, ``pick``, ``doc``."""
    location: Location
    """Place of the call."""
    call: Call | None
    """The call as written; None where it is used without parentheses."""
    validator: Validator | None
    """The result, None when refused."""
    parent: str | None
    """Innermost enclosing position: ``field``, ``args``, ``returns``, ``table``, ``array``,
    ``record_key``, ``record_value``, ``union``, ``optional``, ``env``; None when unknown."""


@record
class LinkedParameter:
    """A parameter of a handler after ``ctx``, with its wire name and type."""

    parameter: Parameter
    wire_name: str
    """``from`` for a parameter ``from_``."""
    annotation: AnnotatedType
    is_required: bool
    """Whether it has no default; for fields of ``**fields: Unpack[TD]``, whether required there."""
    is_unpacked: bool
    """Whether it is a field of ``**fields: Unpack[TD]``; ``parameter`` is ``fields`` then."""


@record
class LinkedFunction:
    """A registered function."""

    path: str
    """Wire path: ``messages/access:h``."""
    module: str
    name: str
    """Wire name."""
    name_location: Location
    """Place of the wire name: the ``name=`` literal, else the name after ``def``."""
    definition: FunctionSummary
    kind: RegisteredKind
    visibility: Visibility
    """``public`` for HTTP actions."""
    registrar: str
    """Name of the registrar: ``internal_query``."""
    registrar_origin: str
    """Where it was imported from: ``_generated.server``, ``convexity.server``..."""
    registration: Expr
    """The decorator expression."""
    call: Call | None
    """The decorator call; None for a bare ``@query``."""
    runtime: Literal["server", "process"]
    args: Evaluated | None
    """None when the decorator has no ``args``."""
    returns: Evaluated | None
    context: Parameter | None
    """First parameter of the handler, if positional."""
    context_annotation: AnnotatedType
    parameters: tuple[LinkedParameter, ...]
    return_annotation: AnnotatedType
    registrations: tuple[Expr, ...]
    """All registrar decorators of the function; more than one is a conflict."""
    decorators_above: tuple[Expr, ...]
    """Decorators outside the registrar: they hide the registration."""
    decorators_below: tuple[Expr, ...]

    @property
    def is_http(self) -> bool:
        """Whether this is an HTTP action, which has no validators."""
        return self.kind == "http_action"

    @property
    def location(self) -> Location:
        """Place of the name after ``def``."""
        return Location(self.module, self.definition.name_span)

    def parameter(self, wire_name: str) -> LinkedParameter | None:
        """The parameter that receives the argument ``wire_name``."""
        return next((entry for entry in self.parameters if entry.wire_name == wire_name), None)


@record
class Misplaced:
    """A registration that the backend would not see."""

    fault: PlacementFault
    name: str
    """Name of the function, method, class or target."""
    registrar: str
    location: Location
    """Place of the registrar expression."""


@record
class LinkedIndex:
    """``.index(name, fields)``, ``.search_index(...)`` or ``.vector_index(...)``."""

    kind: Literal["index", "search", "vector"]
    name: str
    fields: tuple[str, ...]
    """Indexed fields; for search and vector indexes the one field searched."""
    filter_fields: tuple[str, ...] = ()
    dimensions: int | None = None
    staged: bool = False
    location: Location
    """Place of the method name and its arguments: ``index("by_channel", ["channelId"])``."""
    name_location: Location
    field_locations: tuple[Location, ...]
    """Places of ``fields`` (the literals where they are literals)."""
    filter_locations: tuple[Location, ...] = ()
    dimensions_location: Location | None = None


@record
class LinkedTable:
    """A table of the schema."""

    name: str
    location: Location
    """Place of the ``define_table(...)`` expression with its chain."""
    name_location: Location
    """Place of the keyword or key that names it."""
    document: Evaluated
    """Validator of a document without system fields."""
    indexes: tuple[LinkedIndex, ...]
    """All kinds in order of definition, without the built-in ones."""
    is_complete: bool
    """False when some index could not be evaluated, so that others may exist."""

    def index(self, name: str) -> LinkedIndex | None:
        """The declared index called ``name``, of any kind."""
        return next((entry for entry in self.indexes if entry.name == name), None)


@record
class LinkedSchema:
    """``schema = define_schema(...)`` of schema.py."""

    location: Location
    tables: Mapping[str, LinkedTable]
    """In order of definition."""
    schema_validation: bool
    is_complete: bool
    """False when some table could not be evaluated, so that others may exist."""


@record
class LinkedRoute:
    """A route of ``http.py``."""

    method: str | None
    """As written; None when it is missing or could not be evaluated."""
    path: str | None
    path_prefix: str | None
    handler: LinkedFunction | None
    """None when the handler is not an HTTP action of the project."""
    handler_expression: Expr | None
    """The ``handler=`` expression; None for the decorator form."""
    location: Location
    """Place of the ``http.route(...)`` call."""
    path_location: Location | None
    method_location: Location | None
    is_resolved: bool
    """Whether every part was a static expression."""


@record
class ReferencePath:
    """``api.messages.access.h``, ``internal.index.f`` or ``components.pool.module.f``."""

    root: Literal["api", "internal", "components"]
    parts: tuple[str, ...]
    location: Location

    @property
    def mount(self) -> str | None:
        """Name of the mounted component; None where it is none, or not named."""
        return self.parts[0] if self.root == "components" and self.parts else None

    @property
    def in_component(self) -> ReferencePath:
        """What is left behind the name of the mounted component, as the component has it."""
        return ReferencePath(root="api", parts=self.parts[1:], location=self.location)

    @property
    def wire_path(self) -> str | None:
        """``messages/access:h``; None for fewer than two parts."""
        if len(self.parts) < 2:
            return None
        return "/".join(self.parts[:-1]) + ":" + self.parts[-1]


@record
class LinkedCron:
    """A job of ``crons.py``."""

    method: str
    """``interval``, ``cron``, or a disallowed helper such as ``daily``."""
    name: str | None
    interval: timedelta | None
    """Value of ``every`` for ``interval``, when it could be evaluated."""
    expression: str | None
    """Cron expression for ``cron``, when it could be evaluated."""
    reference: ReferencePath | None
    """None when the target is not written through ``api`` or ``internal``."""
    function: LinkedFunction | None
    args: Mapping[str, object] | None
    """Values of the keyword arguments; None when some could not be evaluated."""
    arg_locations: Mapping[str, Location]
    call: Call
    location: Location
    """Place of the call."""
    name_location: Location | None
    schedule_location: Location | None
    reference_location: Location | None


@record
class LinkedVariable:
    """A variable declared with ``define_app(env=...)``."""

    name: str
    location: Location
    validator: Validator | None


@record
class LinkedComponent:
    """``app.use(component, name=...)``."""

    name: str
    """Mount name: ``name=``, else the component's own name."""
    source: str
    """Dotted import path of the definition: ``convexity.components.workpool.workpool``."""
    location: Location
    variables: Mapping[str, FieldSource] | None
    """What ``env=`` gives, by name; None when the names are not known."""
    http_prefix: str | None
    """Where its HTTP actions answer; None for nowhere, and when it could not be evaluated."""
    http_prefix_location: Location
    """Where ``http_prefix`` is given; the whole call where it is not."""


@record
class LinkedApp:
    """``app = define_app(...)`` or ``component = define_component(...)`` of convex_config.py."""

    name: str | None
    """The name that a component gives itself; None for an application."""
    is_component: bool
    location: Location
    environment: Mapping[str, LinkedVariable]
    components: tuple[LinkedComponent, ...]
    is_complete: bool
    """False when some ``use`` could not be evaluated, so that there may be other components."""


@record
class LinkedAuth:
    """``auth = define_auth(...)`` of auth_config.py."""

    location: Location
    providers: int


@record
class SpecialExport:
    """What a special file must export, and whether it does."""

    module: str
    name: str
    """``schema``, ``http``, ``crons``, ``app`` (or ``component``), ``auth``."""
    constructor: str
    """``define_schema``..."""
    found: bool
    candidate: Location | None
    """A value of the right kind under another name."""
    candidate_name: str | None


@record
class Construction:
    """A call of ``define_schema``, ``http_router``, ``cron_jobs``, ``define_app``... anywhere."""

    constructor: str
    origin: str
    """Module the constructor was imported from."""
    target: str | None
    """Name it is assigned to at module level."""
    location: Location


@dataclass(eq=False, kw_only=True)
class ModuleFacts:
    """All facts of one module."""

    functions: tuple[LinkedFunction, ...]
    """Queries, mutations and actions in order of definition."""
    http_actions: tuple[LinkedFunction, ...]
    component_functions: tuple[ComponentFunction, ...]
    misplaced: tuple[Misplaced, ...]
    constructions: tuple[Construction, ...]
    special_export: SpecialExport | None
    """What the module must export, when it is a special file."""
    routes: tuple[LinkedRoute, ...]
    crons: tuple[LinkedCron, ...]
    app: LinkedApp | None
    auth: LinkedAuth | None
    validator_uses: tuple[ValidatorUse, ...]
    """Those met while the module was evaluated, wherever they stand; so are ``unresolved``."""
    unresolved: tuple[Unresolved, ...]

    def function(self, name: str) -> LinkedFunction | None:
        """The function with a wire name; of duplicates the last, as Python does."""
        return next((entry for entry in reversed(self.functions) if entry.name == name), None)
