"""Tables: what is owed and paid."""

from convexity.server import define_table
from convexity.values import v

from .states import claim_state, invoice_state, payment_state

TABLES = {
    "invoices": define_table(
        patientId=v.id("patients"),
        subject=v.string(),
        total=v.number(),
        issuedAt=v.number(),
        state=invoice_state,
    )
    .index("by_patientId_and_issuedAt", ["patientId", "issuedAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .search_index("search_subject", search_field="subject"),
    "positions": define_table(
        invoiceId=v.id("invoices"), label=v.string(), price=v.number(), addedAt=v.number()
    )
    .index("by_invoiceId_and_addedAt", ["invoiceId", "addedAt"])
    .index("by_invoiceId_and_price", ["invoiceId", "price"]),
    "payments": define_table(
        invoiceId=v.id("invoices"),
        reference=v.string(),
        sum=v.number(),
        receivedAt=v.number(),
        state=payment_state,
        code=v.string(),
    )
    .index("by_invoiceId_and_receivedAt", ["invoiceId", "receivedAt"])
    .index("by_invoiceId_and_state", ["invoiceId", "state"])
    .index("by_code", ["code"]),
    "claims": define_table(
        insuranceId=v.id("insurances"),
        reason=v.string(),
        share=v.number(),
        sentAt=v.number(),
        state=claim_state,
    )
    .index("by_insuranceId_and_sentAt", ["insuranceId", "sentAt"])
    .index("by_insuranceId_and_state", ["insuranceId", "state"]),
}
