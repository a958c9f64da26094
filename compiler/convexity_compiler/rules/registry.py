"""Every rule, and which of them a project's settings select."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from string import digits
from typing import TYPE_CHECKING

from convexity_compiler.config import ConfigError, did_you_mean
from convexity_compiler.diagnostics.model import TYPE_CHECKER
from convexity_compiler.records import replace, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.config import Config, Severity
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.rules.base import Rule

_RULES = {
    "PRJ001": "prj.syntax_error:SyntaxErrorRule",
    "PRJ002": "prj.unresolvable_definition:UnresolvableDefinition",
    "PRJ003": "prj.reserved_module_path:ReservedModulePath",
    "PRJ004": "prj.invalid_module_name:InvalidModuleName",
    "PRJ005": "prj.api_path_collision:ApiPathCollision",
    "PRJ006": "prj.misnamed_special_file:MisnamedSpecialFile",
    "PRJ007": "prj.special_export_missing:SpecialExportMissing",
    "PRJ008": "prj.schema_outside_schema_file:SchemaOutsideSchemaFile",
    "PRJ009": "prj.import_time_call:ImportTimeCall",
    "PRJ010": "prj.import_time_nondeterminism:ImportTimeNondeterminism",
    "PRJ011": "prj.impure_schema:ImpureSchema",
    "PRJ012": "prj.schema_import_cycle:SchemaImportCycle",
    "PRJ013": "prj.import_cycle:ImportCycle",
    "PRJ014": "prj.dynamic_import:DynamicImport",
    "PRJ015": "prj.star_import:StarImport",
    "PRJ016": "prj.conditional_registration:ConditionalRegistration",
    "PRJ017": "prj.test_in_functions_dir:TestInFunctionsDir",
    "PRJ019": "prj.shadowed_client_package:ShadowedClientPackage",
    "PRJ020": "prj.unresolved_import:UnresolvedImport",
    "FUN001": "fun.missing_args_validator:MissingArgsValidator",
    "FUN002": "fun.missing_returns_validator:MissingReturnsValidator",
    "FUN003": "fun.bare_registration:BareRegistration",
    "FUN004": "fun.sync_handler:SyncHandler",
    "FUN005": "fun.missing_ctx_parameter:MissingCtxParameter",
    "FUN006": "fun.args_signature_mismatch:ArgsSignatureMismatch",
    "FUN007": "fun.optional_arg_without_default:OptionalArgWithoutDefault",
    "FUN008": "fun.default_on_required_arg:DefaultOnRequiredArg",
    "FUN009": "fun.variadic_handler:VariadicHandler",
    "FUN010": "fun.duplicate_function_name:DuplicateFunctionName",
    "FUN011": "fun.invalid_function_name:InvalidFunctionName",
    "FUN012": "fun.conflicting_registration:ConflictingRegistration",
    "FUN013": "fun.registration_not_outermost:RegistrationNotOutermost",
    "FUN015": "fun.registration_through_api:RegistrationThroughApi",
    "FUN017": "fun.generator_handler:GeneratorHandler",
    "FUN018": "fun.unused_internal_function:UnusedInternalFunction",
    "FUN020": "fun.undocumented_public_function:UndocumentedPublicFunction",
    "FUN021": "fun.oversized_handler:OversizedHandler",
    "VAL001": "val.not_a_validator:NotAValidator",
    "VAL002": "val.unknown_validator:UnknownValidator",
    "VAL003": "val.deprecated_bigint:DeprecatedBigint",
    "VAL004": "val.unknown_table_id:UnknownTableId",
    "VAL005": "val.misplaced_optional:MisplacedOptional",
    "VAL006": "val.non_string_record_key:NonStringRecordKey",
    "VAL007": "val.invalid_literal:InvalidLiteral",
    "VAL008": "val.invalid_field_name:InvalidFieldName",
    "VAL009": "val.any_validator:AnyValidator",
    "VAL010": "val.degenerate_union:DegenerateUnion",
    "VAL011": "val.undiscriminated_union:UndiscriminatedUnion",
    "VAL012": "val.absent_or_null:AbsentOrNull",
    "VAL014": "val.nesting_too_deep:NestingTooDeep",
    "VAL015": "val.redeclared_document:RedeclaredDocument",
    "VAL016": "val.handwritten_pagination_shape:HandwrittenPaginationShape",
    "SCH001": "sch.invalid_table_name:InvalidTableName",
    "SCH002": "sch.reserved_table_name:ReservedTableName",
    "SCH003": "sch.invalid_table_shape:InvalidTableShape",
    "SCH004": "sch.declared_system_field:DeclaredSystemField",
    "SCH005": "sch.unbounded_array_field:UnboundedArrayField",
    "SCH006": "sch.untyped_foreign_key:UntypedForeignKey",
    "SCH008": "sch.disabled_schema_validation:DisabledSchemaValidation",
    "SCH010": "sch.unused_table:UnusedTable",
    "SCH013": "sch.generated_name_clash:GeneratedNameClash",
    "IDX001": "idx.index_name_missing_fields:IndexNameMissingFields",
    "IDX002": "idx.reserved_index_name:ReservedIndexName",
    "IDX003": "idx.invalid_index_name:InvalidIndexName",
    "IDX004": "idx.duplicate_index_name:DuplicateIndexName",
    "IDX005": "idx.duplicate_index_fields:DuplicateIndexFields",
    "IDX006": "idx.redundant_prefix_index:RedundantPrefixIndex",
    "IDX007": "idx.empty_index:EmptyIndex",
    "IDX008": "idx.repeated_index_field:RepeatedIndexField",
    "IDX009": "idx.id_in_index:IdInIndex",
    "IDX010": "idx.creation_time_in_index:CreationTimeInIndex",
    "IDX011": "idx.reserved_field_in_index:ReservedFieldInIndex",
    "IDX012": "idx.unknown_index_field:UnknownIndexField",
    "IDX013": "idx.too_many_index_fields:TooManyIndexFields",
    "IDX014": "idx.too_many_indexes:TooManyIndexes",
    "IDX015": "idx.search_field_not_string:SearchFieldNotString",
    "IDX016": "idx.duplicate_search_field:DuplicateSearchField",
    "IDX017": "idx.vector_field_not_floats:VectorFieldNotFloats",
    "IDX018": "idx.vector_dimensions_out_of_range:VectorDimensionsOutOfRange",
    "IDX019": "idx.duplicate_vector_field:DuplicateVectorField",
    "IDX020": "idx.staged_index_queried:StagedIndexQueried",
    "IDX021": "idx.unused_index:UnusedIndex",
    "IDX022": "idx.too_many_search_indexes:TooManySearchIndexes",
    "QRY001": "qry.filter_on_query:FilterOnQuery",
    "QRY002": "qry.unbounded_collect:UnboundedCollect",
    "QRY003": "qry.unknown_table:UnknownTable",
    "QRY004": "qry.unknown_index:UnknownIndex",
    "QRY005": "qry.index_fields_out_of_order:IndexFieldsOutOfOrder",
    "QRY006": "qry.field_not_in_index:FieldNotInIndex",
    "QRY007": "qry.invalid_index_range:InvalidIndexRange",
    "QRY008": "qry.delete_on_query:DeleteOnQuery",
    "QRY009": "qry.unconsumed_query:UnconsumedQuery",
    "QRY011": "qry.iterate_collected:IterateCollected",
    "QRY012": "qry.order_misuse:OrderMisuse",
    "QRY013": "qry.count_by_collect:CountByCollect",
    "QRY014": "qry.first_element_of_collect:FirstElementOfCollect",
    "QRY016": "qry.multiple_paginate:MultiplePaginate",
    "QRY017": "qry.rebuilt_pagination_opts:RebuiltPaginationOpts",
    "QRY018": "qry.page_size_out_of_range:PageSizeOutOfRange",
    "QRY019": "qry.search_without_term:SearchWithoutTerm",
    "QRY020": "qry.undeclared_search_filter:UndeclaredSearchFilter",
    "QRY021": "qry.system_table_via_db:SystemTableViaDb",
    "QRY024": "qry.resort_in_python:ResortInPython",
    "QRY025": "qry.python_operator_in_filter:PythonOperatorInFilter",
    "QRY026": "qry.take_exceeds_scan_limit:TakeExceedsScanLimit",
    "DBW001": "dbw.write_in_query:WriteInQuery",
    "DBW002": "dbw.db_in_action:DbInAction",
    "DBW003": "dbw.unknown_table_write:UnknownTableWrite",
    "DBW004": "dbw.document_shape_mismatch:DocumentShapeMismatch",
    "DBW005": "dbw.system_field_write:SystemFieldWrite",
    "DBW006": "dbw.system_table_write:SystemTableWrite",
    "DBW008": "dbw.id_of_other_table:IdOfOtherTable",
    "DBW009": "dbw.none_for_absent:NoneForAbsent",
    "DBW010": "dbw.unchecked_get:UncheckedGet",
    "DBW011": "dbw.unbounded_delete_loop:UnboundedDeleteLoop",
    "DBW012": "dbw.non_convex_value:NonConvexValue",
    "DBW013": "dbw.imprecise_number:ImpreciseNumber",
    "DBW015": "dbw.writes_over_limit:WritesOverLimit",
    "CTX001": "ctx.scheduler_in_query:SchedulerInQuery",
    "CTX002": "ctx.storage_write_outside_action:StorageWriteOutsideAction",
    "CTX003": "ctx.vector_search_outside_action:VectorSearchOutsideAction",
    "CTX004": "ctx.run_not_allowed:RunNotAllowed",
    "CTX005": "ctx.network_in_transaction:NetworkInTransaction",
    "CTX006": "ctx.blocking_call:BlockingCall",
    "CTX007": "ctx.host_access_in_transaction:HostAccessInTransaction",
    "CTX008": "ctx.unknown_ctx_attribute:UnknownCtxAttribute",
    "CTX009": "ctx.ctx_annotation_mismatch:CtxAnnotationMismatch",
    "CTX011": "ctx.helper_capability_mismatch:HelperCapabilityMismatch",
    "CTX016": "ctx.misshapen_ctx_call:MisshapenCtxCall",
    "CTX017": "ctx.unknown_identity_key:UnknownIdentityKey",
    "REF001": "ref.unknown_reference:UnknownReference",
    "REF002": "ref.wrong_visibility_reference:WrongVisibilityReference",
    "REF003": "ref.function_passed_directly:FunctionPassedDirectly",
    "REF004": "ref.kind_mismatch:KindMismatch",
    "REF005": "ref.call_args_mismatch:CallArgsMismatch",
    "REF006": "ref.direct_call:DirectCall",
    "REF007": "ref.public_function_used_internally:PublicFunctionUsedInternally",
    "REF008": "ref.action_from_action:ActionFromAction",
    "REF010": "ref.transaction_in_loop:TransactionInLoop",
    "REF011": "ref.nested_run_in_transaction:NestedRunInTransaction",
    "REF012": "ref.dynamic_reference:DynamicReference",
    "REF013": "ref.immediate_self_schedule:ImmediateSelfSchedule",
    "ASY001": "asy.missing_await:MissingAwait",
    "ASY002": "asy.awaited_builder:AwaitedBuilder",
    "ASY003": "asy.sync_loop_over_query:SyncLoopOverQuery",
    "ASY004": "asy.fire_and_forget_task:FireAndForgetTask",
    "ASY005": "asy.swallowed_transaction_error:SwallowedTransactionError",
    "DET001": "det.clock_in_query:ClockInQuery",
    "DET002": "det.randomness_in_query:RandomnessInQuery",
    "DET003": "det.mutable_module_state:MutableModuleState",
    "DET004": "det.hash_order_dependence:HashOrderDependence",
    "DET005": "det.sleep_in_transaction:SleepInTransaction",
    "WFL001": "wfl.nondeterminism_in_workflow:NondeterminismInWorkflow",
    "WFL002": "wfl.side_effect_in_workflow:SideEffectInWorkflow",
    "WFL003": "wfl.database_in_workflow:DatabaseInWorkflow",
    "WFL004": "wfl.unawaited_step:UnawaitedStep",
    "WFL005": "wfl.unannotated_workflow_result:UnannotatedWorkflowResult",
    "WFL007": "wfl.event_loop_primitive:EventLoopPrimitive",
    "WFL008": "wfl.workflow_run_as_mutation:WorkflowRunAsMutation",
    "WFL009": "wfl.workflow_start_in_query:WorkflowStartInQuery",
    "WFL010": "wfl.on_complete_signature:OnCompleteSignature",
    "WFL011": "wfl.public_on_complete:PublicOnComplete",
    "WFL015": "wfl.invalid_retry_policy:InvalidRetryPolicy",
    "WFL017": "wfl.polled_workflow:PolledWorkflow",
    "AGT001": "agt.generation_in_transaction:GenerationInTransaction",
    "AGT002": "agt.unauthorised_thread_access:UnauthorisedThreadAccess",
    "AGT004": "agt.tools_without_steps:ToolsWithoutSteps",
    "AGT005": "agt.unannotated_tool_result:UnannotatedToolResult",
    "AGT006": "agt.empty_tool_description:EmptyToolDescription",
    "AGT007": "agt.vector_search_without_embedding:VectorSearchWithoutEmbedding",
    "HTT001": "htt.path_without_slash:PathWithoutSlash",
    "HTT002": "htt.ambiguous_route_path:AmbiguousRoutePath",
    "HTT003": "htt.duplicate_route:DuplicateRoute",
    "HTT004": "htt.reserved_route:ReservedRoute",
    "HTT005": "htt.invalid_method:InvalidMethod",
    "HTT006": "htt.handler_not_http_action:HandlerNotHttpAction",
    "HTT007": "htt.missing_response:MissingResponse",
    "HTT009": "htt.unverified_webhook:UnverifiedWebhook",
    "HTT010": "htt.unrouted_http_action:UnroutedHttpAction",
    "HTT011": "htt.missing_preflight:MissingPreflight",
    "CRN001": "crn.disallowed_cron_helper:DisallowedCronHelper",
    "CRN002": "crn.duplicate_cron_name:DuplicateCronName",
    "CRN003": "crn.invalid_cron_name:InvalidCronName",
    "CRN004": "crn.invalid_interval:InvalidInterval",
    "CRN005": "crn.invalid_cron_expression:InvalidCronExpression",
    "CRN006": "crn.top_of_hour_cron:TopOfHourCron",
    "CRN007": "crn.cron_target_invalid:CronTargetInvalid",
    "CRN008": "crn.invalid_delay:InvalidDelay",
    "CRN009": "crn.suspicious_delay_unit:SuspiciousDelayUnit",
    "STO001": "sto.deprecated_storage_metadata:DeprecatedStorageMetadata",
    "STO002": "sto.unchecked_file_url:UncheckedFileUrl",
    "STO003": "sto.non_blob_store:NonBlobStore",
    "STO005": "sto.persisted_file_url:PersistedFileUrl",
    "SEC001": "sec.missing_access_control:MissingAccessControl",
    "SEC003": "sec.hardcoded_secret:HardcodedSecret",
    "SEC004": "sec.sensitive_public_name:SensitivePublicName",
    "SEC006": "sec.subject_as_identity:SubjectAsIdentity",
    "SEC008": "sec.mass_assignment:MassAssignment",
    "SEC009": "sec.sensitive_field_returned:SensitiveFieldReturned",
    "SEC011": "sec.leaked_exception_text:LeakedExceptionText",
    "ENV001": "env.raw_environment_access:RawEnvironmentAccess",
    "ENV002": "env.undeclared_variable:UndeclaredVariable",
    "ENV003": "env.invalid_variable:InvalidVariable",
    "ENV004": "env.env_read_at_import:EnvReadAtImport",
    "TYP001": "typ.arg_annotation_mismatch:ArgAnnotationMismatch",
    "TYP002": "typ.return_annotation_mismatch:ReturnAnnotationMismatch",
    "TYP003": "typ.missing_annotation:MissingAnnotation",
    "TYP004": "typ.str_for_id:StrForId",
    "TYP005": "typ.return_value_mismatch:ReturnValueMismatch",
    "TYP006": "typ.implicit_none_return:ImplicitNoneReturn",
    "TYP009": "typ.unknown_document_field:UnknownDocumentField",
    "TYP010": "typ.optional_field_subscript:OptionalFieldSubscript",
    "GEN001": "gen.stale_generated_code:StaleGeneratedCode",
    "GEN002": "gen.edited_generated_code:EditedGeneratedCode",
    "GEN003": "gen.orphan_generated_file:OrphanGeneratedFile",
    "GEN005": "gen.private_generated_import:PrivateGeneratedImport",
    "GEN006": "gen.unknown_generated_name:UnknownGeneratedName",
    "SUP001": "sup.unused_suppression:UnusedSuppression",
    "SUP002": "sup.unknown_rule_in_suppression:UnknownRuleInSuppression",
    "SUP003": "sup.blanket_suppression:BlanketSuppression",
    "SUP004": "sup.unmatched_range_suppression:UnmatchedRangeSuppression",
    "SUP005": "sup.suppression_without_reason:SuppressionWithoutReason",
    "SUP007": "sup.malformed_suppression:MalformedSuppression",
}
"""Module and class of every rule by code, by family as documented; the module bears its name."""


def _name(code: str) -> str:
    return _RULES[code].partition(":")[0].rpartition(".")[2].replace("_", "-")


def _code(name_or_code: str) -> str | None:
    wanted = name_or_code.lower()
    return next((code for code in _RULES if wanted in (_name(code), code.lower())), None)


@cache
def _load(code: str) -> type[Rule]:
    module, _, name = _RULES[code].partition(":")
    rule: type[Rule] = getattr(import_module(f"convexity_compiler.rules.{module}"), name)
    return rule


def all_rules() -> tuple[type[Rule], ...]:
    """Return every rule, by family as documented and then by code."""
    return tuple(_load(code) for code in _RULES)


@value
class SelectedRule:
    """A rule that runs, with the severity the settings give it."""

    rule: Rule
    severity: Severity

    def check(self, project: LinkedProject) -> list[Diagnostic]:
        """Return what the rule finds, with that severity."""
        found = list(self.rule.check(project))
        return self.graded(found) if found else found

    def graded(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return findings of the rule with that severity."""
        return [replace(diagnostic, severity=self.severity) for diagnostic in found]


