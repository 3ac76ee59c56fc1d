"""The exit codes of `python -m sm_token`, as its help lists them."""

import sm_token

FAILED, MISUSED, UNUSABLE, WRONG_CLOCK, INTERRUPTED = 1, 2, 3, 8, 130

# By the tens of the status.
BY_STATUS = {1: UNUSABLE, 2: 4, 3: 5, 4: 6, 5: 7}


def exit_code(error: sm_token.Error) -> int:
    return BY_STATUS.get(error.status // 10, FAILED)
