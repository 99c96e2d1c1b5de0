import os

import pytest

from tests.experiments.experiment import Observations, experiment, find_experiments, index
from tests.experiments.lab import Lab


@experiment(slug="example", title="A title", question="A question?", topic="tests")
def example(lab: Lab) -> Observations:
    return {"here": str(lab.folder)}


@experiment(slug="privileged", title="A title", question="A question?", topic="tests", as_root=True)
def privileged(lab: Lab) -> Observations:
    return {"user": str(os.geteuid())}


def test_an_experiment_knows_its_function() -> None:
    assert (example.function, example.source) == ("example", "tests/experiments/test_experiment.py")


def test_experiments_are_found_in_all_modules_but_those_of_tests() -> None:
    found = find_experiments()
    assert {"tests/experiments/boot.py", "tests/experiments/boot_config.py"} <= {one.source for one in found.values()}
    assert "example" not in found


def test_two_experiments_of_one_slug_are_refused() -> None:
    other = experiment(slug="example", title="Another", question="Another?", topic="tests")(example.run)
    with pytest.raises(ValueError, match="two experiments are called example; rename one"):
        index([example, other])


def test_an_experiment_that_a_second_module_imports_is_one_experiment() -> None:
    assert index([example, example]) == {"example": example}


def test_one_as_root_can_be_run_by_root_and_by_nobody_else() -> None:
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.seteuid(65534)
        os._exit(privileged.can_run)
    _, status = os.waitpid(child, 0)
    assert (status, example.can_run, privileged.can_run) == (0, True, os.geteuid() == 0)
