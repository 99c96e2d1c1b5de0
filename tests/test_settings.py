"""gunicorn's settings, held against the classes that gunicorn itself knows once it is imported."""

import inspect
from pathlib import PurePosixPath
from textwrap import dedent

import gunicorn
import gunicorn.config

from render.settings import CONFIG, Option, Setting, find_options, find_settings
from render.source import SourceFile, Span, Tree
from tests.upstream import read_upstream


def settings(text: str, path: PurePosixPath = CONFIG) -> tuple[Setting, ...]:
    return find_settings(Tree("1.0", {path: SourceFile(path, dedent(text))}))


def test_every_setting_of_gunicorn_is_found_at_its_class() -> None:
    tree = read_upstream()
    assert gunicorn.__version__ == tree.release
    assert inspect.getsource(gunicorn.config) == tree.files[CONFIG].text
    found = find_settings(tree)
    known = [type(one) for one in gunicorn.config.make_settings().values()]
    assert len(known) == len(gunicorn.config.KNOWN_SETTINGS) > 90
    assert [(one.name, one.definition, one.line) for one in found] == sorted(
        ((one.name, one.__name__, inspect.getsourcelines(one)[1]) for one in known), key=lambda row: row[2]
    )


def test_a_setting_is_a_class_with_a_name_of_its_own() -> None:
    text = """\
        class Setting:
            name = None

        class Bind(Setting):
            '''Where to listen.'''
            name = "bind"
            default = "nowhere"

        class Abstract(Setting):
            section = "abstract"

        class Unrelated:
            name = "unrelated"

        class Workers(validate.Positive, Setting):
            section = other = "process"
            alias = name = "workers"

        class Nameless(Setting):
            name = 1

        def function():
            class Inner(Setting):
                name = "inner"
        """
    assert settings(text) == (Setting("bind", "Bind", 4), Setting("workers", "Workers", 15))


def test_a_package_without_gunicorn_s_configuration_has_no_settings() -> None:
    assert settings("class Bind(Setting):\n    name = 'bind'\n", PurePosixPath("lamp/config.py")) == ()


def options(text: str) -> tuple[Option, ...]:
    return find_options(SourceFile(CONFIG, dedent(text)))


def test_what_a_setting_s_class_says_is_what_gunicorn_reads_from_it() -> None:
    known = {name: type(one) for name, one in gunicorn.config.make_settings().items()}
    found = find_options(read_upstream().files[CONFIG])
    assert {one.name for one in found} == known.keys()
    for one in found:
        real = known[one.name]
        assert (one.section, one.action, one.text) == (real.section, real.action, real.desc)
        assert list(one.flags) == (real.cli or [])
        assert eval(one.type or "None", vars(gunicorn.config)) == real.type
        assert one.span.first == inspect.getsourcelines(real)[1]
        if one.hook is None:
            assert eval(one.default or "None", vars(gunicorn.config)) == real.default, one.name
        else:
            assert f"({one.hook})" == str(inspect.signature(real.default))


def test_a_default_that_a_condition_chooses_is_a_conditional_expression() -> None:
    text = """\
        class Bind(Setting):
            name = "bind"
            default = 0
            if A:
                default = 1
            elif B:
                default = 2
            if C:
                other = 3
        """
    assert [one.default for one in options(text)] == ["1 if A else 2 if B else 0"]


def test_what_a_setting_leaves_out_is_none() -> None:
    text = """\
        class Bind(Setting):
            name = "bind"
        """
    assert options(text) == (Option("bind", Span(1, 2), None, (), None, None, None, None, "", None),)
