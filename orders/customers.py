"""Know a buyer again."""

from django.db import IntegrityError, transaction

from orders.models import Customer


def match(*, name: str, email: str, phone: str) -> Customer | None:
    """The customer of this e-mail, else of this phone and name; else a new one; None for a nameless sale."""
    email, name, phone = email.strip(), name.strip(), phone.strip()
    if email:
        return _of_email(email, name, phone)
    if not (name or phone):
        return None
    known = Customer.objects.filter(email="", name__iexact=name, phone=phone).order_by("pk").first()
    return known or Customer.objects.create(name=name, phone=phone)


def _of_email(email: str, name: str, phone: str) -> Customer:
    try:
        with transaction.atomic():
            found = Customer.objects.filter(email__iexact=email).first()
            return found or Customer.objects.create(name=name, email=email, phone=phone)
    except IntegrityError:  # two first orders at the same moment
        return Customer.objects.get(email__iexact=email)
