"""What functions reach in the world outside, through the functions of the project they call."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.link.model import Location
from convexity_compiler.memo import Memo
from convexity_compiler.rules.base import label_at
from convexity_compiler.rules.usage.functions import module_functions
from convexity_compiler.rules.usage.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Label
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.link.resolve import Resolver
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.mentions import Mention, Mentions, ProjectCall
    from convexity_compiler.rules.usage.outside import Effect, Leaf
    from convexity_compiler.summary.expressions import Expr


class Step(NamedTuple):
    """A place on the way from a function to the outside."""

    module: str
    node: Expr
    callee: str
    """Name of what is called there: a function of the project, or an origin outside."""


class Reached(NamedTuple):
    """Something outside that some code reaches."""

    mention: Mention
    steps: tuple[Step, ...]
    """The first stands in the code itself, the last names the outside."""

    @property
    def leaf(self) -> Leaf:
        """What the outside does."""
        return self.mention.match.leaf

    def location(self) -> Location:
        """Return the place in the function itself."""
        return Location(self.steps[0].module, self.steps[0].node.span)

    def labels(self, project: LinkedProject) -> tuple[Label, ...]:
        """Return the places of the other steps, in order."""
        return tuple(
            label_at(project, Location(step.module, step.node.span), f"calls `{step.callee}`")
            for step in self.steps[1:]
        )

    def named(self) -> str:
        """Return what is reached, and through which functions, for a message."""
        *through, last = [f"`{step.callee}`" for step in self.steps]
        return last + (f", through {', '.join(through)}" if through else "")


_CHAINS: Final[
    Memo[
        Resolver,
        dict[tuple[str, str, frozenset[Effect], bool], tuple[Mention, tuple[Step, ...]] | None],
    ]
] = Memo()


def reached(
    project: LinkedProject,
    use: FunctionUse,
    effects: frozenset[Effect],
    *,
    only_calls: bool = False,
) -> Iterator[Reached]:
    """Yield what a function reaches of these effects, each place in it once.

    Of ``only_calls``, what is handed to others to call does not count, nor does what stands in a
    plain function inside: both may run in a thread.
    """
    found = mentions(project, use)
    if not found.outside and not found.calls:
        return iter(())  # most functions
    return reached_from(project, use.module, found, effects, only_calls=only_calls)


def reached_from(
    project: LinkedProject,
    module: str,
    found: Mentions,
    effects: frozenset[Effect],
    *,
    only_calls: bool = False,
) -> Iterator[Reached]:
    """Yield what some code of a module reaches; see ``reached``."""
    for mention in found.outside:
        if _counts(mention, effects, only_calls):
            yield Reached(mention, (_last(module, mention),))
    for call in found.calls:
        if only_calls and (not call.is_called or call.is_deferred):
            continue
        chain = _chain(project, call, effects, only_calls)
        if chain is not None:
            mention, steps = chain
            yield Reached(mention, (Step(module, call.node, call.name), *steps))


def _counts(mention: Mention, effects: frozenset[Effect], only_calls: bool) -> bool:
    if effects.isdisjoint(mention.match.leaf.effects):
        return False
    return not only_calls or (mention.is_called and not mention.is_deferred)


def _last(module: str, mention: Mention) -> Step:
    return Step(module, mention.node, mention.origin.removeprefix("builtins."))


def _chain(
    project: LinkedProject, call: ProjectCall, effects: frozenset[Effect], only_calls: bool
) -> tuple[Mention, tuple[Step, ...]] | None:
    """Return the shortest way from a function to the outside."""
    known = _CHAINS.setdefault(project.resolver, {})
    key = (call.module, call.name, effects, only_calls)
    if key not in known:
        known[key] = _search(project, (call.module, call.name), effects, only_calls)
    return known[key]


def _search(
    project: LinkedProject,
    start: tuple[str, str],
    effects: frozenset[Effect],
    only_calls: bool,
) -> tuple[Mention, tuple[Step, ...]] | None:
    seen = {start}
    waiting: deque[tuple[tuple[str, str], tuple[Step, ...]]] = deque([(start, ())])
    while waiting:
        name, steps = waiting.popleft()
        use = function_use(project, *name)
        if use is None or use.registered is not None:
            continue  # a registered function is not called this way
        found = mentions(project, use)
        for mention in found.outside:
            if _counts(mention, effects, only_calls):
                return mention, (*steps, _last(use.module, mention))
        for call in found.calls:
            target = (call.module, call.name)
            if target in seen or (only_calls and (not call.is_called or call.is_deferred)):
                continue
            seen.add(target)
            waiting.append((target, (*steps, Step(use.module, call.node, call.name))))
    return None


def function_use(project: LinkedProject, module: str, name: str) -> FunctionUse | None:
    """Return the function that is called ``name`` at the top level of a module."""
    if module not in project.modules:
        return None
    found = (
        use for use in module_functions(project, module) if use.function.qualified_name == name
    )
    return next(found, None)
