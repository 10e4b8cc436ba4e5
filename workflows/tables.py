"""Every table of Hent, known to the metadata once this module is imported."""

from engine import anchors, blobs, undo
from engine import models as engine_models
from workflows.cases import models as case_models
from workflows.deadlines import models as deadline_models
from workflows.notices import models as notice_models
from workflows.patients import models as patient_models
from workflows.rcp import models as rcp_models
from workflows.records import models as record_models
from workflows.revisions import models as revision_models
from workflows.staff import models as staff_models

MODELS = (
    blobs,
    engine_models,
    undo,
    anchors,
    staff_models,
    patient_models,
    case_models,
    deadline_models,
    notice_models,
    rcp_models,
    record_models,
    revision_models,
)
