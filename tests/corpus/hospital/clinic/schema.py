"""The schema of the hospital, put together of what the packages keep."""

from convexity.server import define_schema

from .accounts.tables import TABLES as ACCOUNTS
from .care.tables import TABLES as CARE
from .imaging import tables as imaging
from .laboratory import tables as laboratory
from .messages.tables import messages
from .people.tables import staff_members
from .pharmacy.tables import TABLES as PHARMACY
from .registry import tables as registry
from .staff import tables as staff
from .support import tables as support
from .theatre.tables import TABLES as THEATRE
from .wards.tables import TABLES as WARDS

schema = define_schema(
    {
        **ACCOUNTS,
        **CARE,
        **PHARMACY,
        **THEATRE,
        **WARDS,
        "studies": imaging.studies,
        "reports": imaging.reports,
        "scanners": imaging.scanners,
        "lab_orders": laboratory.lab_orders,
        "samples": laboratory.samples,
        "results": laboratory.results,
        "lab_devices": laboratory.lab_devices,
        "patients": registry.patients,
        "relatives": registry.relatives,
        "allergies": registry.allergies,
        "consents": registry.consents,
        "insurances": registry.insurances,
        "departments": staff.departments,
        "shifts": staff.shifts,
        "leaves": staff.leaves,
        "trainings": staff.trainings,
        "meals": support.meals,
        "cleanings": support.cleanings,
        "rides": support.rides,
        "messages": messages,
        "staff_members": staff_members,
    }
)
