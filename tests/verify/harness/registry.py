"""The cases: functions marked with @case in the modules of cases/. A case is named by module and function."""

import importlib
import pathlib

_CASES = {}


def case(function):
    area = function.__module__.rpartition(".")[2]
    name = f"{area}/{function.__name__.replace('_', '-')}"
    if name in _CASES:
        raise ValueError(f"two cases are named {name}")
    _CASES[name] = function
    return function


def cases(**variants):
    """One function as several cases: @cases(name=value, ...) calls it with each value."""

    def mark(function):
        for name, value in variants.items():

            def one(test, value=value):
                function(test, value)

            one.__module__, one.__doc__ = function.__module__, function.__doc__
            one.__name__ = f"{function.__name__}_{name}"
            case(one)
        return function

    return mark


def load(folder):
    for path in sorted(pathlib.Path(folder).glob("*.py")):
        if path.stem != "__init__":
            importlib.import_module(f"cases.{path.stem}")
    return dict(_CASES)
