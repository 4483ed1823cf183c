"""Why an award was not told, or a step refused, is said with the words of the API's problems."""

from __future__ import annotations

import pytest

from laurel.http.problems import PROBLEMS
from laurel.messaging import gates
from laurel.model import errors
from laurel.model.errors import code_of

KNOWN = [it for it in vars(gates).values() if isinstance(it, type) and issubclass(it, errors.LaurelError)]
MET = [it for it in KNOWN if it is not errors.LaurelError]


@pytest.mark.parametrize(
    "error", [*MET, errors.FieldsWithoutValue, errors.NotFound, errors.InvalidInput], ids=lambda it: it.__name__
)
def test_a_problem_is_named_as_in_the_api(error: type[errors.LaurelError]) -> None:
    assert code_of(error.__new__(error)) == PROBLEMS[error].slug


def test_all_that_stands_in_the_way_of_mail_is_looked_at() -> None:
    assert len(MET) >= 12
