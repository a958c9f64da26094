"""Every rule, and which of them a project's settings select."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.config import ConfigError, did_you_mean
from convexity_compiler.rules.crn.disallowed_cron_helper import DisallowedCronHelper
from convexity_compiler.rules.fun.args_signature_mismatch import ArgsSignatureMismatch
from convexity_compiler.rules.fun.bare_registration import BareRegistration
from convexity_compiler.rules.fun.conflicting_registration import ConflictingRegistration
from convexity_compiler.rules.fun.default_on_required_arg import DefaultOnRequiredArg
from convexity_compiler.rules.fun.duplicate_function_name import DuplicateFunctionName
from convexity_compiler.rules.fun.invalid_function_name import InvalidFunctionName
from convexity_compiler.rules.fun.missing_args_validator import MissingArgsValidator
from convexity_compiler.rules.fun.missing_ctx_parameter import MissingCtxParameter
from convexity_compiler.rules.fun.missing_returns_validator import MissingReturnsValidator
from convexity_compiler.rules.fun.optional_arg_without_default import OptionalArgWithoutDefault
from convexity_compiler.rules.fun.registration_through_api import RegistrationThroughApi
from convexity_compiler.rules.fun.sync_handler import SyncHandler
from convexity_compiler.rules.fun.variadic_handler import VariadicHandler
from convexity_compiler.rules.idx.duplicate_index_fields import DuplicateIndexFields
from convexity_compiler.rules.idx.duplicate_index_name import DuplicateIndexName
from convexity_compiler.rules.idx.index_name_missing_fields import IndexNameMissingFields
from convexity_compiler.rules.idx.invalid_index_name import InvalidIndexName
from convexity_compiler.rules.idx.redundant_prefix_index import RedundantPrefixIndex
from convexity_compiler.rules.idx.reserved_index_name import ReservedIndexName
from convexity_compiler.rules.idx.unknown_index_field import UnknownIndexField
from convexity_compiler.rules.prj.api_path_collision import ApiPathCollision
from convexity_compiler.rules.prj.conditional_registration import ConditionalRegistration
from convexity_compiler.rules.prj.invalid_module_name import InvalidModuleName
from convexity_compiler.rules.prj.reserved_module_path import ReservedModulePath
from convexity_compiler.rules.prj.schema_outside_schema_file import SchemaOutsideSchemaFile
from convexity_compiler.rules.prj.special_export_missing import SpecialExportMissing
from convexity_compiler.rules.prj.syntax_error import SyntaxErrorRule
from convexity_compiler.rules.prj.unresolvable_definition import UnresolvableDefinition
from convexity_compiler.rules.qry.filter_on_query import FilterOnQuery
from convexity_compiler.rules.sch.declared_system_field import DeclaredSystemField
from convexity_compiler.rules.sch.invalid_table_name import InvalidTableName
from convexity_compiler.rules.sch.invalid_table_shape import InvalidTableShape
from convexity_compiler.rules.sch.reserved_table_name import ReservedTableName
from convexity_compiler.rules.typ.arg_annotation_mismatch import ArgAnnotationMismatch
from convexity_compiler.rules.typ.missing_annotation import MissingAnnotation
from convexity_compiler.rules.typ.return_annotation_mismatch import ReturnAnnotationMismatch
from convexity_compiler.rules.val.deprecated_bigint import DeprecatedBigint
from convexity_compiler.rules.val.invalid_field_name import InvalidFieldName
from convexity_compiler.rules.val.misplaced_optional import MisplacedOptional
from convexity_compiler.rules.val.not_a_validator import NotAValidator
from convexity_compiler.rules.val.unknown_table_id import UnknownTableId
from convexity_compiler.rules.val.unknown_validator import UnknownValidator

if TYPE_CHECKING:
    from convexity_compiler.config import Config, Severity
    from convexity_compiler.rules.base import Rule

RULES: tuple[type[Rule], ...] = (
    SyntaxErrorRule,
    UnresolvableDefinition,
    ReservedModulePath,
    InvalidModuleName,
    ApiPathCollision,
    SpecialExportMissing,
    SchemaOutsideSchemaFile,
    ConditionalRegistration,
    MissingArgsValidator,
    MissingReturnsValidator,
    BareRegistration,
    SyncHandler,
    MissingCtxParameter,
    ArgsSignatureMismatch,
    OptionalArgWithoutDefault,
    DefaultOnRequiredArg,
    VariadicHandler,
    DuplicateFunctionName,
    InvalidFunctionName,
    ConflictingRegistration,
    RegistrationThroughApi,
    NotAValidator,
    UnknownValidator,
    DeprecatedBigint,
    UnknownTableId,
    MisplacedOptional,
    InvalidFieldName,
    InvalidTableName,
    ReservedTableName,
    InvalidTableShape,
    DeclaredSystemField,
    IndexNameMissingFields,
    ReservedIndexName,
    InvalidIndexName,
    DuplicateIndexName,
    DuplicateIndexFields,
    RedundantPrefixIndex,
    UnknownIndexField,
    FilterOnQuery,
    DisallowedCronHelper,
    ArgAnnotationMismatch,
    ReturnAnnotationMismatch,
    MissingAnnotation,
)
"""All rules: by family as documented, then by code."""


@dataclass(frozen=True, slots=True)
class SelectedRule:
    """A rule that runs, with the severity the settings give it."""

    rule: Rule
    severity: Severity


def find_rule(name_or_code: str) -> type[Rule] | None:
    """Return the rule with a name or a code, in any case."""
    wanted = name_or_code.lower()
    for rule in RULES:
        if wanted in (rule.name, rule.code.lower()):
            return rule
    return None


def require_rule(name_or_code: str, where: str) -> type[Rule]:
    """Return the rule with a name or a code.

    Raises ConfigError, with the nearest name, when there is none; ``where`` begins its text.
    """
    rule = find_rule(name_or_code)
    if rule is None:
        nearest = did_you_mean(name_or_code, [known.name for known in RULES])
        raise ConfigError(f"{where}: there is no rule `{name_or_code}`{nearest}")
    return rule


def select_rules(config: Config) -> tuple[SelectedRule, ...]:
    """Return the rules that run under these settings, by code.

    Raises ConfigError when the settings name a rule that does not exist.
    """
    selected = {require_rule(name, "`select`") for name in config.select}
    ignored = {require_rule(name, "`ignore`") for name in config.ignore}
    for name in config.unsuppressible:
        require_rule(name, "`unsuppressible`")
    for names in config.per_file_ignores.values():
        for name in names:
            require_rule(name, "`per-file-ignores`")
    severities = {
        require_rule(name, "`severity`"): severity for name, severity in config.severity.items()
    }
    chosen = []
    for rule in RULES:
        severity = rule.severity
        if config.profile == "recommended":
            severity = rule.recommended_severity or severity
        if rule in ignored or (
            severity == "info" and config.profile != "all" and rule not in selected
        ):
            continue
        chosen.append(SelectedRule(rule(), severities.get(rule, severity)))
    return tuple(chosen)
