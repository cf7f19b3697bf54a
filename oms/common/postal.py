"""An address as plain data: what verbs, carriers and channels pass around instead of a row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PostalAddress:
    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""  # ISO 3166 alpha-2
    phone: str = ""

    def __str__(self) -> str:
        return ", ".join(self.lines())

    def lines(self) -> list[str]:
        """As on an envelope, phone left out."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        parts = (self.name, self.company, self.line1, self.line2, town, self.region, self.country)
        return [part for part in parts if part]
