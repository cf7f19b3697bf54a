"""What people may say about themselves and about each other."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm

from oms.accounts import people
from oms.accounts.models import User
from oms.accounts.roles import ALL, Role


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class PersonForm(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="What they sign in with.")
    name = forms.CharField(label="Name", max_length=80)
    role = forms.ChoiceField(label="Role", required=False, choices=[("", "None yet"), *Role.choices])
    all_locations = forms.BooleanField(label="Works at every location", required=False)
    places = forms.ModelMultipleChoiceField(
        label="Or only at", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["places"].queryset = people.locations()
        if person:
            del self.fields["email"]  # it is their name in the audit


class PasswordForm(SetPasswordForm):
    """Twice the same, and long."""


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "theme", "compact", "single_keys", "sound"]
        labels = {
            "name": "Name",
            "theme": "Colours",
            "compact": "Narrow rows",
            "single_keys": "Single-letter keys",
            "sound": "Sounds on scan screens",
        }
        help_texts = {
            "compact": "More rows on a screen.",
            "single_keys": "j and k in lists, g and a letter to go somewhere. Off for voice control.",
            "sound": "A beep for right and a buzz for wrong.",
        }
        widgets = {"theme": forms.RadioSelect}


class TokenForm(forms.Form):
    name = forms.CharField(label="What is it for?", max_length=80)
    user = forms.ModelChoiceField(
        label="Acts as", queryset=None, help_text="The token may never do more than this person's role."
    )
    scopes = forms.MultipleChoiceField(
        label="May", choices=[(name, name) for name in sorted(ALL)], widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label="Ends", coerce=int, choices=[(30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(is_active=True).exclude(role="").order_by("name")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        user, scopes = data.get("user"), data.get("scopes", [])
        if user and (beyond := [scope for scope in scopes if not user.can(scope)]):
            self.add_error("scopes", f"{user} may not {', '.join(beyond)}.")
        return data
