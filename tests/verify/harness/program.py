"""A run of the program that must fail."""


def fails(t, status, *words, arguments, lines=1):
    """It ends with this status and one line with these words, and never shows internals."""
    process = t.run(*arguments)
    errors = [line for line in process.stderr.decode().splitlines() if ": warning: " not in line]
    assert process.returncode == status, f"exit status {process.returncode}: {errors}"
    assert lines is None or len(errors) == lines, f"{len(errors)} lines: {errors}"
    for word in words:
        assert word in "\n".join(errors), f"{word!r} is not in {errors}"
    for word in ("terminate called", "what():", "EAL:", "Segmentation", "core dumped"):
        assert word not in process.stderr.decode(), f"{errors}"
    return process
