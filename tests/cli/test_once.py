"""Options that take one value are given once: of two, one would be left out in silence."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("check", "plan", "-p", "hard", "-p", "miyakojima"), "--protocol"),
        (("check", "plan", "-p", "hard", "--aliases", "a.yaml", "--aliases", "b.yaml"), "--aliases"),
        (("dvh", "plan", "--end-caps", "half", "--end-caps", "none"), "--end-caps"),
        (("protocols", "schema", "-o", "a.json", "-o", "b.json"), "-o"),
    ],
)
def test_twice_is_refused(run, tmp_path, monkeypatch, arguments, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan").mkdir()
    result = run(*arguments)
    assert result.exit_code == 2
    assert f"{named} is given 2 times: give it once" in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "plan"]


def test_options_that_may_be_repeated_are_not(run, box):
    result = run("dvh", box, "-m", "Mean[Gy]", "-m", "Max[Gy]", "--json", "-")
    assert result.exit_code == 0