def rule_names() -> tuple[str, ...]:
    """Return the names of all rules, in the order of their codes; no rule is imported."""
    return tuple(map(_name, _RULES))


def is_rule(name_or_code: str) -> bool:
    """Whether there is a rule with this name or code, in any case; no rule is imported."""
    return _code(name_or_code) is not None


def find_rule(name_or_code: str) -> type[Rule] | None:
    """Return the rule with a name or a code, in any case; no other rule is imported."""
    code = _code(name_or_code)
    return None if code is None else _load(code)


def require_rule(name_or_code: str, where: str) -> type[Rule]:
    """Return the rule with a name or a code.

    Raises ConfigError, with the nearest name, when there is none; ``where`` begins its text.
    """
    rule = find_rule(name_or_code)
    if rule is None:
        nearest = did_you_mean(name_or_code, rule_names())
        raise ConfigError(f"{where}: there is no rule `{name_or_code}`{nearest}")
    return rule


def select_rules(config: Config) -> tuple[SelectedRule, ...]:
    """Return the rules that run under these settings, by code.

    Raises ConfigError when the settings name a rule that does not exist.
    """
    selected = _rules(config.select, "`select`")
    ignored = _rules(config.ignore, "`ignore`")
    _rules(config.unsuppressible, "`unsuppressible`")
    for names in config.per_file_ignores.values():
        _rules(names, "`per-file-ignores`")
    severities = {
        rule: severity
        for name, severity in config.severity.items()
        for rule in _rules([name], "`severity`")
    }
    chosen = []
    for rule in all_rules():
        severity = rule.severity
        if config.profile == "recommended":
            severity = rule.recommended_severity or severity
        by_default = (
            not rule.on_demand
            and rule.edition <= config.edition
            and (severity != "info" or config.profile == "all")
        )
        if rule in ignored or not (by_default or rule in selected):
            continue
        chosen.append(SelectedRule(rule(), severities.get(rule, severity)))
    return tuple(chosen)


def _rules(names: Iterable[str], where: str) -> set[type[Rule]]:
    """Return the rules that a setting names; findings of a type checker have none."""
    return {
        rule
        for name in names
        if not name.startswith(TYPE_CHECKER)
        for rule in family(name) or [require_rule(name, where)]
    }


def family(name: str) -> list[type[Rule]]:
    """Return the rules of the family with that prefix, in any case; none for other names."""
    return [_load(code) for code in _RULES if code.rstrip(digits) == name.upper()]
