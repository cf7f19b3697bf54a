"""What a person reads once everything is up."""

import json
from pathlib import Path


def text(address: str, home: Path) -> str:
    lines = ["", f"  The order desk is open:  {address}", "", *_demo(home, address)]
    lines += [f"  State and logs are in {home}. Ctrl-C ends it.", ""]
    return "\n".join(lines)


def _demo(home: Path, address: str) -> list[str]:
    """The accounts of the demo world, as `setup_demo` left them."""
    try:
        demo = json.loads((home / "demo.json").read_text())
    except FileNotFoundError:
        return []
    rows = [f"    {account['email']:<24}{account['role'] or 'no rights'}" for account in demo["accounts"]]
    api = [
        f"  API token  {demo['token']}",
        f'    curl -H "Authorization: Bearer {demo["token"]}" {address}/api/v1/stock',
        "",
    ]
    return [f"  Accounts, all with the password {demo['password']}", *rows, "", *api]
