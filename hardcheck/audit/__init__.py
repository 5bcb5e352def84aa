"""The audit of an archive: its plans found, each held against its protocol once, all counted in a store.

Processes (`LocalWorkers`) evaluate plans; the process that asked for it alone writes to the store.
"""

from hardcheck.audit.against import Against
from hardcheck.audit.index import Index, index_archive, known_index
from hardcheck.audit.local import LocalWorkers
from hardcheck.audit.progress import Progress
from hardcheck.audit.run import Audited, audit
from hardcheck.audit.task import AuditTerms, Done, Task, checksums_of, evaluate_task
from hardcheck.audit.workers import Workers

__all__ = [
    "Against",
    "AuditTerms",
    "Audited",
    "Done",
    "Index",
    "LocalWorkers",
    "Progress",
    "Task",
    "Workers",
    "audit",
    "checksums_of",
    "evaluate_task",
    "index_archive",
    "known_index",
]
