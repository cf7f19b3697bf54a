"""The location a person works at, kept in the session."""

from django.http import HttpRequest

from inventory.models import Location

KEY = "location"


def chosen(request: HttpRequest) -> Location | None:
    """The chosen one while the person may see it; who has only one need not choose."""
    mine = Location.objects.visible_to(request.user)
    found = mine.filter(pk=request.session.get(KEY)).first()
    if found is None and not request.user.all_locations:
        few = list(mine[:2])
        found = few[0] if len(few) == 1 else None
    return found


def choose(request: HttpRequest, location: Location) -> None:
    request.session[KEY] = location.pk
