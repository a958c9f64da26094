"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

InvoiceState: TypeAlias = Literal["draft", "sent", "paid", "void"]
PaymentState: TypeAlias = Literal["announced", "received", "returned"]
ClaimState: TypeAlias = Literal["sent", "accepted", "disputed"]

invoice_state = v.literal("draft", "sent", "paid", "void")
payment_state = v.literal("announced", "received", "returned")
claim_state = v.literal("sent", "accepted", "disputed")
