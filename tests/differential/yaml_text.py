"""Writes plain data as block YAML: what a person would write, and what Kestra and Insula both read. Texts are in JSON quotes, so nothing is read as another type."""
from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def dump(value: object, indent: str = "") -> str:
    """Lines that end with a line break; `value` is a map or a list."""
    text = ""
    if isinstance(value, dict):
        for key, held in value.items():
            text += f"{indent}{scalar(key)}:" + (f" {_inline(held)}\n" if _is_inline(held) else "\n" + dump(held, indent + "  "))
    else:
        for held in value:
            if _is_inline(held):
                text += f"{indent}- {_inline(held)}\n"
            else:
                text += f"{indent}- " + dump(held, indent + "  ")[len(indent) + 2:]
    return text


def _is_inline(value: object) -> bool:
    return not isinstance(value, (dict, list)) or not value or (isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value))


def _inline(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return "{}" if isinstance(value, dict) else scalar(value)
