"""Differences that have a line in docs/compatibility.md: texts of Java exceptions, for which Insula has texts of its own. Both become one word before they are compared."""
from __future__ import annotations

import re

# What stands behind the level of a log line, or in an answer that refuses: the original's text, Insula's text, the word for both.
_TEXTS = [
    # A text that is no JSON: Jackson's words, against what is wrong with which property or input.
    (re.compile(r"(?:Invalid value for (?:input|output) `[^`]*`\. Cause: )?(?:com\.fasterxml\.jackson\.[A-Za-z.]+Exception: | errors:\s+```\s+)(?:Unrecognized token|Unexpected |Cannot deserialize|Illegal |Leading zeros|No content)[\s\S]*"),
     re.compile(r"(?:Invalid value for (?:input|output) `[^`]*`\. Cause: )?(?:the text is not valid JSON|`\w+` must be |The values of this loop must be a JSON array|Missing required input:)[\s\S]*"), "<no JSON>"),
    # What an input refuses is in a frame of its own, or behind its name.
    (re.compile(r"^ ?errors:\s+```\s+([\s\S]*?)\s*```"), re.compile(r"^Invalid value for (?:input|output) `[^`]*`\. Cause: ((?:Text |YAML parsing error: ).*)"), r"\1"),
    (re.compile(r"^mapping values are not allowed here[\s\S]*"), re.compile(r"^YAML parsing error: mapping values are not allowed[\s\S]*"), "<no YAML>"),
    (re.compile(r"\n at \[Source: UNKNOWN[^\]]*\] \(through reference chain: [^)]*\) \(at line -1\)"), re.compile(r" \(at line \d+\)"), ""),
    (re.compile(r"No execution found for execution id \S+"), re.compile(r"(?<=ERROR )Execution not found|^Execution not found$"), "no execution"),
    # The known fields are in the order of a hash table.
    (re.compile(r"\(\d+ known properties: [^)]*\)"), re.compile(r"\(\d+ known properties: [^)]*\)"), "(known properties)"),
    (re.compile(r"[Ii]llegal genericflow source"), re.compile(r"[Ii]llegal flowwithsource source"), "illegal source"),
]
# Lines that only one side writes.
_LINES = re.compile(r"WARN Unable to save output on taskRun 'TaskRun\(|Unable to resolve state from the Flowable task: Cannot invoke \"java\.util\.List\.size\(\)\"|WARN No task found on flow '|ERROR io\.kestra\.core\.exceptions\.IllegalVariableEvaluationException: ")


def is_left_out(line: str) -> bool:
    return _LINES.search(line) is not None


def replaced(text: str) -> str:
    for theirs, ours, word in _TEXTS:
        text = ours.sub(word, theirs.sub(word, text))
    return text


def is_harmless(template: str) -> bool:
    """An expression that fails in the original without a message, and works in Insula: `isIn` a list with null, sorting the keys of a list."""
    return "isIn" in template or "keys" in template


def is_known(template: str, theirs: str, ours: str) -> bool:
    """Single differences of expressions that have a line in docs/compatibility.md."""
    return (("FunctionOrMacroNameNode" in theirs and "FunctionOrMacroNameNode" in ours)
            or ("| jq(" in template and (theirs == "value '[null]'" or "index(" in template or "huge" in template))
            or ("locale=" in template and "date(" in template and theirs.startswith("value"))
            or "existingFormat=" in template or "huge | date" in template or "isIn" in template
            or ("{1: " in template and "replace(" in template) or ("number" in template and theirs.startswith("error") and ours.startswith("error")))
