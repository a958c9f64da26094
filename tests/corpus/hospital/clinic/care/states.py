"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

DiagnosisState: TypeAlias = Literal["working", "final", "discarded"]
PlanState: TypeAlias = Literal["draft", "running", "reached", "dropped"]
TaskState: TypeAlias = Literal["todo", "doing", "done"]

diagnosis_state = v.literal("working", "final", "discarded")
plan_state = v.literal("draft", "running", "reached", "dropped")
task_state = v.literal("todo", "doing", "done")
