"""Long work with a progress page at /jobs/<id>/ that survives closing the tab."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from oms.common.actors import Actor
from oms.common.models import Job

State = Job.State


def start(kind: str, *, total: int = 0, by: Any, **data: Any) -> Job:
    """A running job; `data` is what the task needs to go on after a crash."""
    actor = Actor.of(by)
    return Job.objects.create(kind=kind, total=total, data=data, user_id=actor.user_id, actor_label=actor.label)


def step(
    job: Job,
    *,
    done: int | None = None,
    total: int | None = None,
    message: str | None = None,
    result: dict | None = None,
) -> None:
    """Tell how far it is, and what has come of it so far. Call once a chunk, not once a row."""
    changes = {"done": done, "total": total, "message": message, "result": result}
    values = {name: value for name, value in changes.items() if value is not None}
    _save(job, **values)


def finish(job: Job, *, message: str = "Done", result: dict | None = None, result_url: str = "") -> None:
    _save(
        job,
        state=State.DONE,
        done=job.total or job.done,
        message=message,
        result=result or {},
        result_url=result_url,
        finished_at=timezone.now(),
    )


def fail(job: Job, message: str, *, result: dict | None = None, result_url: str = "") -> None:
    """`message` says what to do next, not only what went wrong."""
    _save(
        job,
        state=State.FAILED,
        message=message[:300],
        result=result or {},
        result_url=result_url,
        finished_at=timezone.now(),
    )


def url(job: Job) -> str:
    return reverse("common:job", args=[job.pk])


def _save(job: Job, **values: Any) -> None:
    """Only while it runs: a late step never reopens a job that has ended."""
    values["updated_at"] = timezone.now()
    if Job.objects.filter(pk=job.pk, state=State.RUNNING).update(**values):
        for name, value in values.items():
            setattr(job, name, value)
