"""``define_app`` and ``define_component``: the declarations of ``convex_config.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from convexity.errors import DefinitionError
from convexity.server.http_router import prefix_problem
from convexity.values import Fields, Validator
from convexity.values.names import identifier_problem


@dataclass(frozen=True, slots=True)
class MountedComponent:
    """A component that another one, or the application, uses."""

    component: ComponentDefinition
    name: str
    env: Mapping[str, str]
    http_prefix: str | None = None
    """Below which paths its HTTP actions answer; ``None``: nowhere."""


class ComponentDefinition:
    """The application or a component: its environment and the components it uses."""

    __slots__ = ("_mounted", "env", "name")

    def __init__(self, name: str | None, env: Fields) -> None:
        for variable, validator in env.items():
            problem = identifier_problem(variable)
            if problem is not None:
                raise DefinitionError(f"the environment variable name {variable!r} {problem}")
            if not isinstance(validator, Validator):
                raise DefinitionError(
                    f"environment variable {variable!r} must be declared with a validator such as "
                    f"v.string(), not {validator!r}"
                )
        self.name = name
        """Name of the component; ``None`` for the application."""
        self.env: Fields = MappingProxyType(dict(env))
        self._mounted: dict[str, MountedComponent] = {}

    @property
    def mounted(self) -> tuple[MountedComponent, ...]:
        """The components in use, in order of declaration."""
        return tuple(self._mounted.values())

    def use(
        self,
        component: ComponentDefinition,
        /,
        *,
        name: str | None = None,
        env: Mapping[str, str] = MappingProxyType({}),
        http_prefix: str | None = None,
    ) -> None:
        """Use a component; its functions are then at ``components.<name>``.

        Args:
            component: the component.
            name: the name it gets here; default, its own.
            env: values of its environment variables.
            http_prefix: where its HTTP actions answer, ``/counter/``: its ``/add`` is then
                ``/counter/add``. Starts and ends with a slash. Default: nowhere.

        Raises:
            DefinitionError: what is given is no component, or the name or the prefix is taken or
                invalid.
        """
        if not isinstance(component, ComponentDefinition) or component.name is None:
            raise DefinitionError(f"app.use() takes a component, not {component!r}")
        mounted_as = component.name if name is None else name
        problem = identifier_problem(mounted_as)
        if problem is not None:
            raise DefinitionError(f"the component name {mounted_as!r} {problem}")
        if mounted_as in self._mounted:
            raise DefinitionError(
                f"two components are called {mounted_as!r}: give one of them another name="
            )
        problem = None if http_prefix is None else prefix_problem(http_prefix)
        if problem is not None:
            raise DefinitionError(f"http_prefix={http_prefix!r} {problem}")
        taken = (mount.name for mount in self.mounted if mount.http_prefix == http_prefix)
        if http_prefix is not None and (other := next(taken, None)) is not None:
            raise DefinitionError(
                f"{other!r} and {mounted_as!r} have the same http_prefix, {http_prefix!r}"
            )
        self._mounted[mounted_as] = MountedComponent(component, mounted_as, dict(env), http_prefix)


def define_app(*, env: Fields = MappingProxyType({})) -> ComponentDefinition:
    """Declare the application; bind it to ``app`` in ``convex_config.py``.

    Args:
        env: validators of the environment variables that functions may read, by name.
    """
    return ComponentDefinition(None, env)


def define_component(name: str, /, *, env: Fields = MappingProxyType({})) -> ComponentDefinition:
    """Declare a component; bind it to ``component`` in its ``convex_config.py``.

    Args:
        name: its name, unless the user of the component gives another.
        env: validators of the environment variables that its functions may read, by name.
    """
    problem = identifier_problem(name)
    if problem is not None:
        raise DefinitionError(f"the component name {name!r} {problem}")
    return ComponentDefinition(name, env)
