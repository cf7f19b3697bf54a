"""News of a parcel that a person heard of: the driver's word, a call, a card."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from carriers.providers.base import TrackingNews
from carriers.statuses import Incident, TrackingStatus

TOLD = [s for s in TrackingStatus if s not in (TrackingStatus.UNKNOWN, TrackingStatus.PENDING)]


class NewsForm(forms.Form):
    status = forms.ChoiceField(label="What happened", choices=[(status.value, status.label) for status in TOLD])
    at = forms.DateTimeField(
        label="When", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    incident_reason = forms.ChoiceField(label="Why, if something went wrong", choices=Incident.choices, required=False)
    text = forms.CharField(label="Said", max_length=200, required=False)
    signed_by = forms.CharField(label="Taken by", max_length=120, required=False)

    def clean_at(self):
        at = self.cleaned_data["at"]
        if at > timezone.now() + timedelta(minutes=5):
            raise forms.ValidationError("This is still to come.")
        return at

    def news(self, who: str) -> TrackingNews:
        told = self.cleaned_data
        return TrackingNews(
            at=told["at"],
            status=told["status"],
            text=told["text"] or f"Noted by {who}",
            incident_reason=told["incident_reason"],
            signed_by=told["signed_by"],
            code=f"by {who}"[:60],
        )
