import itertools

from tests.experiments.campaign import Failure, Job, Verdict, run_campaign, run_once
from tests.experiments.checkout import RELEASES

STEADY, FLAKY, BROKEN = (Job(__name__, slug, "23.0.0") for slug in ("steady", "flaky", "broken"))
COUNT = itertools.count()


def attempt(job: Job) -> Verdict:
    if job == BROKEN:
        return Failure("it broke\n")
    number = 0 if job == STEADY else next(COUNT)
    return {"python": "3.11", "platform": "linux", "observed": {"number": f"{number}"}}


def test_what_was_the_same_every_time_is_the_verdict() -> None:
    told: list[Job] = []
    (verdict,) = run_campaign(attempt, [STEADY], 3, 1, told.append)
    assert verdict == (STEADY, {"python": "3.11", "platform": "linux", "observed": {"number": "0"}})
    assert told == [STEADY] * 3


def test_a_difference_is_shown_and_ends_the_attempts() -> None:
    told: list[Job] = []
    (verdict,) = run_campaign(attempt, [FLAKY], 9, 1, told.append)
    assert verdict == (
        FLAKY,
        Failure(
            """\
--- once
+++ another time
@@ -1,5 +1,5 @@
 {
   "observed": {
-    "number": "0"
+    "number": "1"
   }
 }
"""
        ),
    )
    assert told == [FLAKY] * 9


def test_one_that_fails_leaves_the_others_their_verdicts() -> None:
    verdicts = dict(run_campaign(attempt, [BROKEN, STEADY], 2, 2, lambda job: None))
    assert verdicts.keys() == {BROKEN, STEADY}
    assert verdicts[BROKEN] == Failure("it broke\n")
    assert verdicts[STEADY] == {"python": "3.11", "platform": "linux", "observed": {"number": "0"}}


def test_an_experiment_that_raises_fails_with_its_trace() -> None:
    verdict = run_once(Job(__name__, "no-such-experiment", RELEASES.documented))
    assert isinstance(verdict, Failure)
    assert verdict.text.endswith("KeyError: 'no-such-experiment'\n")
