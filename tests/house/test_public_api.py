"""`hardcheck.__all__` is the API."""

import inspect

import pytest

import hardcheck


def test_all_is_sorted_and_complete():
    def constants_classes_functions(name):
        return not name.isupper(), not name[0].isupper(), name

    assert list(hardcheck.__all__) == sorted(hardcheck.__all__, key=constants_classes_functions)
    assert len(set(hardcheck.__all__)) == len(hardcheck.__all__)
    assert dir(hardcheck) == sorted(hardcheck.__all__)


@pytest.mark.parametrize("name", hardcheck.__all__)
def test_every_name_is_there_and_documented(name):
    value = getattr(hardcheck, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__module__.startswith("hardcheck.")
        assert inspect.getdoc(value)
        for member_name, member in inspect.getmembers(value, inspect.isfunction):
            if not member_name.startswith("_") and member.__module__.startswith("hardcheck."):
                assert inspect.getdoc(member), f"{name}.{member_name}"


def test_the_statement_and_version_are_text():
    assert "not a medical device" in hardcheck.STATEMENT
    assert hardcheck.__version__.count(".") == 2


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        hardcheck.no_such_name  # noqa: B018


def test_errors_are_one_family():
    errors = [getattr(hardcheck, name) for name in hardcheck.__all__ if name.endswith("Error")]
    assert all(issubclass(error, hardcheck.HardcheckError) for error in errors)
